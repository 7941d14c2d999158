import { Address, Digest, type Hex } from '@countersign/base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld } from '../../catalogue/openWorld.ts'
import type { World } from '../../catalogue/World.ts'
import type { AuthorityChange } from '../model/Authority.ts'
import type { ClearSigning } from '../model/ClearSigning.ts'
import type { Report } from '../model/Report.ts'
import type { TokenChange } from '../model/TokenChange.ts'
import { renderCard, renderReport } from './renderReport.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const ETHER = 10n ** 18n

test('promise: what the card leaves out is counted and summed, and large amounts come first', async () => {
  const people = Array.from({ length: 40 }, (_, i) =>
    Address.parse(`0x${(0xa11ce0000 + i).toString(16).padStart(40, '0')}`),
  )
  const { card, report } = await world.play(async () => ({
    calls: [
      world.call(
        'TryBatch',
        await world.deploy('TryBatch'),
        'run',
        [people.map((target, i) => ({ target, value: BigInt(i + 1) * 10n ** 15n, data: '0x' }))],
        { value: ETHER },
      ),
    ],
  }))
  const paid = report.tokenChanges.filter(({ account }) => people.includes(account))
  expect(paid.length).toBe(40)
  const [, others = ''] = card.split('Others\n')
  const [first = ''] = others.split('\n')
  // The batch keeps what it was not asked to pay; of the people the last gets most.
  expect(others.indexOf(people[39] as string)).toBeGreaterThanOrEqual(0)
  expect(others.indexOf(people[39] as string)).toBeLessThan(others.indexOf(people[38] as string))
  expect(first).not.toContain(people[0])
  expect(card.replaceAll(/\s+/g, ' ')).toMatch(/and 29 more accounts of 42 in all, which together get \+0\.435 ETH/)
})

const at = (byte: string): Address.Address => Address.parse(`0x${byte.repeat(20)}`)
const ME = at('11')
const SAFE = at('22')
const TOKEN = at('33')
const THIEF = at('44')
const POOL = at('55')
const FRIEND = at('66')
const WORD = `0x${'77'.repeat(32)}` satisfies Hex.Hex

function changeOf(account: Address.Address, delta: bigint, more: Partial<TokenChange> = {}): TokenChange {
  const coin = { standard: 'native', token: null, tokenId: null, symbol: 'ETH', decimals: 18 } as const
  return { account, ...coin, before: 0n, after: 0n, delta, provenBy: 'storage', ...more }
}
const COINS = { standard: 'erc20', token: TOKEN, symbol: 'USDC', decimals: 6 } as const

function grantOf(kind: AuthorityChange['kind'], more: Partial<AuthorityChange> = {}): AuthorityChange {
  return {
    ...{ owner: ME, kind, contract: TOKEN, subject: THIEF, before: 0n, after: 1_500_000n, unlimited: false },
    ...{ expiresMs: null, valueAtRisk: [], symbol: 'USDC', decimals: 6, ...more },
  }
}

function wordsOf(more: Partial<ClearSigning> = {}): ClearSigning {
  const none = { interpolatedIntent: null, fields: [], unformatted: [], leftOut: [] }
  return { intent: 'Pay rent', owner: 'Rent Ltd', descriptor: 'rent.json', ...none, ...more }
}

/** Nothing but a transaction that does nothing. */
const QUIET: Report = {
  version: 1,
  chainId: 1,
  chain: {
    id: 1,
    name: 'Ethereum',
    coin: 'ETH',
    engine: 'local',
    modelled: true,
    probe: 'conforms',
    record: 'shipped',
  },
  from: ME,
  block: {
    ...{ number: 100n, hash: WORD, parentHash: WORD, timestampMs: 1_000_000, stateRoot: WORD },
  } as unknown as Report['block'],
  verdict: 'allow',
  willRevert: false,
  steps: [
    {
      ...{
        step: 1,
        label: 'pay',
        status: 'success',
        revert: null,
        gasUsed: 21_000n,
        gasLimit: 30_000n,
        returnData: '0x',
      },
      ...{ calls: null, logs: [], clearSigning: null },
    },
  ],
  contractCalls: [],
  tokenChanges: [],
  controlled: [],
  authorityChanges: [],
  keptForYou: [],
  gasEstimate: { gasLimit: 30_000n, gasUsed: 21_000n, maxFeeWei: 2n * ETHER, expectedFeeWei: ETHER, l1FeeWei: null },
  environments: [{ name: 'next block', agrees: true, differs: [], decidedBy: [], tokenChanges: [] }],
  environmentReads: [],
  lookahead: [],
  intent: null,
  signature: null,
  findings: [],
  notChecked: [],
  readSet: { digest: Digest.ofJson({}), slots: 0, accounts: 0 },
  receipt: null,
}

/** The rows below a title, or null where the card has no such section. */
function rowsOf(title: string, more: Partial<Report>, width = 1_000): string[] | null {
  const lines = renderCard({ ...QUIET, ...more }, { width }).split('\n')
  const from = lines.indexOf(title)
  if (from < 0) return null
  const to = lines.indexOf('', from)
  return lines.slice(from + 1, to < 0 ? undefined : to).map((line) => line.slice(2))
}

describe('promise: the card says', () => {
  test('of a transaction that does nothing so much, and nothing else', () => {
    expect(renderCard(QUIET).split('\n')).toEqual([
      '─'.repeat(88),
      `ALLOW  Ethereum (chain 1), from ${ME}`,
      '─'.repeat(88),
      '',
      'Your balances',
      '  nothing changes, fees aside',
      '',
      'Network fee',
      '  at most 2 ETH, expected 1 ETH (gas limit 30000)',
      '',
      'Steps',
      '  1. pay: success',
      '',
      'Environments',
      '  next block agrees',
    ])
  })

  test('the age of its block, never less than nothing, and its receipt', () => {
    const below = (nowMs: number, more: Partial<Report> = {}) =>
      renderReport({ ...QUIET, ...more }, { nowMs })
        .split('\n')
        .slice(15)
    expect(below(1_003_400)).toEqual(['', `Simulated on block 100 (${WORD.slice(0, 10)}…), 3 s old`])
    expect(below(0)).toEqual(['', `Simulated on block 100 (${WORD.slice(0, 10)}…), 0 s old`])
    const receipt = { digest: 'sha256:1', expiresAtMs: 0 } as unknown as Report['receipt']
    expect(below(1_000_000, { receipt })[2]).toBe('Receipt sha256:1, good until 1970-01-01T00:00:00.000Z')
  })

  test('how much was not checked, by kinds, under a verdict that allows', () => {
    const line = (whats: readonly string[], more: Partial<Report> = {}): string | undefined =>
      renderCard({ ...QUIET, ...more, notChecked: whats.map((what) => ({ what, why: 'because' })) }, { width: 1_000 })
        .split('\n')
        .find((each) => each.startsWith('No rule warns'))
    expect(line([])).toBeUndefined()
    expect(line(['prices'])).toBe('No rule warns of it. 1 question was not checked: prices.')
    expect(line(['prices', 'look-ahead', 'prices'])).toBe(
      'No rule warns of it. 3 questions were not checked: prices (2), look-ahead.',
    )
    expect(line(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])).toBe(
      'No rule warns of it. 8 questions were not checked: a, b, c, d, e, f, and 2 more kinds.',
    )
    expect(line(['prices'], { verdict: 'warn' })).toBeUndefined()
  })

  test('each verdict in its own word', () => {
    const words = (['allow', 'warn', 'block'] as const).map(
      (verdict) => renderCard({ ...QUIET, verdict }).split('\n')[1],
    )
    expect(words.map((line) => line?.split(' ')[0])).toEqual(['ALLOW', 'CAUTION', 'BLOCKED'])
  })

  test('what leaves and what arrives, also at accounts that are controlled, and not for somebody else', () => {
    const tokenChanges = [
      ...[changeOf(ME, -ETHER), changeOf(ME, 2_500_000n, COINS), changeOf(ME, 0n, { symbol: 'NONE' })],
      ...[changeOf(SAFE, -3n * ETHER), changeOf(SAFE, 5n, { ...COINS, decimals: null, symbol: null })],
      ...[changeOf(SAFE, 0n, { symbol: 'NONE' }), changeOf(FRIEND, 9n * ETHER)],
    ]
    const more: Partial<Report> = { tokenChanges, controlled: [{ account: SAFE, by: 'safe-owner', threshold: 1 }] }
    expect(rowsOf('Leaves you', more)).toEqual(['-1 ETH'])
    expect(rowsOf('Arrives', more)).toEqual([`+2.5 USDC  ${TOKEN}`])
    expect(rowsOf(`Leaves your Safe ${SAFE}`, more)).toEqual(['-3 ETH'])
    expect(rowsOf(`Arrives in your Safe ${SAFE}`, more)).toEqual([`+5 unknown token (smallest unit)  ${TOKEN}`])
    expect(rowsOf('Your balances', more)).toBeNull()
    expect(rowsOf('Others', more)).toEqual([`${FRIEND}  +9 ETH`])
    const other: Partial<Report> = { ...more, controlled: [{ account: SAFE, by: 'account-code', threshold: null }] }
    expect(rowsOf(`Leaves your account ${SAFE}`, other)).toEqual(['-3 ETH'])
    expect(rowsOf('Your balances', { tokenChanges: [changeOf(FRIEND, 1n)] })).toEqual(['nothing changes, fees aside'])
    expect(rowsOf('Your balances', { tokenChanges: [changeOf(FRIEND, 1n)], steps: [] })).toBeNull()
  })

  test('amounts with the unit that the token has, its number, and strange symbols in quotation marks', () => {
    const piece = { ...COINS, standard: 'erc721', symbol: 'ART', decimals: null } as const
    const tokenChanges = [
      ...[changeOf(ME, 1n, { ...piece, tokenId: 7n }), changeOf(ME, 12n, { ...COINS, symbol: 'Visit a.invalid' })],
      changeOf(ME, 3n, { symbol: null, decimals: null }),
      changeOf(ME, 1_000_000n, { ...COINS, symbol: null }),
    ]
    expect(rowsOf('Arrives', { tokenChanges })).toEqual([
      `+1 ART #7  ${TOKEN}`,
      `+0.000012 “Visit a.invalid”  ${TOKEN}`,
      '+0.000000000000000003 coin',
      `+1 unknown token  ${TOKEN}`,
    ])
  })

  test('of others first whom a finding accuses, then those without a name, and the largest of each first', () => {
    const named = { ...{ name: 'Pool', signature: null, step: 1, depth: 0, value: 0n }, codeHash: WORD } as const
    const finding = { ...{ rule: 'r', title: 't', because: 'b.', step: null, evidence: {} }, subject: THIEF } as const
    const changes = [
      ...[changeOf(POOL, 9n * ETHER), changeOf(FRIEND, ETHER), changeOf(FRIEND, -2n * ETHER)],
      ...[changeOf(THIEF, 1n), changeOf(SAFE, 3n * ETHER)],
    ]
    const order = (level: 'info' | 'warn' | 'block') =>
      rowsOf('Others', {
        tokenChanges: changes,
        contractCalls: [
          { ...named, address: POOL },
          { ...named, address: SAFE, name: null },
        ],
        findings: [
          { ...finding, level },
          { ...finding, level, subject: null },
        ],
      })?.map((row) => row.replace(/^0x(..).*  /, '$1 '))
    const rest = ['22 +3 ETH', '66 -2 ETH', '66 +1 ETH']
    expect(order('warn')).toEqual(['44 +0.000000000000000001 ETH', ...rest, '55 +9 ETH'])
    expect(order('block')).toEqual(order('warn'))
    expect(order('info')).toEqual([...rest, '44 +0.000000000000000001 ETH', '55 +9 ETH'])
  })

  test('how many others it leaves out, and what they get, token by token', () => {
    const people = Array.from({ length: 12 }, (_, i) => changeOf(at((0xa0 + i).toString(16)), -BigInt(100 - i) * ETHER))
    expect(rowsOf('Others', { tokenChanges: people })).toHaveLength(12)
    const small = [
      ...[changeOf(POOL, 2n, COINS), changeOf(POOL, 3n, COINS), changeOf(FRIEND, -5n, COINS), changeOf(SAFE, 1n)],
      ...[1n, 2n].map((tokenId) => changeOf(FRIEND, 1n, { ...COINS, standard: 'erc721', tokenId })),
    ]
    const rows = rowsOf('Others', { tokenChanges: [...people, ...small] })
    expect(rows).toHaveLength(13)
    expect(rows?.at(-1)).toBe(
      `and 3 more accounts of 15 in all, which together get +0.000005 USDC  ${TOKEN}, +0.000000000000000001 ETH, +1 USDC #1  ${TOKEN}: the JSON report lists each`,
    )
    expect(rowsOf('Others', { tokenChanges: [...people, changeOf(FRIEND, -1n)] })?.at(-1)).toBe(
      'and 1 more accounts of 13 in all: the JSON report lists each',
    )
  })

  test.each<readonly [what: string, change: AuthorityChange, says: string]>([
    ['an allowance', grantOf('erc20_allowance'), `${THIEF} may spend 1.5 USDC of ${ME} (before: nothing)`],
    [
      'an unlimited one with its end and what is at risk',
      grantOf('permit2_allowance', {
        ...{ after: 2n ** 160n - 1n, unlimited: true, before: 1_000_000n, expiresMs: 0 },
        valueAtRisk: [
          { token: TOKEN, amount: 2_000_000n },
          { token: POOL, amount: 3n },
          { token: null, amount: ETHER },
        ],
      }),
      `${THIEF} may spend UNLIMITED USDC of ${ME} until 1970-01-01T00:00:00.000Z (before: 1); at risk now: 2 USDC, 3 ${POOL}, 1 ETH`,
    ],
    [
      'an unlimited one that is taken back',
      grantOf('erc20_allowance', { before: 2n ** 256n - 1n, after: 0n }),
      `${THIEF} may spend nothing (revoked) USDC of ${ME} (before: unlimited)`,
    ],
    ['a token without a symbol', grantOf('operator', { symbol: null }), `${THIEF} may move ${TOKEN} of ${ME}`],
    ['an operator that is taken back', grantOf('operator', { after: 0n }), `${THIEF} may no longer move USDC of ${ME}`],
    ['another owner', grantOf('ownership'), `${THIEF} takes over ${TOKEN} from ${ME}`],
    ['other code', grantOf('proxy_implementation'), `${TOKEN} runs the code at ${THIEF} from now on`],
    ['a module', grantOf('module'), `${THIEF} gains control in the wallet ${TOKEN}`],
    ['code of an account', grantOf('account_code'), `the account ${ME} runs the code at ${THIEF} from now on`],
    ['a delegate', grantOf('delegation'), `${THIEF} may act for ${ME} at ${TOKEN}`],
    ['votes', grantOf('votes'), `${THIEF} votes with what ${ME} has at ${TOKEN}`],
    [
      'what is not known',
      grantOf('unknown_grant', { decimals: null, valueAtRisk: [{ token: TOKEN, amount: 5n }] }),
      `${THIEF} was written in under ${ME} at ${TOKEN}; what it may do is not known; at risk now: 5 USDC`,
    ],
  ])('of authority left behind: %s', (_, change, says) => {
    expect(rowsOf('Authority left behind', { authorityChanges: [change] })).toEqual([says])
  })

  test('the fee in the coin of the chain, and none where nothing is sent or all would fail', () => {
    const gasEstimate = { ...QUIET.gasEstimate, gasLimit: 0n }
    expect(rowsOf('Network fee', { gasEstimate })).toEqual(['none: signing sends nothing'])
    expect(rowsOf('Network fee', { gasEstimate, willRevert: true })).toEqual(['none shown: the transaction would fail'])
    const of = (coin: string | null, record: 'file' | null) =>
      rowsOf('Network fee', { chain: { ...QUIET.chain, coin, record } })?.[0]?.slice(0, 14)
    expect([of('POL', null), of(null, null), of(null, 'file')]).toEqual([
      'at most 2 POL,',
      'at most 2 coin',
      'at most 2 USD,',
    ])
  })

  test('what was assumed, what it stands on, and what the chain enforces', () => {
    const stateOverrides: NonNullable<Report['stateOverrides']> = [
      {
        ...{
          address: FRIEND,
          balance: ETHER,
          nonce: 5n,
          code: '0x6001' as const,
          stateDiff: [{ slot: '0x1' as const, value: '0x2' as const }],
        },
        tokens: [
          { token: TOKEN, amount: 1_000_000n },
          { token: POOL, amount: 2n },
        ],
      },
      { address: POOL },
    ]
    const more: Partial<Report> = { stateOverrides, tokenChanges: [changeOf(FRIEND, 1n, COINS)] }
    expect(rowsOf('Assumed instead of what the chain says: a preview, and nothing of it can be signed', more)).toEqual([
      `${FRIEND} holds 1 ETH`,
      `${FRIEND} holds 1 USDC`,
      `${FRIEND} holds 2 of the smallest unit of ${POOL}`,
      `the nonce of ${FRIEND} is 5`,
      `${FRIEND} runs other code (2 bytes)`,
      `${FRIEND} stores 0x2 at 0x1`,
    ])
    const before = { hash: WORD, nonce: 1n, to: FRIEND, value: ETHER, status: 'success' } as const
    const standsOn = [before, { ...before, to: null, status: 'reverted' } as const]
    expect(rowsOf('After what is signed and not mined yet', { standsOn })).toEqual([
      `${WORD} (nonce 1): 1 ETH to ${FRIEND}`,
      `${WORD} (nonce 1): a new contract, expected to fail`,
    ])
    const enforcement = {
      ...{ line: 'Enforced on chain.', bounds: [{ text: 'At least 1.' }], notEnforced: [{ what: 'names', why: 'no' }] },
      calls: [{}],
    } as unknown as NonNullable<Report['enforcement']>
    const rows = ['Enforced on chain.', '- At least 1.', 'not enforced: names: no']
    expect(rowsOf('On chain', { enforcement })).toEqual([...rows, '2 guard calls'])
    expect(rowsOf('On chain', { enforcement: { ...enforcement, calls: [] } })).toEqual(rows)
  })

  test('the document, what is given and what is promised for it, and what its holder could send', () => {
    const movement = { standard: 'erc20', token: TOKEN, tokenId: null, amount: 5n, to: null } as const
    const signature = {
      ...{
        title: 'Order',
        digest: WORD,
        lines: [{ label: 'Price', value: '5' }],
        clearSigning: wordsOf({ fields: [{ label: 'To', value: 'Bob', nested: null }] }),
      },
      offers: [movement, { ...movement, standard: 'erc721', tokenId: 9n, to: FRIEND } as const],
      considerations: [
        { ...movement, standard: 'native', token: null, amount: ETHER, to: ME } as const,
        { ...movement, token: null },
      ],
    } as unknown as NonNullable<Report['signature']>
    expect(rowsOf('To be signed: Order', { signature })).toEqual([
      'Price: 5',
      `You give: 5 of the smallest unit of ${TOKEN} to whoever uses the signature`,
      `You give: 5 of the smallest unit of ${TOKEN} #9 to ${FRIEND}`,
      `The terms promise: 1 ETH to ${ME}`,
      'The terms promise: 5 of the smallest unit of an unnamed token to whoever uses the signature',
      `Digest: ${WORD}`,
    ])
    expect(rowsOf('Steps, with what the holder of the signature could send', { signature })).toEqual([
      '1. pay: success',
    ])
    expect(rowsOf('The document in the words of Rent Ltd (rent.json): “Pay rent”', { signature })).toEqual(['To: Bob'])
  })

  test('a descriptor’s words as the descriptor’s, call in call, long ones cut with their length, and what it leaves out', () => {
    const nested = wordsOf({
      fields: [{ label: 'To', value: 'x'.repeat(301), nested: null }],
      leftOut: ['a', 'a', 'b'],
    })
    const clearSigning = wordsOf({
      ...{ owner: null, interpolatedIntent: 'Pay 5', unformatted: [{ label: 'Fee', why: 'it is no number' }] },
      fields: [{ label: 'Call', value: 'y'.repeat(300), nested }],
    })
    const [step] = QUIET.steps
    if (step === undefined) throw new RangeError('no step')
    const steps = [{ ...step, clearSigning }]
    expect(rowsOf('Step 1 in the words of rent.json: “Pay rent”', { steps })).toEqual([
      'Pay 5',
      `Call: ${'y'.repeat(300)}`,
      `  To: ${'x'.repeat(300)}… (301 characters)`,
      '  Left out by the descriptor: a, b',
      'Not shown as it asks: Fee, because it is no number',
    ])
  })

  test('what was meant, what could be taken next, what is kept, who is called, what is found and what is not checked', () => {
    const called = { name: null, signature: null, step: 1, depth: 0, value: 0n, codeHash: WORD, address: POOL } as const
    const finding = { rule: 'r', title: 'Bad', because: 'It is.', step: null, evidence: {}, subject: null } as const
    const more: Partial<Report> = {
      intent: {
        ...{ digest: Digest.ofJson({}), goal: null },
        assertions: [
          { name: 'pays', holds: true, because: 'it does' },
          { name: 'keeps', holds: false, because: 'it does not' },
        ],
      },
      lookahead: [
        {
          ...{ actor: THIEF, means: 'operator' },
          canTake: [
            { token: null, amount: ETHER },
            { token: TOKEN, amount: 2_000_000n },
          ],
        },
      ],
      authorityChanges: [grantOf('operator')],
      keptForYou: [
        { contract: POOL, slot: WORD, before: 1n, after: 2n, meaning: null, isDebt: false },
        { contract: POOL, slot: WORD, before: 1n, after: 2n, meaning: 'shares', isDebt: true },
        { contract: POOL, slot: WORD, before: 1n, after: 2n, meaning: 'shares', isDebt: false },
      ],
      contractCalls: [
        called,
        { ...called, address: TOKEN, name: 'Token', signature: 'f()' },
        { ...called, signature: 'g()' },
      ],
      findings: [
        { ...finding, level: 'block' },
        { ...finding, level: 'warn', remediation: 'Stop.' },
        { ...finding, level: 'info' },
      ],
      notChecked: [{ what: 'prices', why: 'no source' }],
    }
    expect(rowsOf('What was meant', more)).toEqual(['holds  pays: it does', 'BROKEN  keeps: it does not'])
    expect(rowsOf('What could be taken next', more)).toEqual([
      `${THIEF} by operator: 1 ETH`,
      `${THIEF} by operator: 2 USDC`,
    ])
    expect(rowsOf('Kept for you', more)).toEqual([
      `at ${POOL}: 1 → 2 (unit unknown)`,
      `at ${POOL}: 1 → 2 (shares, which you owe)`,
      `at ${POOL}: 1 → 2 (shares)`,
    ])
    expect(rowsOf('Contracts called', more)?.toSorted()).toEqual([`${TOKEN}  Token  f()`, `${POOL}  unknown`])
    expect(rowsOf('Findings', more)).toEqual([
      'Blocked: Bad. It is. [r]',
      'Caution: Bad. It is. Fix: Stop. [r]',
      'Note: Bad. It is. [r]',
    ])
    expect(rowsOf('Not checked', more)).toEqual(['prices: no source'])
  })

  test('each step and block in which it goes otherwise', () => {
    const [step] = QUIET.steps
    if (step === undefined) throw new RangeError('no step')
    const revert = { reason: 'too little', error: null, data: '0x' } as const
    const frame = { signature: 'swap()' } as NonNullable<Report['steps'][number]['calls']>
    const steps = [
      { ...step, label: null, status: 'revert', revert } as const,
      { ...step, step: 2, label: null, calls: frame },
    ]
    expect(rowsOf('Steps', { steps })).toEqual(['1. call: revert, too little', '2. swap(): success'])
    const other = {
      agrees: false,
      differs: ['tokens'],
      decidedBy: ['TIMESTAMP', 'COINBASE'],
      tokenChanges: [changeOf(ME, -ETHER)],
    }
    const environments = [
      { ...other, name: 'later' },
      { ...other, name: 'other builder', decidedBy: [] },
      { ...other, name: 'nothing there', tokenChanges: [] },
      { ...other, name: 'now', agrees: true },
    ]
    const more: Partial<Report> = { environments, environmentReads: ['TIMESTAMP', 'NUMBER'] }
    expect(rowsOf('Otherwise (later, decided by TIMESTAMP, COINBASE)', more)).toEqual(['-1 ETH'])
    expect(rowsOf('Otherwise (other builder)', more)).toEqual(['-1 ETH'])
    expect(renderCard({ ...QUIET, ...more }).match(/Otherwise/g)).toHaveLength(2)
    expect(rowsOf('Environments', more)).toEqual([
      'later DIFFERS, other builder DIFFERS, nothing there DIFFERS, now agrees',
      'looked at TIMESTAMP, NUMBER',
    ])
  })

  test('the same in narrow lines and in colour, and no word is cut', () => {
    const finding = { rule: 'r', title: 'aa bb', because: THIEF, step: null, evidence: {}, subject: null } as const
    const findings = [{ ...finding, level: 'info' } as const]
    expect(rowsOf('Findings', { findings }, 15)).toEqual(['Note: aa bb.', `  ${THIEF}`, '  [r]'])
    expect(rowsOf('Findings', { findings }, 13)).toEqual(['Note: aa', '  bb.', `  ${THIEF}`, '  [r]'])
    expect(rowsOf('Findings', { findings }, 14)).toEqual(['Note: aa bb.', `  ${THIEF}`, '  [r]'])
    const narrow = renderCard(QUIET, { width: 20 }).split('\n')
    expect([narrow[0], narrow[2]]).toEqual(['─'.repeat(20), '─'.repeat(20)])
    const painted = renderReport({ ...QUIET, findings }, { color: true, nowMs: 0 })
    const escapes = new RegExp(String.raw`\u001b\[\d+m`, 'g')
    expect(painted.match(escapes)?.length).toBeGreaterThan(10)
    expect(painted.replaceAll(escapes, '')).toBe(renderReport({ ...QUIET, findings }, { nowMs: 0 }))
  })
})
