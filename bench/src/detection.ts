import { Address, type Hex } from '@countersign/base'
import type { Call } from '@countersign/simulator'
import {
  ATTACKS,
  BENIGN,
  ELSEWHERE,
  FAMILIES,
  OPEN,
  openWorld,
  type Family,
  type Harm,
  type Scene,
  type Staged,
  type World,
} from '@countersign/simulator/catalogue'
import { createPublicClient, custom, type Transport } from 'viem'
import { empty, row, type Rate, type Result } from './Result.ts'
import { share } from './Wilson.ts'

const OURS = 'countersign'
const RAW = 'eth_simulateV1, logs read'
const VIEM = 'viem simulateCalls'

/**
 * Detection and false alarms on the attack catalogue and its benign look-alikes, for us and for two ways people simulate
 * today, on the same chain, case by case in one run.
 *
 * Ours counts as detected only when the verdict is at least the catalogue's and every fact that must be shown is shown.
 * The peers give no verdict, so two things are counted for them. `visible`: what really happens to the user (a loss, a
 * grant, a failure, a shortfall) can be read from what they answer, by somebody who knows what to look for. `flagged`: a
 * careful integrator's fixed policy, the same for attacks and look-alikes, would stop it; its false alarms are counted too.
 *
 * - `eth_simulateV1` with the node's defaults and `traceTransfers`: status, gas, ether transfers, standard token and
 *   approval events.
 * - viem's `simulateCalls` with `traceAssetChanges`: the account's balances before and after, status, gas. Its raw logs
 *   are the other peer's. anvil 1.7.1 refuses calls without a recipient, which viem makes to read balances: they are run
 *   as code at a made-up address instead.
 *
 * Documents to be signed cannot be simulated by the peers: for them, an attack by signature is missed, and an honest
 * document is left out of their false alarms. Left out: cases that are met at signing or at the input (listed), and those
 * whose right answer is to allow.
 */
export async function run(log: (text: string) => void): Promise<Result> {
  const result = empty('detection')
  const world = await openWorld()
  const rates: Rate[] = []
  const found = new Map<string, boolean[]>()
  const count = (family: Family | 'all', subject: string, metric: string, hit: boolean) => {
    for (const each of family === 'all' ? (['all'] as const) : ([family, 'all'] as const)) {
      const key = `${each}|${subject}|${metric}`
      found.set(key, [...(found.get(key) ?? []), hit])
    }
  }
  const missed: string[] = []
  const timesMs: number[] = []
  const spenders = new Set(world.known.filter(({ kind }) => kind === 'spender').map(({ address }) => address))

  for (const attack of ATTACKS) {
    if (attack.verdict === 'allow') continue
    const family = attack.id[0] as Family
    log(`${attack.id} ${attack.title}`)
    await world.inside(
      (at) => attack.stage(at),
      async (scene) => {
        const { harm, shows } = scene as Staged
        const startMs = performance.now()
        const { report, card } = await world.simulate(scene)
        timesMs.push(performance.now() - startMs)
        const isStopped = report.verdict === 'block' || report.verdict === attack.verdict
        const isShown = Object.values(shows(report, card)).every(Boolean)
        count(family, OURS, 'detected', isStopped && isShown)
        if (!isStopped || !isShown) missed.push(attack.id)
        for (const [subject, ask] of PEERS) {
          const seen = scene.calls === undefined ? null : await ask(world, scene)
          count(family, subject, 'visible', seen !== null && isVisible(world, harm, seen))
          count(family, subject, 'flagged', seen !== null && isFlagged(world, scene, seen, spenders))
        }
      },
    )
  }
  for (const benign of BENIGN) {
    log(`look-alike: ${benign.title}`)
    await world.inside(
      (at) => benign.stage(at),
      async (scene) => {
        const startMs = performance.now()
        const { report } = await world.simulate(scene)
        timesMs.push(performance.now() - startMs)
        count(benign.family, OURS, 'false block', report.verdict === 'block')
        count(benign.family, OURS, 'false warn', report.verdict === 'warn')
        if (scene.calls === undefined) return
        for (const [subject, ask] of PEERS) {
          const seen = await ask(world, scene)
          // What it could not run says nothing about the policy.
          if (seen !== null) count(benign.family, subject, 'false flag', isFlagged(world, scene, seen, spenders))
        }
      },
    )
  }
  await world.close()

  for (const [key, hits] of found) {
    const [family = '', subject = '', metric = ''] = key.split('|')
    const name = family === 'all' ? 'all' : `${family} ${FAMILIES[family as Family]}`
    rates.push({ case: name, subject, metric, ...share(hits.filter(Boolean).length, hits.length) })
  }
  const order = (rate: Rate) =>
    `${rate.case === 'all' ? 'z' : rate.case}|${METRICS.indexOf(rate.metric)}|${rate.subject}`
  rates.sort((a, b) => (order(a) < order(b) ? -1 : 1))
  result.rates = rates
  result.rows.push(row({ case: 'a case, cold', subject: OURS, metric: 'report', unit: 'ms' }, timesMs))
  const rate = (subject: string, metric: string) =>
    rates.find((each) => each.case === 'all' && each.subject === subject && each.metric === metric)
  const bar = (name: string, value: number, target: string, holds: boolean) =>
    result.bars.push({ name, value, target, holds })
  const ours = rate(OURS, 'detected')
  bar(
    `attacks detected, with the right verdict and facts (of ${ours?.n ?? 0})${missed.length > 0 ? `; missed: ${missed.join(' ')}` : ''}`,
    ours?.hits ?? 0,
    `= ${ours?.n ?? 0}`,
    missed.length === 0,
  )
  bar('honest look-alikes', BENIGN.length, '≥ 60', BENIGN.length >= 60)
  bar('false blocks among them', rate(OURS, 'false block')?.rate ?? 1, '= 0', rate(OURS, 'false block')?.hits === 0)
  const warns = rate(OURS, 'false warn')?.rate ?? 1
  bar('false warnings among them', warns, '≤ 0.05', warns <= 0.05)
  for (const peer of [RAW, VIEM])
    bar(
      `detection over what is visible to ${peer}`,
      (ours?.rate ?? 0) - (rate(peer, 'visible')?.rate ?? 0),
      '> 0',
      (ours?.rate ?? 0) > (rate(peer, 'visible')?.rate ?? 0),
    )
  result.leftOut = [
    ...ELSEWHERE.map(({ id, title, covered }) => `${id} ${title}: ${covered.map(({ file }) => file).join(', ')}`),
    ...ATTACKS.filter(({ verdict }) => verdict === 'allow').map(
      ({ id, title }) => `${id} ${title}: the right answer is to allow`,
    ),
    ...OPEN.map(({ id, title, why }) => `${id} ${title}: OPEN, ${why}`),
  ]
  return result
}

const METRICS = ['detected', 'visible', 'flagged', 'false block', 'false warn', 'false flag']

/** What a peer's answer tells about a batch. */
interface Seen {
  readonly isFailed: boolean
  readonly gasUsed: bigint
  /** Net change by `token|account`, lower case; `null` is ether. */
  readonly deltas: ReadonlyMap<string, bigint>
  readonly grants: readonly { readonly contract: string; readonly subject: string; readonly isUnlimited: boolean }[]
}

const PEERS: readonly (readonly [string, (world: World, scene: Scene) => Promise<Seen | null>])[] = [
  [RAW, askRaw],
  [VIEM, askViem],
]

const topic = (address: string) => `0x${address.slice(-40)}`.toLowerCase()
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const APPROVAL = '0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925'
const APPROVAL_FOR_ALL = '0x17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31'
const TRANSFER_SINGLE = '0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62'
const DEPOSIT = '0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c'
const WITHDRAWAL = '0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65'
/** Where `traceTransfers` puts its made-up events (execution-apis, eth_simulateV1). */
const ETHER_LOG = '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'
const UNLIMITED = 2n ** 255n

interface RawLog {
  readonly address: string
  readonly topics: readonly Hex.Hex[]
  readonly data: Hex.Hex
}

function toRpc(from: string, call: Call) {
  const hex = (value: bigint) => `0x${value.toString(16)}`
  return {
    from,
    ...(call.to === null ? {} : { to: call.to }),
    value: hex(call.value),
    input: call.data,
    ...(call.gasLimit === null ? {} : { gas: hex(call.gasLimit) }),
    ...(call.authorizationList === undefined
      ? {}
      : {
          authorizationList: call.authorizationList.map(({ chainId, address, nonce, yParity, r, s }) => ({
            ...{
              chainId: hex(chainId),
              address,
              nonce: hex(nonce),
              yParity: hex(BigInt(yParity)),
              r: hex(r),
              s: hex(s),
            },
          })),
        }),
  }
}

/** The node's simulation, read by its standard events. */
async function askRaw(world: World, scene: Scene): Promise<Seen | null> {
  const from = scene.from ?? world.me
  type Simulated = { calls: { status: Hex.Hex; gasUsed: Hex.Hex; logs?: RawLog[] }[] }[]
  let blocks: Simulated
  try {
    const calls = (scene.calls ?? []).map((call) => toRpc(from, call))
    blocks = await world.chain.rpc<Simulated>('eth_simulateV1', [
      { blockStateCalls: [{ calls }], traceTransfers: true },
      'latest',
    ])
  } catch {
    return null
  }
  const calls = blocks.flatMap((block) => block.calls)
  const deltas = new Map<string, bigint>()
  const grants: { contract: string; subject: string; isUnlimited: boolean }[] = []
  const add = (token: string, account: string, delta: bigint) => {
    const key = `${token === ETHER_LOG ? 'null' : token}|${account}`
    deltas.set(key, (deltas.get(key) ?? 0n) + delta)
  }
  for (const { address, topics, data } of calls.flatMap((call) => call.logs ?? [])) {
    const token = address.toLowerCase()
    const [event, first = '', second = ''] = topics
    const number = (word: number) => BigInt(`0x${data.slice(2 + 64 * word, 66 + 64 * word) || '0'}`)
    if (event === TRANSFER && topics.length >= 3) {
      const amount = topics.length === 4 ? 1n : number(0)
      add(token, topic(first), -amount)
      add(token, topic(second), amount)
    }
    if (event === TRANSFER_SINGLE) {
      add(token, topic(second), -number(1))
      add(token, topic(topics[3] ?? ''), number(1))
    }
    if (event === DEPOSIT) add(token, topic(first), number(0))
    if (event === WITHDRAWAL) add(token, topic(first), -number(0))
    const isOwn = topic(first) === from.toLowerCase()
    if (event === APPROVAL && isOwn && (topics.length === 4 || number(0) > 0n))
      grants.push({
        contract: token,
        subject: topic(second),
        isUnlimited: topics.length === 3 && number(0) >= UNLIMITED,
      })
    if (event === APPROVAL_FOR_ALL && isOwn && number(0) > 0n)
      grants.push({ contract: token, subject: topic(second), isUnlimited: true })
  }
  return {
    isFailed: calls.some((call) => call.status !== '0x1'),
    gasUsed: calls.reduce((sum, call) => sum + BigInt(call.gasUsed), 0n),
    deltas,
    grants,
  }
}

/** viem's asset changes of the user, with status and gas. */
async function askViem(world: World, scene: Scene): Promise<Seen | null> {
  const from = scene.from ?? world.me
  const client = createPublicClient({ transport: withoutCreation(world), pollingInterval: 10 })
  try {
    const { results, assetChanges } = await client.simulateCalls({
      account: from as Hex.Hex,
      calls: (scene.calls ?? []).map(({ to, value, data, gasLimit }) => ({
        ...{ to: (to ?? undefined) as Hex.Hex, value, data },
        ...(gasLimit === null ? {} : { gas: gasLimit }),
      })),
      traceAssetChanges: true,
    })
    return {
      isFailed: results.some(({ status }) => status !== 'success'),
      gasUsed: results.reduce((sum, { gasUsed }) => sum + gasUsed, 0n),
      deltas: new Map(
        assetChanges.map(({ token, value }) => [
          `${token.address.toLowerCase() === ETHER_LOG ? 'null' : token.address.toLowerCase()}|${from.toLowerCase()}`,
          value.diff,
        ]),
      ),
      grants: [],
    }
  } catch {
    return null
  }
}

/** Calls without a recipient run as code at a made-up address: anvil 1.7.1 refuses them in eth_simulateV1. */
function withoutCreation(world: World): Transport {
  const at = '0x5741a6e20000000000000000000000000000c0de'
  type Block = { calls?: { to?: string | null; data?: string }[]; stateOverrides?: Record<string, unknown> }
  return custom({
    request: ({ method, params }: { method: string; params?: unknown[] }) => {
      if (method !== 'eth_simulateV1') return world.chain.rpc(method, params)
      const [first, ...rest] = params as [{ blockStateCalls: Block[] }, ...unknown[]]
      const blockStateCalls = first.blockStateCalls.map((block) => {
        const code = block.calls?.find(({ to, data }) => to == null && data !== undefined)?.data
        if (code === undefined) return block
        return {
          ...block,
          calls: block.calls?.map((call) => (call.to == null ? { ...call, to: at, data: '0x' } : call)),
          stateOverrides: { ...block.stateOverrides, [at]: { code } },
        }
      })
      return world.chain.rpc(method, [{ ...first, blockStateCalls }, ...rest])
    },
  })
}

function deltaOf(seen: Seen, account: string, token: string | null): bigint {
  return seen.deltas.get(`${token === null ? 'null' : token.toLowerCase()}|${account.toLowerCase()}`) ?? 0n
}

/** Whether all that really happens can be read from the answer. */
function isVisible(world: World, harm: Harm, seen: Seen): boolean {
  const facts: boolean[] = []
  if (harm.hidden !== undefined && harm.loses === undefined && harm.grants === undefined) return false
  for (const [token, atLeast] of harm.loses ?? []) facts.push(deltaOf(seen, world.me, token) <= -atLeast)
  for (const { subject } of harm.grants ?? [])
    facts.push(seen.grants.some((grant) => grant.subject === subject.toLowerCase()))
  if (harm.neverArrives !== undefined) facts.push(deltaOf(seen, world.me, harm.neverArrives) <= 0n)
  if (harm.shortfall !== undefined) {
    const { account, token, received } = harm.shortfall
    const shown = deltaOf(seen, account, token)
    facts.push(shown > 0n && shown <= received)
  }
  if (harm.fails === true) facts.push(seen.isFailed)
  if (harm.gas !== undefined) facts.push(seen.gasUsed >= harm.gas)
  return facts.length > 0 && facts.every(Boolean)
}

/**
 * A careful integrator's policy on a peer's answer: stop what fails; a grant that is unlimited or to a spender who is not
 * on the list; a loss for which nothing arrives, unless it is sent to somebody or to a contract that the app knows; and two
 * million gas without a contract being created.
 */
function isFlagged(world: World, scene: Scene, seen: Seen, spenders: ReadonlySet<Address.Address>): boolean {
  const known = [...world.known, ...(scene.known ?? [])]
  const isKnown = (address: string) => known.some((entry) => Address.isEqual(entry.address, address as Address.Address))
  const isSpender = (address: string) =>
    [...spenders, ...known.filter(({ kind }) => kind === 'spender').map((entry) => entry.address)].some((entry) =>
      Address.isEqual(entry, address as Address.Address),
    )
  if (seen.isFailed) return true
  if (seen.grants.some((grant) => grant.isUnlimited || !isSpender(grant.subject))) return true
  const own = [...seen.deltas].filter(([key]) => key.endsWith(`|${world.me.toLowerCase()}`)).map(([, delta]) => delta)
  const isLoss = own.some((delta) => delta < 0n) && !own.some((delta) => delta > 0n)
  const target = (call: Call) => {
    const recipient = /^0x(?:a9059cbb)/.test(call.data) ? `0x${call.data.slice(34, 74)}` : call.to
    return recipient === null || isKnown(recipient)
  }
  if (isLoss && !(scene.calls ?? []).every(target)) return true
  return seen.gasUsed > 2_000_000n && (scene.calls ?? []).every(({ to }) => to !== null)
}
