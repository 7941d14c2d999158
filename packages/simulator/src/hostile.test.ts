import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Address, type Hex } from '@countersign/base'
import { BOMBS, deploy, loadArtifact, startLocalChain, type LocalChain } from '@countersign/chain'
import { encodeFunctionData, type Abi } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limiter, spawnAnvil } from './evm/anvil/spawnAnvil.ts'
import { createSimulator, type Call, type KnownAddress, type Report, type Simulator } from './index.ts'

const DOLLAR = 10n ** 6n
const ME = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const FRIEND = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const STRANGER = Address.parse('0x1111111111111111111111111111111111bAD000')
/** The local chain's builder is the first of ours, so the other environment has the second (Titan). */
const OTHER_BUILDER = '0x4838B106FCe9647Bdf1E7877BF73cE8B0BAD5f97'
const HOUR_S = 3_600

let chain: LocalChain
let simulator: Simulator
let known: KnownAddress[]

beforeAll(async () => {
  chain = await startLocalChain()
  known = [
    ...chain.tokens.map((token): KnownAddress => ({ ...token, kind: 'token' })),
    ...chain.contracts.map((contract): KnownAddress => ({ ...contract })),
  ]
  await chain.fund(ME, { usdc: 100_000n * DOLLAR })
  simulator = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
})
afterAll(async () => {
  await simulator.close()
  await chain.close()
})

const call = (to: string, data: Hex.Hex = '0x', more: Partial<Call> = {}): Call => ({
  to: Address.parse(to),
  value: 0n,
  data,
  gasLimit: null,
  maxFeePerGasWei: null,
  label: null,
  ...more,
})
const tx = (at: string, name: string, functionName: string, args: unknown[] = [], more: Partial<Call> = {}): Call =>
  call(at, encodeFunctionData({ abi: loadArtifact(name).abi as Abi, functionName, args }), more)
const simulate = (calls: Call[], by: Simulator = simulator): Promise<Report.Report> =>
  by.simulate({ chainId: chain.chainId, from: ME, calls, block: 'latest', known, maxHeadAgeMs: 0 })
const rules = (report: Report.Report, level?: string) =>
  report.findings.filter((finding) => level === undefined || finding.level === level).map((finding) => finding.rule)
const send = async (to: string, data: Hex.Hex) => {
  await chain.rpc('eth_sendTransaction', [{ from: ME, to, data, gas: '0x200000' }])
  await chain.rpc('anvil_mine', ['0x1'])
}

let placed = 0
/** Puts code on the chain as it is, and says where. */
async function place(code: Hex.Hex): Promise<string> {
  placed += 1
  const at = `0x${(0xabc0000 + placed).toString(16).padStart(40, 'e')}`
  await chain.rpc('anvil_setCode', [at, code])
  return at
}

/** An ordinary payment still has the answer that it always has. */
async function expectUnhurt(): Promise<void> {
  const next = await simulate([call(FRIEND, '0x', { value: 1n })])
  expect([next.willRevert, next.steps[0]?.gasUsed, next.verdict]).toEqual([false, 21_000n, 'allow'])
}

describe('bytecode that wants to bring the simulator down', () => {
  test.each(Object.entries(BOMBS))(
    '%s ends in a finding or in a plain answer, and hurts nobody',
    async (_name, code) => {
      const report = await simulate([call(await place(code))])
      // How far it gets depends on the machine. What is not known to its end is never let through.
      if (report.steps[0]?.status === 'success') expect(report.willRevert).toBe(false)
      else {
        expect(report.verdict).toBe('block')
        expect(rules(report, 'block')).toEqual(
          expect.arrayContaining([expect.stringMatching(/^(reverts|engine-limit|too-many-state-reads)$/)]),
        )
      }
      await expectUnhurt()
    },
  )

  test('promise: what runs beside a bomb on the same worker has the same answer as ever', async () => {
    const at = await place(BOMBS['endless calls with much data'] as Hex.Hex)
    const innocent = Array.from({ length: 8 }, (_, i) => simulate([call(FRIEND, '0x', { value: BigInt(i + 1) })]))
    const [bomb, ...others] = await Promise.all([simulate([call(at)]), ...innocent])
    expect(bomb?.verdict).toBe('block')
    for (const report of others) expect([report.willRevert, report.verdict]).toEqual([false, 'allow'])
  })

  test('promise: an engine that is killed in the middle of its work changes no answer', async () => {
    const own = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
    try {
      const expected = await simulate([call(FRIEND, '0x', { value: 5n })], own)
      const killer = (async () => {
        for (let i = 0; i < 3; i += 1) {
          for (const pid of own.stats().enginePids) {
            try {
              process.kill(pid, 'SIGKILL')
            } catch {
              // It is being replaced already.
            }
          }
          await new Promise((resolve) => setTimeout(resolve, 60))
        }
      })()
      const reports = await Promise.all(
        Array.from({ length: 12 }, () => simulate([call(FRIEND, '0x', { value: 5n })], own)),
      )
      await killer
      for (const report of reports)
        expect([report.verdict, report.tokenChanges]).toEqual([expected.verdict, expected.tokenChanges])
      expect(own.stats().respawns).toBeGreaterThan(0)
    } finally {
      await own.close()
    }
  })

  test.runIf(process.platform === 'linux')(
    'engines have a bounded address space, with prlimit or without',
    async () => {
      for (const hasPrlimit of [true, false]) {
        const [program] = limiter(4 * 2 ** 30, hasPrlimit)
        expect(program).toBe(hasPrlimit ? '/usr/bin/prlimit' : '/bin/sh')
        const engine = await spawnAnvil({ args: ['--accounts', '1'], addressSpaceBytes: 4 * 2 ** 30, hasPrlimit })
        try {
          const limits = readFileSync(`/proc/${engine.pid}/limits`, 'utf8')
          expect(/Max address space\s+(\d+)/.exec(limits)?.[1]).toBe(String(4 * 2 ** 30))
        } finally {
          await engine.close()
        }
      }
    },
  )
})

describe('tokens that know who asks', () => {
  test.each([
    ['whether the asker has code', 0n],
    ['how much gas the asker brings', 1n],
  ])('promise: a token that lies by %s gains nothing by it', async (_name, by) => {
    const at = await deploy(chain.rpc, ME, 'Flatterer', [by])
    const { abi } = loadArtifact('Flatterer')
    await send(at, encodeFunctionData({ abi: abi as Abi, functionName: 'mint', args: [ME, 10n] }))
    const report = await simulate([tx(at, 'Flatterer', 'buy', [], { value: 10n ** 15n })])
    expect(rules(report, 'block')).toContain('effects-disagree')
    // Nor when the user was brought to type its address.
    const typed = await simulator.simulate({
      chainId: chain.chainId,
      from: ME,
      calls: [tx(at, 'Flatterer', 'buy', [], { value: 10n ** 15n })],
      block: 'latest',
      known: [...known, { address: Address.parse(at), name: 'typed by you', kind: 'user' }],
      maxHeadAgeMs: 0,
    })
    expect(rules(typed, 'block')).toContain('effects-disagree')
    // The same contract while it tells the truth to everybody.
    const honest = await simulate([tx(at, 'Flatterer', 'mint', [ME, 5n])])
    expect(rules(honest)).not.toContain('effects-disagree')
  })
})

describe('bombs that wait for the simulator to ask', () => {
  const TRAPS = {
    balanceOf: 1n,
    symbol: 2n,
    decimals: 4n,
    transfer: 8n,
    transferFrom: 16n,
    'balanceOf once bought': 32n,
  }
  const cases = Object.entries(TRAPS).flatMap(([name, which]) => [
    [name, 'burns all gas', which, false] as const,
    [name, 'answers with a megabyte', which, true] as const,
  ])
  test.each(cases)('%s of a token %s', async (name, _how, which, isLoud) => {
    const at = await deploy(chain.rpc, ME, 'Trap', [which, isLoud])
    const bought = await simulate([tx(at, 'Trap', 'buy', [], { value: 10n ** 15n })])
    // Names are for people; whoever hides a balance, or cannot be sold again, is stopped.
    if (name === 'symbol' || name === 'decimals') expect(rules(bought, 'block')).toEqual([])
    else if (name === 'transferFrom') expect(rules(bought)).not.toContain('effects-unreadable')
    else if (name === 'transfer') expect(rules(bought, 'block')).toEqual(['unsellable'])
    else expect(rules(bought, 'block')).toEqual(expect.arrayContaining(['event-unbacked']))
    expect(bought.tokenChanges.find((change) => change.account === ME && change.standard === 'native')?.delta).toBe(
      -(10n ** 15n),
    )
    const approved = await simulate([tx(at, 'Trap', 'approve', [FRIEND, 2n ** 256n - 1n])])
    expect(rules(approved, 'block')).toContain('approval-unlimited')
    await expectUnhurt()
  })

  test('many tokens that burn all gas do not keep an honest one from being read', async () => {
    const traps: string[] = []
    for (let i = 0; i < 8; i += 1) traps.push(await deploy(chain.rpc, ME, 'Trap', [1n, false]))
    const report = await simulate([
      ...traps.map((at) => tx(at, 'Trap', 'approve', [FRIEND, 1n])),
      tx(chain.addresses.usdc, 'Usdc', 'transfer', [FRIEND, 5n * DOLLAR]),
    ])
    // Either all of it could be read, or the report says that it could not.
    const lost = report.tokenChanges.find((change) => change.account === ME && change.symbol === 'USDC')?.delta
    if (lost === undefined) expect(rules(report, 'block')).toContain('engine-limit')
    else expect(lost).toBe(-5n * DOLLAR)
  })

  test('promise: a contract that gives back what it took when it is asked hides nothing', async () => {
    const at = await deploy(chain.rpc, ME, 'Restorer', [chain.addresses.usdc])
    const approve = tx(chain.addresses.usdc, 'Usdc', 'approve', [at, 10n ** 12n])
    await send(chain.addresses.usdc, approve.data)
    const report = await simulate([tx(at, 'Restorer', 'claim')])
    const lost = report.tokenChanges.find((change) => change.account === ME && change.symbol === 'USDC')
    expect(lost?.delta).toBe(-100_000n * DOLLAR)
    expect(report.verdict).toBe('block')
  })
})

describe('another block', () => {
  let at: string
  beforeAll(async () => {
    at = await deploy(chain.rpc, ME, 'Elsewhere', [FRIEND, STRANGER])
    // The first half of two hours: an hour later is the second one.
    const head = await chain.rpc<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false])
    const next = (Math.floor(Number(head.timestamp) / (2 * HOUR_S)) + 1) * 2 * HOUR_S + 10
    await chain.rpc('evm_setNextBlockTimestamp', [next])
    await chain.rpc('anvil_mine', ['0x1'])
  })
  const findings = (report: Report.Report) => report.findings.filter(({ rule }) => rule === 'environment-dependent')

  test('promise: a bomb that only goes off an hour later, or for another builder, is told', async () => {
    const later = await simulate([tx(at, 'Elsewhere', 'bomb', [Address.ZERO])])
    expect(findings(later).map(({ evidence }) => evidence['environment'])).toEqual(['later'])
    const elsewhere = await simulate([tx(at, 'Elsewhere', 'bomb', [OTHER_BUILDER])])
    expect(findings(elsewhere).map(({ level, evidence }) => [level, evidence['environment']])).toEqual(
      expect.arrayContaining([['warn', 'other-builder']]),
    )
    expect(findings(elsewhere)[0]?.because).toContain('COINBASE')
    await expectUnhurt()
  })

  test('a read bomb for another builder', async () => {
    const report = await simulate([tx(at, 'Elsewhere', 'readBomb', [OTHER_BUILDER], { gasLimit: 16_000_000n })])
    expect(report.verdict).toBe('block')
    expect(rules(report, 'block')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(too-many-state-reads|engine-limit)$/)]),
    )
    await expectUnhurt()
  })

  test('promise: what goes to somebody else in another block is another outcome', async () => {
    const report = await simulate([tx(at, 'Elsewhere', 'forward', [], { value: 10n ** 17n, gasLimit: 300_000n })])
    expect(findings(report).map(({ level, evidence }) => [level, evidence['environment']])).toEqual([
      ['block', 'later'],
    ])
    expect(report.environments[0]?.differs.join()).toContain(STRANGER)
  })

  test('promise: authority that only another block gives is found, though every balance is the same', async () => {
    const report = await simulate([tx(at, 'Elsewhere', 'protect')])
    expect(report.authorityChanges).toEqual([])
    expect(findings(report).map(({ level, evidence }) => [level, evidence['environment']])).toEqual([
      ['block', 'later'],
    ])
  })

  test('promise: state that only another environment reads is in the read set', async () => {
    const gate = await place(`0x4173${OTHER_BUILDER.slice(2).toLowerCase()}14601b57005b6007545000` as Hex.Hex)
    const report = await simulate([call(gate)])
    const readSet = simulator.readSet(report.readSet.digest)
    const slots = readSet?.entries.filter((entry) => entry[0] === gate && entry.length === 3).map((entry) => entry[1])
    expect(slots).toEqual([`0x${'7'.padStart(64, '0')}`])
  })

  test('promise: each block’s own hashes are handed to a contract that draws by them', async () => {
    const gate = await deploy(chain.rpc, ME, 'HashGate')
    for (let i = 0; i < 3; i += 1) {
      await chain.rpc('anvil_mine', ['0x1'])
      const report = await simulate([tx(gate, 'HashGate', 'play')])
      const block = await chain.rpc<{ hash: string }>('eth_getBlockByNumber', [
        `0x${(report.block.number + 1n - 5n).toString(16)}`,
        false,
      ])
      expect(report.steps[0]?.logs[0]?.data).toBe(block.hash)
      expect(report.environmentReads).toContain('BLOCKHASH')
    }
  })
})

describe('a provider that answers badly', () => {
  type Answer = { id: unknown; jsonrpc: string; result?: unknown; error?: unknown }
  type Edit = (answers: (Answer | null)[], methods: readonly string[]) => unknown
  let edit: Edit = (answers) => answers
  let url = ''
  const proxy = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const calls = JSON.parse(body) as { id: number; method: string }[]
      void fetch(chain.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then(
        async (answer) => {
          const byId = new Map(((await answer.json()) as Answer[]).map((each) => [each.id, each]))
          const answers = calls.map(({ id }) => byId.get(id) ?? null)
          const methods = calls.map(({ method }) => method)
          response.end(JSON.stringify(edit(answers, methods)))
        },
      )
    })
  })
  beforeAll(async () => {
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  })
  afterAll(() => void proxy.close())

  const answering =
    (method: string, result: unknown): Edit =>
    (answers, methods) =>
      answers.map((answer, i) => (methods[i] === method && answer !== null ? { ...answer, result } : answer))
  const BAD: Record<string, Edit> = {
    'no balance': answering('eth_getBalance', null),
    'a balance that is no number': answering('eth_getBalance', '0xzz'),
    'a balance without a prefix': answering('eth_getBalance', '12'),
    'half a byte of code': answering('eth_getCode', '0x600'),
    'no code': answering('eth_getCode', null),
    'no prestate': answering('debug_traceCall', null),
    'a prestate with a slot that is none': answering('debug_traceCall', {
      [FRIEND]: { balance: '0x1', storage: { '0x1': 'oops' } },
    }),
    'a nonce that is no number': answering('eth_getTransactionCount', {}),
    'half a header': answering('eth_getBlockByNumber', { number: '0x1', hash: '0x12' }),
    'a missing answer': (answers) => answers.slice(1),
    'null for an answer': (answers) => [...answers.slice(1), null],
    'two answers to one call': (answers) => [...answers, answers[0]],
    'ids that are text': (answers) =>
      answers.map((answer) => (answer === null ? null : { ...answer, id: `${answer.id as number}` })),
    'no batch': () => ({ jsonrpc: '2.0', id: 0, result: '0x1' }),
  }
  test.each(Object.entries(BAD))('promise: %s is no answer, and nothing may be signed', async (_name, bad) => {
    edit = (answers) => answers
    const own = await createSimulator({ chainId: chain.chainId, rpcUrls: [url] })
    try {
      edit = bad
      await expect(
        simulate([tx(chain.addresses.usdc, 'Usdc', 'transfer', [FRIEND, DOLLAR])], own),
      ).rejects.toMatchObject({ code: 'simulation:upstream:unreachable' })
      edit = (answers) => answers
      expect((await simulate([call(FRIEND, '0x', { value: 1n })], own)).verdict).toBe('allow')
    } finally {
      await own.close()
    }
  })

  const LIES: Record<string, { tell: Edit; field: RegExp }> = {
    'about a balance': {
      tell: answering('eth_getBalance', '0x56bc75e2d63100000'),
      field: /balance/,
    },
    'about a nonce': { tell: answering('eth_getTransactionCount', '0x7'), field: /nonce/ },
    'about code': { tell: answering('eth_getCode', '0x600160005260206000f3'), field: /code/i },
    'about what a trace touched': {
      tell: (answers, methods) =>
        answers.map((answer, i) =>
          methods[i] === 'debug_traceCall' && answer !== null
            ? {
                ...answer,
                result: Object.fromEntries(
                  Object.entries(answer.result as Record<string, { storage?: Record<string, string> }>).map(
                    ([address, account]) => [
                      address,
                      {
                        ...account,
                        storage: Object.fromEntries(
                          Object.keys(account.storage ?? {}).map((slot) => [slot, `0x${'3'.padStart(64, '0')}`]),
                        ),
                      },
                    ],
                  ),
                ),
              }
            : answer,
        ),
      field: /storage/,
    },
    'about storage': {
      tell: (answers, methods) =>
        methods.includes('debug_traceCall')
          ? answers.map((answer, i) =>
              methods[i] === 'debug_traceCall'
                ? { jsonrpc: '2.0', id: answer?.id, error: { code: -32601, message: 'the method does not exist' } }
                : answer,
            )
          : answering('eth_getStorageAt', `0x${'f'.repeat(64)}`)(answers, methods),
      field: /storage/,
    },
  }
  test.each(Object.entries(LIES))('promise: with proofs, a provider that lies %s is caught', async (_what, lie) => {
    edit = (answers) => answers
    const own = await createSimulator({ chainId: chain.chainId, rpcUrls: [url], isProofVerified: true })
    try {
      await chain.rpc('anvil_mine', ['0x1'])
      const calls = [tx(chain.addresses.usdc, 'Usdc', 'transfer', [FRIEND, DOLLAR])]
      edit = lie.tell
      const report = await simulate(calls, own)
      const found = report.findings.filter(({ rule }) => rule === 'proof-mismatch')
      expect(report.verdict).toBe('block')
      expect(found.map(({ because }) => because).join()).toMatch(lie.field)
    } finally {
      edit = (answers) => answers
      await own.close()
    }
  })
  test('with proofs, an honest provider is believed', async () => {
    edit = (answers) => answers
    const own = await createSimulator({ chainId: chain.chainId, rpcUrls: [url], isProofVerified: true })
    try {
      const report = await simulate([tx(chain.addresses.usdc, 'Usdc', 'transfer', [FRIEND, DOLLAR])], own)
      expect(rules(report, 'block')).toEqual([])
    } finally {
      await own.close()
    }
  })

  test('answers in another order are put in order', async () => {
    edit = (answers) => answers.toReversed()
    const own = await createSimulator({ chainId: chain.chainId, rpcUrls: [url] })
    try {
      const calls = [tx(chain.addresses.usdc, 'Usdc', 'transfer', [FRIEND, DOLLAR])]
      const [theirs, ours] = [await simulate(calls, own), await simulate(calls)]
      expect([theirs.verdict, theirs.tokenChanges]).toEqual([ours.verdict, ours.tokenChanges])
    } finally {
      await own.close()
    }
  })
})

describe('where there is no engine but JavaScript', () => {
  test('the same report, and it says so', async () => {
    const own = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl], engine: 'ethereumjs' })
    try {
      expect(own.stats().enginePids).toEqual([])
      for (const calls of [
        [tx(chain.addresses.usdc, 'Usdc', 'transfer', [FRIEND, DOLLAR])],
        [tx(chain.addresses.usdc, 'Usdc', 'approve', [STRANGER, 2n ** 256n - 1n])],
      ]) {
        const [theirs, ours] = [await simulate(calls, own), await simulate(calls)]
        expect(theirs.notChecked.map(({ what }) => what)).toContain('a second engine')
        for (const part of ['verdict', 'steps', 'tokenChanges', 'authorityChanges', 'lookahead', 'findings'] as const)
          expect(theirs[part]).toEqual(ours[part])
      }
    } finally {
      await own.close()
    }
  })
})
