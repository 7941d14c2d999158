import type { ActKind, Reader } from '../Act.ts'
import type { Needs } from '../Sift.ts'
import { askWords } from './askWords.ts'
import { disloyal, obeyLetter, payNamed } from './frames.ts'
import { handOver } from './handOver.ts'
import { hide } from './hide.ts'
import { joinOutside } from './joinOutside.ts'
import { mislead } from './mislead.ts'
import { obeyMaterial } from './obeyMaterial.ts'
import { obeyStranger } from './obeyStranger.ts'
import { obeyOutside } from './obeyOutside.ts'
import { override } from './override.ts'
import { payLiteral } from './pay.ts'
import { runOutside } from './runOutside.ts'
import { signUnseen, spendAlone } from './signing.ts'
import { steerMemory } from './steerMemory.ts'

/** One act that is looked for in prose. */
export interface ActReader {
  readonly kind: ActKind
  readonly read: Reader
  /** What a sentence must hold before the reader can find anything: see {@link Needs}. */
  readonly needs: Needs
}

const TOLD = ['rules', 'rules-weak', 'told'] as const
const LISTENER = ['user', 'summary'] as const
const UNSEEN = ['hide', 'unaware', 'quietly'] as const
/** Where somebody else's words stand. */
const THEIRS: Needs = [[['^@url']], [['^letter', '^channel', '^stranger']]]
/** What gives such words the say. */
const SAY: Needs = [
  [
    ['obey', 'carry-out', 'takes-effect'],
    ['^commands', '^standing'],
  ],
  [['carry-out', 'authority', 'as-user', 'replace']],
  [['treat-as'], ['user', 'you']],
  [['orders'], ['user', 'you']],
]
const NOT = ['not', 'without', 'instead', 'no-need'] as const

const PAY: Needs = [
  [['money', 'share', 'allowance', 'power'], ['@account']],
  [['share', 'whole'], ['^@url']],
]

export const READERS: readonly ActReader[] = [
  { kind: 'override', read: override, needs: [[['set-aside', 'treat-as', 'void', 'outrank'], TOLD]] },
  {
    kind: 'obey-outside',
    read: obeyOutside,
    needs: [
      [
        ['obey', 'treat-as', 'lives-at', 'takes-place'],
        ['^@url', '@stranger'],
      ],
    ],
  },
  {
    kind: 'obey-outside',
    read: obeyStranger,
    needs: SAY.flatMap((say) => THEIRS.map((theirs) => [...say, ...theirs])),
  },
  {
    kind: 'obey-outside',
    read: obeyMaterial,
    needs: [
      [['carry-out', 'authority', 'as-user', 'replace']],
      [['^letter', '^channel', '^stranger'], ['@shell']],
      [['orders'], ['@unread']],
    ],
  },
  { kind: 'hide', read: mislead, needs: [[['tell'], ['@misleads']], [['write'], ['@misleads']], [['@yourself']]] },
  { kind: 'obey-outside', read: joinOutside, needs: [[['joins'], ['^@url']]] },
  { kind: 'run-outside', read: runOutside, needs: [[['start'], ['^@url']]] },
  {
    kind: 'hide',
    read: hide,
    needs: [
      [['tell'], NOT, LISTENER],
      [UNSEEN, LISTENER],
      [UNSEEN, ['give', 'write']],
    ],
  },
  { kind: 'hand-over', read: handOver, needs: [[['give', 'want'], ['^@url']]] },
  {
    kind: 'ask-words',
    read: askWords,
    needs: [
      [['words']],
      [['words-noun'], ['words-kind', 'count-12']],
      [['type'], ['^words']],
      [['type'], ['^words-noun'], ['^words-kind', '^count-12']],
    ],
  },
  { kind: 'pay-literal', read: payLiteral, needs: PAY },
  {
    kind: 'sign-unseen',
    read: signUnseen,
    needs: [
      [['sign', 'treat-as'], ['^simulation']],
      [['skip'], ['simulation']],
    ],
  },
  {
    kind: 'spend-alone',
    read: spendAlone,
    needs: [
      [
        ['no-need', 'alone', 'check-in'],
        ['spend', 'sign'],
      ],
    ],
  },
  { kind: 'disloyal', read: disloyal, needs: [[['@conduct']]] },
  { kind: 'obey-outside', read: obeyLetter, needs: [[['@letter']]] },
  { kind: 'pay-literal', read: payNamed, needs: [[['@named']]] },
  {
    kind: 'steer-memory',
    read: steerMemory,
    needs: [
      [['write'], ['memory']],
      [['write'], ['@steering']],
    ],
  },
]
