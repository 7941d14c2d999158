import type { ActKind, Reader } from '../Act.ts'
import type { Concept } from '../Lexicon.ts'
import { askWords } from './askWords.ts'
import { handOver } from './handOver.ts'
import { hide } from './hide.ts'
import { obeyOutside } from './obeyOutside.ts'
import { override } from './override.ts'
import { payLiteral } from './pay.ts'
import { signUnseen, spendAlone } from './signing.ts'
import { steerMemory } from './steerMemory.ts'

/** One act that is looked for in prose. */
export interface ActReader {
  readonly kind: ActKind
  readonly read: Reader
  /** A sentence that says it has, of every group, one of these. */
  readonly needs: readonly (readonly Concept[])[]
}

const TOLD: readonly Concept[] = ['rules', 'rules-weak', 'told']

export const READERS: readonly ActReader[] = [
  { kind: 'override', read: override, needs: [['set-aside', 'treat-as', 'void', 'outrank'], TOLD] },
  { kind: 'obey-outside', read: obeyOutside, needs: [['obey', 'treat-as', 'lives-at', 'takes-place']] },
  { kind: 'hide', read: hide, needs: [['tell', 'hide', 'unaware', 'quietly']] },
  { kind: 'hand-over', read: handOver, needs: [['give', 'want']] },
  { kind: 'ask-words', read: askWords, needs: [['words', 'words-noun', 'type']] },
  { kind: 'pay-literal', read: payLiteral, needs: [['money', 'share', 'allowance']] },
  { kind: 'sign-unseen', read: signUnseen, needs: [['sign', 'treat-as']] },
  {
    kind: 'spend-alone',
    read: spendAlone,
    needs: [
      ['no-need', 'alone', 'check-in'],
      ['spend', 'sign'],
    ],
  },
  { kind: 'steer-memory', read: steerMemory, needs: [['write']] },
]
