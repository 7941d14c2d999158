import { webcrypto } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Address, Clock, Digest, type Hex } from '@countersign/base'
import { deploy, loadArtifact, startLocalChain, type LocalChain } from '@countersign/chain'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { encodeFunctionData, type Abi } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createSimulator,
  issueReceipt,
  keysFromJwks,
  openEndpoint,
  openReadSets,
  openReceiptKeys,
  parseIntent,
  ReadSet,
  recheck,
  Receipt,
  Report,
  type Call,
  type KnownAddress,
  type RpcEndpoint,
  type SimulationRequest,
  type Simulator,
} from '../index.ts'
import { intentToWire, requestOfBound } from './boundRequest.ts'

const ETHER = 10n ** 18n
const DOLLAR = 10n ** 6n
const ME = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const OTHER = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const FOREVER = 2n ** 40n
const VECTORS = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'reference', 'receipt-vectors.json')
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-receipts-'))
const T0 = Date.parse('2026-01-31T12:00:00Z')

afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
interface Vector {
  readonly name: string
  readonly bound: Receipt.Bound
  readonly canonical_length: number
  readonly digest: Hex.Hex
  readonly signature: string
}
const vectors = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
  readonly key: { readonly x: string; readonly kid: string }
  readonly purpose: string
  readonly vectors: readonly [Vector, Vector]
}
const publicKeys = keysFromJwks({ keys: [{ kty: 'OKP', crv: 'Ed25519', x: vectors.key.x }] })
const wireOf = ({ bound, digest, signature }: Vector): Receipt.ReceiptWire => ({
  digest,
  issued_at: bound.issued_at,
  expires_at: bound.expires_at,
  key_id: vectors.key.kid,
  signature,
  bound,
})

describe('the published vectors', () => {
  test.each(vectors.vectors)('$name, by webcrypto and canonicalize alone', async (vector) => {
    const canonical = canonicalize(vector.bound) ?? ''
    expect(Buffer.byteLength(canonical)).toBe(vector.canonical_length)
    const digest = await webcrypto.subtle.digest('SHA-256', Buffer.from(canonical))
    expect(`0x${Buffer.from(digest).toString('hex')}`).toBe(vector.digest)
    const { x, kid } = vectors.key
    const key = await webcrypto.subtle.importKey('jwk', { kty: 'OKP', crv: 'Ed25519', x }, 'Ed25519', false, ['verify'])
    const thumbprint = await webcrypto.subtle.digest('SHA-256', Buffer.from(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`))
    expect(Buffer.from(thumbprint).toString('base64url')).toBe(kid)
    const verify = (message: string) =>
      webcrypto.subtle.verify('Ed25519', key, Buffer.from(vector.signature, 'base64url'), Buffer.from(message))
    expect(await verify(vectors.purpose + canonical)).toBe(true)
    expect(await verify(canonical)).toBe(false)
  })
  test.each(vectors.vectors)('$name, by this library', (vector) => {
    expect(Receipt.verify(wireOf(vector), publicKeys, { nowMs: T0 + 1_000 }).bound).toEqual(vector.bound)
  })
})

/** Every place in a JSON value, with what stands there. */
function places(value: Json, path: readonly string[] = []): (readonly [readonly string[], Json])[] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  return [[path, value], ...Object.entries(value).flatMap(([key, each]) => places(each, [...path, key]))]
}
/** A copy with another value at one place; `undefined` takes the place away. */
function replaced(value: Json, [key, ...rest]: readonly string[], put: Json | undefined): Json | undefined {
  if (key === undefined) return put
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, Json>
  const inner = replaced(copy[key] ?? null, rest, put)
  if (inner !== undefined) copy[key] = inner
  else if (Array.isArray(copy)) copy.splice(Number(key), 1)
  else delete copy[key]
  return copy
}
const refusal = (value: unknown, nowMs = T0 + 1_000): string => {
  try {
    Receipt.verify(value, publicKeys, { nowMs })
    return 'accepted'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

describe('forgery', () => {
  const receipts = vectors.vectors.map((vector) => wireOf(vector) as unknown as Json)
  const all = receipts.flatMap((receipt) => places(receipt).map(([path, was]) => ({ receipt, path, was })))

  test('promise: any single change of any field is refused', () => {
    const change = fc
      .tuple(fc.constantFrom(...all), fc.jsonValue() as fc.Arbitrary<Json>, fc.nat(), fc.integer({ min: 0, max: 4 }))
      .map(([{ receipt, path, was }, other, at, how]): { readonly forged: unknown; readonly receipt: Json } => {
        const edit = (text: string): string => {
          const i = at % Math.max(text.length, 1)
          const swapped = text[i] === '1' ? '2' : '1'
          return text.slice(0, i) + swapped + text.slice(i + 1)
        }
        const put =
          how === 0
            ? undefined
            : how === 1
              ? other
              : typeof was === 'string'
                ? how === 2
                  ? edit(was)
                  : how === 3
                    ? `${was}0`
                    : was.toUpperCase()
                : typeof was === 'number'
                  ? was + 1 + (at % 9)
                  : typeof was === 'boolean'
                    ? !was
                    : was === null
                      ? '0'
                      : Array.isArray(was)
                        ? [...was, other]
                        : { ...(was as object), extra: other }
        return { forged: replaced(receipt, path, put as Json | undefined), receipt }
      })
      .filter(({ forged, receipt }) => !isDeepStrictEqual(forged, receipt))
    fc.assert(
      fc.property(change, ({ forged }) => {
        expect(refusal(forged)).toMatch(/^receipts:receipt:(?:forged|unreadable|unknown-key)$/)
      }),
      { numRuns: 4_000 },
    )
  })
  test('promise: every bound field, one by one', () => {
    for (const { receipt, path, was } of all) {
      const put = was === 'x' ? 'y' : typeof was === 'string' ? 'x' : typeof was === 'number' ? was + 1 : 'x'
      expect(refusal(replaced(receipt, path, put)), path.join('.')).not.toBe('accepted')
      if (path.length > 0) expect(refusal(replaced(receipt, path, undefined)), path.join('.')).not.toBe('accepted')
    }
    expect(all.length).toBeGreaterThan(150)
  })
  test('promise: another spelling of the same signature is refused', () => {
    const receipt = wireOf(vectors.vectors[0])
    const last = receipt.signature.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    // The last two bits of the last digit say nothing.
    const other = alphabet[alphabet.indexOf(last) ^ 1] ?? ''
    const respelled = receipt.signature.slice(0, -1) + other
    expect(Buffer.from(respelled, 'base64url')).toEqual(Buffer.from(receipt.signature, 'base64url'))
    expect(refusal({ ...receipt, signature: respelled })).toBe('receipts:receipt:forged')
    expect(refusal({ ...receipt, signature: `${receipt.signature}==` })).toBe('receipts:receipt:forged')
  })
  test('promise: it lives from its issue to its expiry, and no receipt lives longer than an hour', () => {
    const receipt = wireOf(vectors.vectors[0])
    expect(refusal(receipt, T0)).toBe('accepted')
    expect(refusal(receipt, T0 + 119_999)).toBe('accepted')
    expect(refusal(receipt, T0 + 120_000)).toBe('receipts:receipt:expired')
    expect(refusal(receipt, T0 - 60_000)).toBe('receipts:receipt:forged')
    const keys = openReceiptKeys({ dataDir: join(dataDir, 'long'), clock: Clock.fixed(T0) })
    const long = Receipt.sign({ ...receipt.bound, expires_at: '2026-01-31T13:00:00.001Z' }, keys)
    expect(() => Receipt.verify(Receipt.toWireReceipt(long), keys, { nowMs: T0 })).toThrow(/altered/)
  })
  test.each([[null], ['text'], [[]], [{}], [{ ...wireOf(vectors.vectors[0]), bound: null }]])(
    'what is no receipt is refused: %j',
    (value) => expect(refusal(value)).toBe('receipts:receipt:unreadable'),
  )
  test('numbers that JSON cannot spell again are refused, not a crash', () => {
    const text = JSON.stringify(wireOf(vectors.vectors[0])).replace('"chain_id":1', '"chain_id":1e999')
    expect(refusal(JSON.parse(text))).toBe('receipts:receipt:forged')
  })
})

describe('keys', () => {
  const bound = vectors.vectors[0].bound
  const open = (name: string, clock = Clock.fixed(T0)) => openReceiptKeys({ dataDir: join(dataDir, name), clock })
  const receiptBy = (keys: ReturnType<typeof open>, atMs = T0) =>
    Receipt.toWireReceipt(
      Receipt.sign({ ...bound, issued_at: Clock.iso(atMs), expires_at: Clock.iso(atMs + 120_000) }, keys),
    )

  test('made on first signature, owner only, and the same after a restart', () => {
    const keys = open('first')
    expect(existsSync(join(dataDir, 'first'))).toBe(false)
    const receipt = receiptBy(keys)
    const directory = join(dataDir, 'first', 'receipt-keys')
    const files = readdirSync(directory)
    expect(files).toEqual([`${receipt.key_id}.json`])
    expect(statSync(join(directory, files[0] ?? '')).mode & 0o777).toBe(0o600)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    const again = open('first')
    expect(Receipt.verify(receipt, again, { nowMs: T0 }).keyId).toBe(receipt.key_id)
    expect(receiptBy(again).key_id).toBe(receipt.key_id)
    expect(JSON.stringify(again.jwks())).not.toMatch(/"d"/)
    expect(again.jwks().keys).toMatchObject([{ kid: receipt.key_id, kty: 'OKP', crv: 'Ed25519', use: 'sig' }])
  })
  test('promise: after a rotation the old key verifies what it signed, signs nothing, and goes when that has expired', () => {
    const clock = Clock.fixed(T0)
    const keys = open('rotated', clock)
    // Another process on the same directory.
    const beside = open('rotated', clock)
    const old = receiptBy(keys)
    expect(beside.jwks().keys).toHaveLength(1)
    const { keyId, previous } = keys.rotate()
    expect([previous, keyId === previous]).toEqual([old.key_id, false])
    const path = join(dataDir, 'rotated', 'receipt-keys', `${old.key_id}.json`)
    expect(JSON.parse(readFileSync(path, 'utf8'))).not.toHaveProperty('d')
    for (const each of [keys, beside]) {
      expect(receiptBy(each).key_id).toBe(keyId)
      expect(Receipt.verify(old, each, { nowMs: T0 }).keyId).toBe(old.key_id)
      expect(each.jwks().keys.map(({ kid }) => kid)).toSatisfy(
        (kids: unknown[]) => kids.length === 2 && kids.includes(keyId) && kids.includes(previous),
      )
    }
    // A new receipt by the old key was made by somebody who stole it.
    const message = new Uint8Array([1])
    expect(keys.verify(old.key_id, message, new Uint8Array(64), T0 + 60_000)).toBe('bad')
    clock.advanceMs(3_600_000 + 60_000)
    const later = open('rotated', clock)
    expect(later.jwks().keys.map(({ kid }) => kid)).toEqual([keyId])
    expect(existsSync(path)).toBe(false)
    expect(() => Receipt.verify(old, later, { nowMs: T0 })).toThrow(/not known here/)
  })
  test('promise: a key that was replaced vouches for nothing issued later', () => {
    const clock = Clock.fixed(T0)
    const keys = open('stolen', clock)
    const stolen = open('stolen-copy', clock)
    const { key_id } = receiptBy(keys)
    const directory = (name: string) => join(dataDir, name, 'receipt-keys')
    receiptBy(stolen)
    for (const name of readdirSync(directory('stolen-copy'))) rmSync(join(directory('stolen-copy'), name))
    writeFileSync(
      join(directory('stolen-copy'), `${key_id}.json`),
      readFileSync(join(directory('stolen'), `${key_id}.json`)),
    )
    keys.rotate()
    clock.advanceMs(120_000)
    const thief = open('stolen-copy', clock)
    const forged = receiptBy(thief, T0 + 120_000)
    expect(forged.key_id).toBe(key_id)
    expect(() => Receipt.verify(forged, keys, { nowMs: T0 + 121_000 })).toThrow(/altered, or signed by somebody else/)
  })
  test('promise: a replaced key vouches for nothing issued later by an exported key set either', () => {
    const clock = Clock.fixed(T0)
    const keys = open('exported', clock)
    const { key_id } = receiptBy(keys)
    const directory = (name: string) => join(dataDir, name, 'receipt-keys')
    mkdirSync(directory('exported-copy'), { recursive: true })
    copyFileSync(join(directory('exported'), `${key_id}.json`), join(directory('exported-copy'), `${key_id}.json`))
    const honest = receiptBy(keys)
    keys.rotate()
    const exported = keysFromJwks(JSON.parse(JSON.stringify(keys.jwks())))
    clock.advanceMs(120_000)
    const forged = receiptBy(open('exported-copy', clock), T0 + 120_000)
    expect(forged.key_id).toBe(key_id)
    expect(() => Receipt.verify(forged, exported, { nowMs: T0 + 121_000 })).toThrow(
      /altered, or signed by somebody else/,
    )
    // What it signed before stays good, and so does what signs now.
    expect(Receipt.verify(honest, exported, { nowMs: T0 }).keyId).toBe(key_id)
    expect(Receipt.verify(receiptBy(keys, T0 + 120_000), exported, { nowMs: T0 + 121_000 }).keyId).not.toBe(key_id)
    expect(() => keysFromJwks({ keys: [{ ...keys.jwks().keys[1], retired_at: 'soon' }] })).toThrow(/cannot be read/)
  })
  test('a key file that is none is said, not replaced', () => {
    const keys = open('broken')
    const { key_id } = receiptBy(keys)
    const path = join(dataDir, 'broken', 'receipt-keys', `${key_id}.json`)
    writeFileSync(path, '{')
    expect(() => receiptBy(open('broken'))).toThrow(/cannot be read/)
    expect(() => keysFromJwks({ keys: [{ kty: 'RSA' }] })).toThrow(/cannot be read/)
    expect(() => keysFromJwks({})).toThrow(/cannot be read/)
  })
})

describe('read sets', () => {
  const readSet: ReadSet.ReadSet = {
    version: 1,
    builders: [`0x${'b1'.repeat(20)}`],
    entries: [
      [`0x${'aa'.repeat(20)}`, '5', '0', `0x${'11'.repeat(32)}`],
      [`0x${'aa'.repeat(20)}`, `0x${'00'.repeat(32)}`, `0x${'01'.padStart(64, '0')}`],
    ],
  }
  test('the text that is hashed is canonical JSON', () => {
    expect(ReadSet.toJson(readSet)).toBe(canonicalize(readSet))
  })
  test('kept by digest, checked when read, pruned when no receipt can need it', () => {
    const sets = openReadSets({ dataDir })
    const digest = sets.put(readSet)
    expect(sets.get(digest)).toEqual(readSet)
    const path = join(dataDir, 'readsets', `${digest}.json`)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace('"5"', '"6"'))
    expect(sets.get(digest)).toBeNull()
    writeFileSync(path, text)
    expect(sets.get('0x../../receipt-keys/x' as Digest.Digest)).toBeNull()
    const old = new Date(Date.now() - 2 * 3_600_000)
    utimesSync(path, old, old)
    sets.put({ ...readSet, builders: [] })
    expect([existsSync(path), sets.get(digest)]).toEqual([false, null])
  })
  test('the shelf forgets the oldest', () => {
    const shelf = ReadSet.createShelf({ maxEntries: 4 })
    const digests = [1, 2, 3].map((i) => shelf.put({ ...readSet, builders: [`0x${i}`] }))
    expect(digests.map((digest) => shelf.get(digest) !== null)).toEqual([false, true, true])
  })
})

test('an intent that a receipt carries is read back as the very same', () => {
  const assertions = [
    { name: 'max_outflow', token: null, amount: '5' },
    { name: 'min_inflow', token: ME, amount: '7' },
    { name: 'min_inflow', token: ME, amount: '7', account: OTHER },
    { name: 'recipient_receives', account: OTHER, token: null, amount: '1' },
    { name: 'allowed_recipients', recipients: [OTHER] },
    {
      ...{ name: 'allowed_authority', kind: 'operator', contract: ME, subject: OTHER },
      ...{ amount: '1', expires_by: '2026-01-31T12:00:00Z' },
    },
    { name: 'allowed_authority', kind: 'operator', contract: ME, subject: OTHER },
    { name: 'no_new_authority' },
    { name: 'allowed_delegate', delegate: ME, chain_id: 1 },
    { name: 'bridge_recipient', recipient: ME, chain_id: 10 },
    { name: 'max_fee', amount: '9' },
    { name: 'deadline', at: '2026-01-31T12:00:00Z' },
    { name: 'min_price', give: null, take: ME, ratio: '0.25' },
  ]
  const intent = parseIntent({ version: 1, chain_id: 1, account: ME, goal: 'x', assertions })
  expect(parseIntent(JSON.parse(JSON.stringify(intentToWire(intent))))).toEqual(intent)
})

describe('on a chain', () => {
  let chain: LocalChain
  let simulator: Simulator
  let endpoint: RpcEndpoint
  let known: KnownAddress[]
  let flip: Address.Address
  const keys = openReceiptKeys({ dataDir })
  const sets = openReadSets({ dataDir })
  let simulations = 0

  beforeAll(async () => {
    chain = await startLocalChain()
    simulator = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
    endpoint = openEndpoint({ url: chain.rpcUrl, timeoutMs: 5_000 })
    await chain.fund(ME, { usdc: 100_000n * DOLLAR })
    await chain.fund(OTHER, { usdc: 1_000_000n * DOLLAR })
    flip = Address.parse(await deploy(chain.rpc, OTHER, 'Flip'))
    known = [
      ...chain.tokens.map((token): KnownAddress => ({ ...token, kind: 'token' })),
      ...chain.contracts.map((contract): KnownAddress => ({ ...contract })),
    ]
  })
  afterAll(async () => {
    await endpoint.close()
    await simulator.close()
    await chain.close()
  })

  function tx(name: string, functionName: string, args: unknown[], to: string, value = 0n): Call {
    const data = encodeFunctionData({ abi: loadArtifact(name).abi as Abi, functionName, args })
    return { to: Address.parse(to), value, data, gasLimit: null, maxFeePerGasWei: null, label: functionName }
  }
  const usdc = (functionName: string, args: unknown[]) => tx('Usdc', functionName, args, chain.addresses.usdc)
  const router = (functionName: string, args: unknown[], value = 0n) =>
    tx('UniswapV2Router02', functionName, args, chain.addresses.uniswapV2Router, value)
  const buyUsdc = (value: bigint, minimum: bigint, to: string) =>
    router('swapExactETHForTokens', [minimum, [chain.addresses.weth, chain.addresses.usdc], to, FOREVER], value)
  const sellUsdc = (amount: bigint) => [
    usdc('approve', [chain.addresses.uniswapV2Router, amount]),
    router('swapExactTokensForETH', [amount, 0n, [chain.addresses.usdc, chain.addresses.weth], OTHER, FOREVER]),
  ]
  async function mine(calls: readonly Call[], from = OTHER): Promise<void> {
    for (const { to, value, data } of calls) {
      const transaction = { from, to, data, value: `0x${value.toString(16)}`, gas: '0x989680' }
      const hash = await chain.rpc('eth_sendTransaction', [transaction])
      let receipt: { status: string } | null = null
      while (receipt === null) receipt = await chain.rpc<{ status: string } | null>('eth_getTransactionReceipt', [hash])
      expect(receipt.status).toBe('0x1')
    }
  }
  /** A saved report, as `countersign simulate --json` prints it. */
  async function receipted(
    calls: readonly Call[],
    { ttlMs = 120_000, ...more }: Partial<SimulationRequest> & { ttlMs?: number } = {},
  ) {
    const request: SimulationRequest = {
      ...{ chainId: chain.chainId, from: ME, calls, known, block: 'latest', maxHeadAgeMs: 0 },
      ...more,
    }
    const report = await simulator.simulate(request)
    const readSet = simulator.readSet(report.readSet.digest)
    if (readSet === null) throw new Error('no read set')
    sets.put(readSet)
    const issued = issueReceipt(keys, {
      ...{ request, report, readSet, policyVersion: 'test', nowMs: Date.now(), ttlMs },
    })
    return JSON.parse(JSON.stringify(Report.toWire(issued))) as Record<string, Json> & {
      receipt: Receipt.ReceiptWire
    }
  }
  const check = (
    value: unknown,
    options: { nowMs?: number; at?: RpcEndpoint; sets?: Pick<ReadSet.ReadSetShelf, 'get'> } = {},
  ) =>
    recheck(
      {
        endpoint: options.at ?? endpoint,
        keys,
        readSets: options.sets ?? sets,
        simulate: (request) => {
          simulations += 1
          return simulator.simulate(request)
        },
      },
      { value, nowMs: options.nowMs ?? Date.now() },
    )
  /** What was found, and how many simulations it took. */
  async function summary(value: unknown) {
    const before = simulations
    const found = await check(value)
    return { ...found, simulations: simulations - before }
  }
  async function undone<T>(body: () => Promise<T>): Promise<T> {
    const snapshot = await chain.rpc('evm_snapshot')
    try {
      return await body()
    } finally {
      await chain.rpc('evm_revert', [snapshot])
    }
  }

  test('a receipt holds everything to simulate it again, and the report beside it is bound in every field', async () => {
    const report = await receipted([usdc('transfer', [OTHER, 5n * DOLLAR]), buyUsdc(ETHER, 1n, ME)])
    const { bound } = Receipt.verify(report.receipt, keys, { nowMs: Date.now() })
    const again = await simulator.simulate(await requestOfBound(bound, Date.now()))
    expect(Report.effectsDigest(again)).toBe(bound.effects_digest)
    expect(bound).toMatchObject({
      chain_id: chain.chainId,
      from: ME,
      nonce: '0',
      calls: [{ gas_limit: (report['steps'] as { gas_limit: string }[])[0]?.gas_limit }, { value: ETHER.toString() }],
      environments: expect.arrayContaining([{ name: 'spec-default', agrees: true }]),
      read_set_digest: (report['read_set'] as { digest: string }).digest,
    })
    for (const path of [['verdict'], ['token_changes', '0', 'delta'], ['findings'], ['steps', '0', 'gas_used']]) {
      await expect(check(replaced(report as unknown as Json, path, 'x')), path.join('.')).rejects.toMatchObject({
        code: 'receipts:receipt:forged',
        kind: 'invalid',
      })
    }
    await expect(check({ ...report, receipt: null })).rejects.toMatchObject({ code: 'receipts:receipt:absent' })
    await expect(check(report, { nowMs: Date.now() + 121_000 })).rejects.toMatchObject({
      code: 'receipts:receipt:expired',
    })
  })
  test('half a character in a label or a name is mended, not a crash', async () => {
    const half = '\ud800'
    const report = await receipted([{ ...usdc('transfer', [OTHER, DOLLAR]), label: half }], {
      known: [...known, { address: OTHER, name: half, kind: 'contact' }],
    })
    expect(report.receipt.bound.calls[0]?.label).toBe('\ufffd')
    expect((await check(report)).outcome).toBe('good')
  })
  test('nothing that is blocked gets a receipt', async () => {
    const report = await receipted([usdc('approve', [Address.parse(`0x${'9d'.repeat(20)}`), 2n ** 256n - 1n])])
    expect([report['verdict'], report.receipt]).toEqual(['block', null])
  })
  test('promise: unrelated traffic is not drift: read again in one batch, no simulation', () =>
    undone(async () => {
      const report = await receipted([usdc('transfer', [OTHER, 5n * DOLLAR])])
      expect(await summary(report)).toMatchObject({ outcome: 'good', how: 'read-set', simulations: 0, moved: [] })
      const third = Address.parse(`0x${'7e'.repeat(20)}`)
      // Somebody else trades and pays, block after block.
      const [somebody] = chain.accounts
      if (somebody === undefined) throw new Error('no account')
      await mine([buyUsdc(ETHER, 1n, third), usdc('transfer', [third, DOLLAR])], somebody.address)
      await chain.rpc('anvil_mine', ['0x5'])
      const before = endpoint.requests
      const found = await summary(report)
      expect(found).toMatchObject({ outcome: 'good', how: 'read-set', simulations: 0, because: [] })
      // The head, then everything that was read, at that block's hash.
      expect(endpoint.requests - before).toBe(2)
      // The builder was paid, and that is said without being an alarm.
      expect(found.moved.every((line) => line.startsWith('balance of 0x95222290'))).toBe(true)
      expect(await summary(report.receipt)).toMatchObject({ outcome: 'good', how: 'read-set' })
    }))
  test('what was touched by others without a difference for the user is simulated again, and good', () =>
    undone(async () => {
      const report = await receipted([usdc('transfer', [OTHER, 5n * DOLLAR])])
      // The recipient's balance slot moves: it was read, but the user sends the same five dollars.
      await mine([usdc('transfer', [Address.parse(`0x${'7e'.repeat(20)}`), DOLLAR])])
      await chain.rpc('anvil_setBalance', [ME, '0x152d02c7e14af6800001'])
      const found = await summary(report)
      expect(found).toMatchObject({ outcome: 'good', how: 'simulation', simulations: 1, because: [] })
      expect(found.moved.join('\n')).toMatch(/storage of 0x[\s\S]*/)
    }))
  test('a pool that moved: worse is drift, better is not', async () => {
    const report = await receipted([buyUsdc(ETHER, 1n, ME)])
    await undone(async () => {
      await mine([buyUsdc(50n * ETHER, 1n, OTHER)])
      const found = await summary(report)
      expect(found).toMatchObject({ outcome: 'drifted', how: 'simulation' })
      expect(found.because.join()).toMatch(/token_changes: “USDC”: \d+\.\d+ instead of \d+\.\d+/)
    })
    await undone(async () => {
      await mine(sellUsdc(50_000n * DOLLAR))
      const found = await summary(report)
      expect(found).toMatchObject({ outcome: 'good', how: 'simulation', because: [] })
      expect(found.notes.join()).toMatch(/token_changes: “USDC”: \d+\.\d+ instead of \d+\.\d+/)
      // The receipt alone says enough to tell better from worse.
      expect(await summary(report.receipt)).toMatchObject({ outcome: 'good', notes: found.notes })
    })
    await undone(async () => {
      const strict = await receipted([buyUsdc(ETHER, 2_480n * DOLLAR, ME)])
      await mine([buyUsdc(100n * ETHER, 1n, OTHER)])
      const found = await summary(strict)
      expect(found.outcome).toBe('blocked')
      expect(found.because.join()).toMatch(/INSUFFICIENT_OUTPUT/)
    })
  })
  test('promise: the owner flips a flag after the preview', () =>
    undone(async () => {
      const report = await receipted([tx('Flip', 'deposit', [], flip, ETHER)])
      expect((await summary(report)).outcome).toBe('good')
      await mine([tx('Flip', 'set', [false], flip)])
      const found = await summary(report)
      expect(found.outcome).toBe('drifted')
      expect(found.because.join()).toMatch(/: -1 instead of 0/)
      expect(found.moved.join()).toMatch(new RegExp(`storage of ${flip}`))
    }))
  test('promise: the implementation behind a proxy is swapped, even for one that does the same', () =>
    undone(async () => {
      const report = await receipted([usdc('transfer', [OTHER, 5n * DOLLAR])])
      const twin = await deploy(chain.rpc, OTHER, 'Usdc')
      // ERC-1967, keccak256("eip1967.proxy.implementation") - 1
      const slot = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc'
      await chain.rpc('anvil_setStorageAt', [chain.addresses.usdc, slot, `0x${twin.slice(2).padStart(64, '0')}`])
      await chain.rpc('anvil_mine', ['0x1'])
      const found = await summary(report)
      expect(found.outcome).toBe('drifted')
      expect(found.because.join()).toContain(`another contract is called: ${Address.parse(twin)}`)
    }))
  test('promise: code at the same address changed', () =>
    undone(async () => {
      const report = await receipted([tx('Flip', 'deposit', [], flip, ETHER)])
      const code = await chain.rpc<string>('eth_getCode', [flip, 'latest'])
      await chain.rpc('anvil_setCode', [flip, `${code}00`])
      await chain.rpc('anvil_mine', ['0x1'])
      const found = await summary(report)
      expect(found.outcome).toBe('drifted')
      expect(found.because.join()).toContain(`the code at ${flip} changed`)
    }))
  test('promise: a receipt is good for one nonce', () =>
    undone(async () => {
      const report = await receipted([usdc('transfer', [OTHER, 5n * DOLLAR])])
      await mine([{ ...usdc('transfer', [OTHER, 1n]), to: Address.parse(chain.addresses.usdc) }], ME)
      for (const value of [report, report.receipt]) {
        const found = await summary(value)
        expect(found).toMatchObject({ outcome: 'drifted', how: 'read-set', simulations: 0 })
        expect(found.because.join()).toMatch(/its nonce was 0 and is 1/)
      }
    }))
  test('a fee beyond what was shown, or beyond the cap, is drift', () =>
    undone(async () => {
      const report = await receipted([usdc('transfer', [OTHER, 5n * DOLLAR])])
      const capped = await receipted([{ ...usdc('transfer', [OTHER, DOLLAR]), maxFeePerGasWei: 3n * 10n ** 9n }])
      await chain.rpc('anvil_setNextBlockBaseFeePerGas', ['0x2540be400'])
      await chain.rpc('anvil_mine', ['0x1'])
      expect((await summary(report)).because.join()).toMatch(/at most \d+ wei was shown/)
      expect((await summary(capped)).because.join()).toMatch(/fee cap of step 1 is below the base fee/)
    }))
  test('without the kept read set it is simulated again', async () => {
    const report = await receipted([buyUsdc(2n * ETHER, 1n, ME)])
    for (const value of [report, report.receipt])
      expect(await check(value, { sets: { get: () => null } })).toMatchObject({ outcome: 'good', how: 'simulation' })
  })
  test('promise: an outcome that depends on the block is always simulated again', async () => {
    const report = await receipted([usdc('transfer', [OTHER, 6n * DOLLAR])])
    const { bound } = report.receipt
    const variants: Partial<Receipt.Bound>[] = [
      { environments: bound.environments.map((each, i) => (i === 2 ? { ...each, agrees: false } : each)) },
      { environments: bound.environments.slice(0, 1) },
      { environment_reads: ['BLOCKHASH'] },
    ]
    for (const variant of variants) {
      const receipt = Receipt.toWireReceipt(Receipt.sign({ ...bound, ...variant }, keys))
      expect(await summary(receipt)).toMatchObject({ outcome: 'good', how: 'simulation', simulations: 1 })
    }
  })
  test('promise: every kind of reason is drift, and named by its kind', () =>
    undone(async () => {
      const permission = await receipted([usdc('approve', [chain.addresses.uniswapV2Router, 5n * DOLLAR])])
      const payment = await receipted([usdc('transfer', [OTHER, 5n * DOLLAR])])
      const again = (report: typeof payment, change: (bound: Receipt.Bound) => Partial<Receipt.Bound>) => {
        const { bound } = report.receipt
        // Nothing of what was read counts, so that it is simulated again and compared.
        const blind = { ...bound, environment_reads: ['BLOCKHASH'], ...change(bound) }
        return check(Receipt.toWireReceipt(Receipt.sign(blind, keys)))
      }
      const outcome = (change: Partial<Receipt.BoundOutcome>) => (bound: Receipt.Bound) => ({
        outcome: { ...bound.outcome, ...change },
      })
      const rows: readonly [string, typeof payment, (bound: Receipt.Bound) => Partial<Receipt.Bound>][] = [
        ['nonce', payment, () => ({ nonce: '7' })],
        ['fee', payment, outcome({ max_fee_wei: '1' })],
        ['fee', payment, (bound) => ({ calls: bound.calls.map((each) => ({ ...each, max_fee_per_gas: '1' })) })],
        ['assets', payment, outcome({ token_changes: [] })],
        ['authority', permission, outcome({ authority_changes: [] })],
        [
          'authority',
          permission,
          ({ outcome: was }) => ({
            outcome: { ...was, authority_changes: was.authority_changes.map((each) => ({ ...each, after: '1' })) },
          }),
        ],
        [
          'authority',
          permission,
          ({ outcome: was }) => ({
            outcome: {
              ...was,
              authority_changes: was.authority_changes.map((each) => ({
                ...each,
                expires: '2026-01-31T12:00:00.000Z',
              })),
            },
          }),
        ],
        ['code', payment, outcome({ contracts: [] })],
      ]
      for (const [kind, report, change] of rows) {
        const found = await again(report, change)
        expect(found.outcome, kind).toBe('drifted')
        expect(found.drift.map((each) => each.kind)).toContain(kind)
        expect(found.because).toEqual(found.drift.map((each) => each.because))
      }
      expect((await again(payment, () => ({}))).outcome).toBe('good')

      const { bound } = payment.receipt
      const blind = Receipt.toWireReceipt(Receipt.sign({ ...bound, environment_reads: ['BLOCKHASH'] }, keys))
      const [first] = bound.environments
      const later: readonly [string, (now: Report.Report) => Partial<Report.Report>][] = [
        [
          'warning',
          ({ findings }) => ({
            findings: [
              ...findings,
              { rule: 'r', level: 'warn', title: 'T', because: 'B', subject: null, evidence: {} } as never,
            ],
          }),
        ],
        [
          'environment',
          ({ environments }) => ({
            environments: environments.map((each) => (each.name === first?.name ? { ...each, agrees: false } : each)),
          }),
        ],
        ['blocked', () => ({ verdict: 'block', findings: [{ level: 'block', because: 'no' } as never] })],
      ]
      for (const [kind, change] of later) {
        const found = await recheck(
          {
            ...{ endpoint, keys, readSets: sets },
            async simulate(request) {
              const now = await simulator.simulate(request)
              return { ...now, ...change(now) }
            },
          },
          { value: blind, nowMs: Date.now() },
        )
        expect(found.outcome, kind).toBe(kind === 'blocked' ? 'blocked' : 'drifted')
        expect(found.drift.map((each) => each.kind)).toEqual([kind])
      }
    }))
  test('promise: with no provider, or another chain, there is no answer', async () => {
    const report = await receipted([usdc('transfer', [OTHER, 5n * DOLLAR])])
    const gone = openEndpoint({ url: 'http://127.0.0.1:9', timeoutMs: 1_000 })
    await expect(check(report, { at: gone })).rejects.toMatchObject({ kind: 'upstream' })
    await gone.close()
    const other = await startLocalChain({ chainId: 5, cacheDir: null })
    const elsewhere = openEndpoint({ url: other.rpcUrl, timeoutMs: 5_000 })
    await expect(check(report, { at: elsewhere })).rejects.toMatchObject({ code: 'simulation:chain:mismatch' })
    await elsewhere.close()
    await other.close()
  })
  test('a builder that the batch names or pays counts', async () => {
    const builder = Address.parse('0x95222290DD7278Aa3Ddd389Cc1E1d165CC4BAfe5')
    // Who builds the other environment's block.
    const other = Address.parse('0x4838B106FCe9647Bdf1E7877BF73cE8B0BAD5f97')
    const readSetOf = async (calls: Call[]) => {
      const report = await receipted(calls)
      return sets.get((report['read_set'] as { digest: Hex.Hex }).digest)
    }
    expect((await readSetOf([usdc('transfer', [OTHER, DOLLAR])]))?.builders).toEqual(
      [other, builder].map((each) => each.toLowerCase()),
    )
    const paid = await readSetOf([usdc('transfer', [builder, DOLLAR])])
    expect(paid?.builders).toEqual([other.toLowerCase()])
  })
})
