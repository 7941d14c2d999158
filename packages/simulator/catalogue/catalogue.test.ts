import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Digest } from '@countersign/base'
import { startLocalChain } from '@countersign/chain'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, parseCall, readSignable, Receipt, type Report } from '../src/index.ts'
import { renderCard } from '../src/text/renderReport.ts'
import type { SignatureFindingName } from '../src/signatures/FindingNames.ts'
import { delegation, order, payment, permit, type Document } from './documents.ts'
import { ATTACKS, BENIGN, ELSEWHERE, FAMILIES, OPEN } from './index.ts'
import { ETHER } from './moves.ts'
import { openWorld } from './openWorld.ts'
import type { Staged } from './Catalogue.ts'
import type { World } from './World.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

describe('attacks', () => {
  test.each(ATTACKS.map((attack) => [`${attack.id}: ${attack.title}`, attack] as const))('%s', async (_, attack) => {
    const { report, card, scene } = await world.play((at) => attack.stage(at))
    const worst = report.findings.filter(({ level }) => level === report.verdict).map(({ rule }) => rule)
    expect({ verdict: report.verdict, worst }).toMatchObject({ verdict: attack.verdict })
    const found = report.findings.map(({ rule }) => rule)
    expect(found).toEqual(expect.arrayContaining([...attack.rules]))
    const shown = (scene as Staged).shows(report, card)
    expect(
      Object.keys(shown).filter((fact) => shown[fact] !== true),
      card,
    ).toEqual([])
  })
})

describe('benign look-alikes', () => {
  const warned: string[] = []
  test.each(BENIGN.map((benign) => [`${benign.family}: ${benign.title}`, benign] as const))(
    '%s',
    async (name, benign) => {
      const { report, card } = await world.play((at) => benign.stage(at))
      expect(report.willRevert, card).toBe(false)
      expect(report.verdict, card).not.toBe('block')
      if (report.verdict === 'warn') warned.push(`${name}: ${report.findings.map(({ rule }) => rule).join()}`)
    },
  )
  test('at least sixty, some for every family, none blocked, and at most one in twenty warned of', () => {
    expect(BENIGN.length).toBeGreaterThanOrEqual(60)
    expect([...new Set(BENIGN.map(({ family }) => family))].sort()).toEqual(Object.keys(FAMILIES))
    expect(warned.length, warned.join('; ')).toBeLessThanOrEqual(BENIGN.length / 20)
  })
})

const FAR = (2_051_222_400 + 604_800).toString()
describe('documents: findings that the attacks do not show', () => {
  const month = 31n * 86_400n
  /** Limits the delegation to 9 units of the dollar: MetaMask's ERC20TransferAmountEnforcer. */
  const limit = (at: World) => ({
    enforcer: '0xf100b0819427117EcF76Ed94B358B1A5b5C6D2Fc',
    terms: `${at.chain.addresses.usdc}${'9'.padStart(64, '0')}`.toLowerCase(),
  })
  const router = (at: World) => at.chain.addresses.uniswapV2Router
  const asks = (at: World) => [{ wei: ETHER, recipient: at.me }]
  test.each<[SignatureFindingName, (at: World) => Document, (at: World) => Document]>([
    [
      'signature-delegate-unknown',
      (at) => delegation(at, at.thief, [limit(at)]),
      (at) => delegation(at, router(at), [limit(at)]),
    ],
    [
      'signature-other-account',
      (at) => delegation(at, at.thief, [limit(at)], at.friend),
      (at) => delegation(at, at.thief, [limit(at)]),
    ],
    [
      'signature-domain-implied',
      (at) => {
        const { EIP712Domain: _, ...types } = permit(at, {}).types
        return { ...permit(at, { spender: router(at), value: '5' }), types }
      },
      (at) => permit(at, { spender: router(at), value: '5' }),
    ],
    [
      'signature-far-deadline',
      (at) => permit(at, { spender: router(at), value: '5', deadline: (at.nowS + 2n * month).toString() }),
      (at) => permit(at, { spender: router(at), value: '5', deadline: (at.nowS + month / 2n).toString() }),
    ],
    [
      'signature-spender-is-you',
      (at) => permit(at, { spender: at.me, value: '5' }),
      (at) => permit(at, { spender: router(at), value: '5' }),
    ],
    [
      'signature-paid-in-unknown',
      (at) => paidIn(order(at, [1n], asks(at)), at.chain.addresses.nft),
      (at) => paidIn(order(at, [1n], asks(at)), at.chain.addresses.dai),
    ],
    [
      'signature-postdated',
      (at) => {
        const document = payment(at, at.friend, 5n)
        const message = { ...document.message, validAfter: (at.nowS + 172_800n).toString(), validBefore: FAR }
        return { ...document, message }
      },
      (at) => payment(at, at.friend, 5n),
    ],
    [
      'signature-unfamiliar-contract',
      (at) => {
        const document = order(at, [1n], asks(at))
        return { ...document, domain: { ...document.domain, verifyingContract: at.thief } }
      },
      (at) => order(at, [1n], asks(at)),
    ],
    [
      'signature-unfit',
      (at) => permit(at, { spender: router(at), value: '5', nonce: '7' }),
      (at) => permit(at, { spender: router(at), value: '5' }),
    ],
  ])('%s', async (name, flagged, left) => {
    const rules = async (build: (at: World) => Document) =>
      (await world.play((at) => ({ document: build(at) }))).report.findings.map(({ rule }) => rule)
    expect(await rules(flagged)).toContain(name)
    expect(await rules(left)).not.toContain(name)
  })
})

/** The same order, its price in another token. */
function paidIn(document: Document, token: string): Document {
  const [ask] = document.message['consideration'] as Record<string, unknown>[]
  return { ...document, message: { ...document.message, consideration: [{ ...ask, itemType: 1, token }] } }
}

describe('what is met elsewhere', () => {
  test.each(ELSEWHERE.flatMap(({ id, covered }) => covered.map((each) => [id, each.test, each.file] as const)))(
    '%s is covered by "%s"',
    (_, name, file) => {
      const source = readFileSync(join(import.meta.dirname, '..', '..', '..', file), 'utf8')
      expect(source.includes(`'${name}'`) || source.includes(`"${name}"`), `${file}: ${name}`).toBe(true)
    },
  )
  test('ids are used once, and what is open is said with a reason', () => {
    const ids = [...ATTACKS, ...ELSEWHERE, ...OPEN].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { why } of OPEN) expect(why).not.toBe('')
  })
})

describe('input', () => {
  test('E15: bytes that two readers could read differently are refused before anything runs', () => {
    const to = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
    for (const call of [
      { to, data: '0x1' },
      { to, data: '0x95ea7b3' },
      { to, data: '095ea7b3' },
      { to, data: '0x095ea7b3 ' },
      { to, data: '0x095ea7bg' },
      { to: to.slice(2) },
      { to: `${to}00` },
      { to: '0x3c44CdDdB6a900fa2b585dd299e03d12FA4293BC' },
      { to, value: '1e18' },
      { to, value: '0x' },
      { to, value: '-1' },
      { to, value: '1.5' },
      { to, value: 2 ** 60 },
      { to, gas: '0x1g' },
      { to, data: '0x00', input: '0x01' },
      { to, dta: '0x00' },
    ]) {
      expect(() => parseCall(call, 'the call'), JSON.stringify(call)).toThrow()
    }
    // What is accepted is kept to the byte, trailing bytes included.
    expect(parseCall({ to, data: '0xA9059cbb00' }, 'the call').data.toLowerCase()).toBe('0xa9059cbb00')
  })
  test('E16: typed data that two readers could read differently is refused', async () => {
    const at = { chainId: world.chain.chainId, from: world.me, nowMs: Number(world.nowS) * 1000 }
    const good = permit(world, { spender: world.thief, value: '5' })
    await expect(readSignable(JSON.stringify(good), at)).resolves.toMatchObject({ kind: 'eip2612' })
    const owner = BigInt(world.me).toString()
    for (const bad of [
      { ...good, domain: { ...good.domain, chainId: '0x0000000000007a69' } },
      { ...good, domain: { ...good.domain, chainId: ' 31337' } },
      { ...good, domain: { ...good.domain, chainId: '031337' } },
      { ...good, domain: { ...good.domain, verifyingContract: BigInt(world.chain.addresses.usdc).toString() } },
      { ...good, message: { ...good.message, owner } },
      { ...good, message: { ...good.message, spender: `0x000000000000000000000000${world.thief.slice(2)}` } },
      { ...good, message: { ...good.message, value: '5.0' } },
      { ...good, message: { ...good.message, value: '0b101' } },
      { ...good, message: { ...good.message, extra: '1' } },
    ]) {
      await expect(readSignable(JSON.stringify(bad), at), JSON.stringify(bad)).rejects.toMatchObject({
        code: 'simulation:signature:unreadable',
      })
    }
  })
})

test('F12: a receipt binds the card that was drawn; another card or other bytes are refused', async () => {
  const bound = async (to: World['me']) => {
    const calls = [world.pay(to, 5n)]
    const { report } = await world.play(() => ({ calls }))
    const request = { chainId: world.chain.chainId, from: world.me, calls, block: 'latest' as const, known: [] }
    const dates = { issuedAtMs: Number(world.nowS) * 1000, expiresAtMs: Number(world.nowS) * 1000 + 60_000 }
    const bind = { receiptId: 'r', request, report, nonce: 1n, policyVersion: 'p', ...dates }
    return { report, calls, bound: Receipt.bind(bind).bound }
  }
  const [shown, signed] = [await bound(world.friend), await bound(world.thief)]
  const drawn = (report: Report.Report) => Digest.sha256(renderCard(report))
  expect(drawn(shown.report)).toBe(shown.bound.render_digest)
  expect(drawn(signed.report)).not.toBe(shown.bound.render_digest)
  // One character of the card is another card.
  expect(Digest.sha256(renderCard(shown.report).replace('5', '6'))).not.toBe(shown.bound.render_digest)
  const actual = (calls: typeof shown.calls) => ({
    chainId: world.chain.chainId,
    from: world.me,
    calls: calls.map((call) => ({ ...call, gasLimit: shown.report.steps[0]?.gasLimit ?? 0n })),
    policyVersion: 'p',
  })
  expect(Receipt.differences(shown.bound, actual(shown.calls))).toEqual([])
  expect(Receipt.differences(shown.bound, actual(signed.calls))).toEqual(['step 1: another recipient'])
})

test('a chain that no local EVM models is shown with the facts of its own node, and a caution', async () => {
  // Arbitrum One's id; its own node (here, the local chain) runs the batch.
  const chain = await startLocalChain({ chainId: 42_161, cacheDir: null })
  const simulator = await createSimulator({ chainId: 42_161, rpcUrls: [chain.rpcUrl] })
  try {
    const request = { chainId: 42_161, from: world.me, calls: [world.pay(world.friend, 1n)], known: [] }
    const report = await simulator.simulate({ ...request, block: 'latest' })
    expect(report.verdict).toBe('warn')
    expect(report.chain).toMatchObject({ name: 'Arbitrum One', engine: 'node', modelled: false })
    expect(report.tokenChanges.map(({ delta }) => delta)).toEqual([-1n, 1n])
    expect(report.findings.map(({ rule }) => rule)).toContain('chain-not-modelled')
  } finally {
    await simulator.close()
    await chain.close()
  }
})

test('F10: a provider that lies about a balance is caught by its own proofs', async () => {
  const truth = await world.chain.rpc<string>('eth_getBalance', [world.me, 'latest'])
  let isLying = false
  const proxy = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      void fetch(world.chain.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
        .then((answer) => answer.json() as Promise<{ result?: { accountProof?: unknown } }[]>)
        .then((answers) => {
          const edit = (answer: (typeof answers)[number]) =>
            isLying && answer.result?.accountProof === undefined
              ? JSON.stringify(answer).replaceAll(truth, '0x43c33c1937564800000')
              : JSON.stringify(answer)
          response.end(Array.isArray(answers) ? `[${answers.map(edit).join()}]` : edit(answers))
        })
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const { chainId } = world.chain
  const request = { chainId, from: world.me, calls: [world.pay(world.friend, 1n)], known: [], block: 'latest' as const }
  try {
    for (const lie of [false, true]) {
      isLying = lie
      const simulator = await createSimulator({ chainId, rpcUrls: [url], isProofVerified: true })
      const report = await simulator.simulate(request)
      expect(report.findings.filter(({ rule }) => rule === 'proof-mismatch').map(({ level }) => level)).toEqual(
        lie ? ['block'] : [],
      )
      await simulator.close()
    }
  } finally {
    proxy.closeAllConnections()
    proxy.close()
  }
})
