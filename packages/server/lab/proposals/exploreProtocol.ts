import type { Store } from '../../src/store/openStore.ts'
import { isFinal, type Proposal } from '../../src/proposals/Proposal.ts'
import { placeIn, type ModelTx } from './ModelAccountChain.ts'
import { ProtocolWorld, START_MS, type Done, type Flaw, type Snapshot, type WindowName } from './ProtocolWorld.ts'

/** What may happen in one exploration, and how often. */
export interface Scope {
  /** How many cards with the same bytes are made. */
  readonly cards: number
  readonly windows: readonly WindowName[]
  /** Everything beside asking, opening and signing, with how often it may happen. Mining and the server's rounds go on unless it is 0. */
  readonly limits: Readonly<Record<string, number>>
  /** Whether the process may end, once, before any write of any action or before its answer. */
  readonly crashes?: boolean
  readonly isDocument?: boolean
}

export interface Explored {
  readonly states: number
  readonly actions: number
  /** What broke, and the actions that led there; null when nothing did. */
  readonly broken: { readonly what: string; readonly path: readonly string[] } | null
}

interface Reached {
  readonly snapshot: Snapshot
  readonly path: readonly string[]
}

/** Plays every order of actions, state by state, until no new state comes or something is broken. */
export async function exploreProtocol(
  store: Store,
  { dataDir, scope, flaw = {} }: { dataDir: string; scope: Scope; flaw?: Flaw },
): Promise<Explored> {
  const world = new ProtocolWorld(store, { dataDir, flaw, isDocument: scope.isDocument === true })
  try {
    return await explore(world, scope)
  } finally {
    // What it left would be another session of the same owner to the next one.
    await world.end()
  }
}

async function explore(world: ProtocolWorld, scope: Scope): Promise<Explored> {
  const seen = new Set<string>()
  let edge: Reached[] = [{ snapshot: await world.begin(), path: [] }]
  let actions = 0
  const broken = (what: string, path: readonly string[]): Explored => ({
    ...{ states: seen.size, actions, broken: { what, path } },
  })
  while (edge.length > 0) {
    const next: Reached[] = []
    for (const { snapshot, path } of edge) {
      await world.restore(snapshot)
      const before = await world.cards()
      for (const action of enabled(world, scope, before)) {
        let crashes: readonly (number | null)[] = [null]
        for (let i = 0; i < crashes.length; i += 1) {
          const crashBefore = crashes[i] ?? null
          await world.restore(snapshot)
          const done = await world.act(action, crashBefore)
          await world.corrupt()
          actions += 1
          const taken = [...path, crashBefore === null ? action : `${action}, dead before write ${crashBefore + 1}`]
          const wrong = await whatBroke(world, { before, done })
          if (wrong !== null) return broken(wrong, taken)
          const mayCrash = scope.crashes === true && !snapshot.around.isCrashed && crashBefore === null
          if (mayCrash) crashes = [null, ...Array.from({ length: done.writes }, (_, k) => k + 1)]
          const reached = await world.snapshot()
          const key = keyOf(reached)
          if (seen.has(key)) continue
          seen.add(key)
          next.push({ snapshot: reached, path: taken })
          const stuck = await whatIsStuck(world)
          if (stuck !== null) return broken(stuck, taken)
        }
      }
    }
    edge = next
  }
  return { states: seen.size, actions, broken: null }
}

/** What goes on by itself. */
const ALWAYS: ReadonlySet<string> = new Set(['mine', 'look', 'sweep'])

/** What may happen in a random history. */
const ANYTHING: Scope = {
  ...{ cards: 3, windows: ['a', 'b'], crashes: true },
  limits: { lie: 2, no: 2, unsigned: 2, reject: 2, faster: 2, cancel: 1, reorg: 2, lease: 3, late: 1, revoke: 1 },
}

/** A step of a random history. */
interface RandomStep {
  random(): number
}

/**
 * Plays random histories of the protocol, longer and with more cards than can be explored.
 *
 * @returns What plays one: what broke, with its actions; null when nothing did.
 */
export function openProposalHistories(
  store: Store,
  { dataDir, flaw = {} }: { dataDir: string; flaw?: Flaw },
): (isDocument: boolean, steps: readonly RandomStep[]) => Promise<string | null> {
  return async (isDocument, steps) => {
    const world = new ProtocolWorld(store, { dataDir, flaw, isDocument })
    await world.begin()
    const path: string[] = []
    try {
      for (const { random } of steps) {
        const before = await world.cards()
        // A history that is left short has actions of its own: those that may happen then.
        const actions = enabled(world, ANYTHING, before)
        const action = actions[Math.floor(random() * actions.length)] ?? 'look'
        const crashBefore = !world.around.isCrashed && random() < 0.03 ? 1 + Math.floor(random() * 3) : null
        const done = await world.act(action, crashBefore)
        path.push(crashBefore === null ? action : `${action}, dead before write ${crashBefore + 1}`)
        const wrong = await whatBroke(world, { before, done })
        if (wrong !== null) return `${wrong}: ${path.join(' | ')}`
      }
      const stuck = await whatIsStuck(world)
      return stuck === null ? null : `${stuck}: ${path.join(' | ')}`
    } finally {
      await world.end()
    }
  }
}

/** What may happen now. */
function enabled(world: ProtocolWorld, { cards, windows, limits, crashes }: Scope, now: readonly Proposal[]): string[] {
  const { around } = world
  const actions: string[] = []
  const may = (what: string): boolean => world.count(what) < (limits[what] ?? (ALWAYS.has(what) ? Infinity : 0))
  if (!around.isRevoked && world.count('propose') < cards) actions.push('propose')
  for (const name of windows) {
    const { open, sent } = around.windows[name]
    if (world.isAsking(name)) actions.push(`open ${name}`)
    // One that was left open beyond its lease does not sign while another window is between its look and its lease.
    const isLate = open !== null && open.untilMs <= around.nowMs
    if (open !== null && !(isLate && windows.some((each) => world.isAsking(each)))) actions.push(`sign ${name}`)
    // A session that is over is answered 401 before any of this.
    if (around.isRevoked) continue
    if (!world.isAsking(name) && open === null && sent === null)
      actions.push(...now.flatMap(({ state }, i) => (state === 'pending' ? [`ask ${name} ${i}`] : [])))
    if (sent !== null && limits['report'] !== 0) actions.push(`report ${name}`)
    if (open !== null) actions.push(...['no', 'unsigned'].filter(may).map((what) => `${what} ${name}`))
  }
  if (!around.isRevoked && now.length > 0 && may('lie')) actions.push('lie')
  if (!around.isRevoked && may('reject')) actions.push(...now.map((_, i) => `reject ${i}`))
  const { mempool, blocks } = around.chain
  if (mempool.length > 0) actions.push(...['mine', 'faster', 'cancel'].filter(may))
  if (blocks.length > 0 && may('reorg')) actions.push('reorg')
  actions.push(...['lease', 'late', 'look', 'sweep'].filter(may))
  if (!around.isRevoked && may('revoke')) actions.push('revoke')
  if (crashes === true && !around.isCrashed && windows.some((name) => world.isAsking(name))) actions.push('crash')
  return actions
}

function payments({ around: { chain } }: ProtocolWorld): { mined: ReadonlySet<string>; known: ReadonlySet<string> } {
  const mined = chain.blocks.flatMap((tx) => (tx?.isPayment === true ? [tx.hash] : []))
  const waiting = chain.mempool.flatMap((tx) => (tx.isPayment ? [tx.hash] : []))
  return { mined: new Set(mined), known: new Set([...mined, ...waiting]) }
}

/** What an action broke; null when nothing. */
async function whatBroke(
  world: ProtocolWorld,
  { before, done }: { before: readonly Proposal[]; done: Done },
): Promise<string | null> {
  const { around } = world
  const { mined, known } = payments(world)
  if (done.unrecorded !== null) return `${done.unrecorded} was reported and is not on record`
  if (done.asked !== null) {
    const { open } = around.windows[done.asked]
    const other = around.windows[done.asked === 'a' ? 'b' : 'a'].open
    const sent = around.sent.slice(around.cards[open?.card ?? 0]?.sent ?? 0).filter((hash) => known.has(hash))
    if (sent.length > 0) return 'a wallet was asked for what had been sent'
    if (other !== null && other.untilMs > around.nowMs) return 'two wallets were asked at a time'
    if (around.isRevoked) return 'a wallet was asked after the revocation'
  }
  for (const [i, card] of (await world.cards()).entries()) {
    const was = before[i]?.state
    const hash: string = card.calls[0]?.txHash ?? ''
    if (was === card.state) continue
    if (card.state === 'settled' && card.kind === 'transactions' && !mined.has(hash))
      return `card ${i} was settled by nothing that is mined`
    if (was === undefined || !isFinal(was)) continue
    // The block that proved it is not there any more.
    const [proven] = before[i]?.calls ?? []
    const isTaken =
      card.state === 'submitted' && placeIn(around.chain, proven?.txHash ?? '')?.hash !== proven?.txBlock?.hash
    const isProven = card.kind === 'signature' ? card.state === 'settled' : known.has(hash)
    if (was === 'settled' ? !isTaken : !isProven) return `card ${i} was ${was} and became ${card.state} without proof`
  }
  return null
}

/** Lets the chain and the server come to rest, and says what is not over then; null when everything is. */
async function whatIsStuck(world: ProtocolWorld): Promise<string | null> {
  await world.act('crash')
  while (world.around.chain.mempool.length > 0) await world.act('mine')
  for (const action of ['look', 'lease', 'look', 'late', 'sweep', 'look']) {
    await world.act(action)
    await world.corrupt()
  }
  const cards = await world.cards()
  const open = cards.find(({ state }) => !isFinal(state))
  if (open !== undefined) return `a card is ${open.state} for ever`
  const { mined } = payments(world)
  const settled = cards.filter((card) => card.kind === 'transactions' && card.state === 'settled')
  const hashes = new Set<string>(settled.map((card) => card.calls[0]?.txHash ?? ''))
  const isSame =
    hashes.size === settled.length && mined.size === hashes.size && [...mined].every((each) => hashes.has(each))
  return isSame ? null : `${mined.size} payments were mined and ${settled.length} cards are settled`
}

/** All that decides what comes next, with cards by their number and windows by either name. */
function keyOf(snapshot: Snapshot): string {
  const keys = (['ab', 'ba'] as const).map((names) => JSON.stringify(plain(snapshot, names)))
  return keys.toSorted()[0] ?? ''
}

/** As JSON: any order will do, as long as it is one. */
function byText(a: unknown, b: unknown): number {
  const [one = '', other = ''] = [a, b].map((each) => JSON.stringify(each))
  return one < other ? -1 : one > other ? 1 : 0
}

function plain({ rows, around, asking }: Snapshot, names: 'ab' | 'ba'): unknown {
  const name = (of: unknown): unknown => (names === 'ab' || of === null ? of : of === 'a' ? 'b' : 'a')
  const windows = names.split('') as WindowName[]
  const tx = (each: ModelTx | null): unknown => (each === null ? null : [each.hash, each.nonce, each.isPayment])
  const at = (ms: unknown): unknown => (typeof ms === 'number' ? ms - START_MS : null)
  return [
    [at(around.nowMs), around.chain.blocks.map(tx), around.chain.mempool.map(tx), around.chain.forks],
    [
      around.isRevoked,
      around.isCrashed,
      around.sent,
      Object.entries(around.done)
        .filter(([what]) => !ALWAYS.has(what))
        .toSorted(byText),
    ],
    windows.map((each) => [around.windows[each].open, around.windows[each].sent]),
    windows.map((each) => {
      const asked = asking[each]
      return asked === undefined ? null : [asked.card, plain(asked.saw, names)]
    }),
    around.cards.map(({ id, sent }) => {
      const own = (table: string): readonly Record<string, unknown>[] =>
        (rows[table] ?? []).filter((row) => row['proposal_id'] === id)
      const row = (rows['proposals'] ?? []).find((each) => each['id'] === id) ?? {}
      return [
        [sent, row['state'], at(row['expires_ms']), name(row['wallet_lease'] ?? null), at(row['wallet_until_ms'])],
        [at(row['wallet_opened_ms']), row['watch_nonce'], row['watch_block'], row['watch_since_block']],
        [at(row['watch_until_ms']), row['settlement'] === null, row['receipt_digest'] === null],
        own('proposal_calls').map((call) => [
          call['status'],
          call['tx_hash'],
          call['tx_nonce'],
          call['tx_block'],
          call['tx_block_hash'],
        ]),
        own('reported_hashes')
          .map((each) => each['tx_hash'])
          .toSorted(byText),
        own('claimed_hashes')
          .map((each) => each['tx_hash'])
          .toSorted(byText),
        own('receipts')
          .map((each) => [
            each['digest'] === row['receipt_digest'],
            at(each['issued_ms']),
            each['consumed_ms'] === null,
          ])
          .toSorted(byText),
      ]
    }),
  ]
}
