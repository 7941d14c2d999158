import { Address, assert, Digest } from '@countersign/base'
import type { ReportWire } from '@countersign/sdk'
import { GUARD, mostLeaving, readGuarded, type SimulationRequest } from '@countersign/simulator'
import { askPrices, priceInput, type AskPrice } from '../../mandates/askPrices.ts'
import { spendersIn } from '../../mandates/decide/gradeAmount.ts'
import type { Moves } from '../../mandates/decide/Moves.ts'
import { NAMED_LIFTS } from '../../mandates/decide/namedLifts.ts'
import { readMoves, type Standing } from '../../mandates/decide/readMoves.ts'
import type { Asker, Layer, Mandate, Prices } from '../../mandates/decide/Situation.ts'
import { toolMoves } from '../../mandates/decide/toolMoves.ts'
import { priceKey } from '../../mandates/decide/units.ts'
import { layerOf, type Guards } from '../../mandates/guards/Guards.ts'
import { parseGuards } from '../../mandates/guards/readGuards.ts'
import { mandateLayer } from '../../mandates/findMandate.ts'
import { loadSession } from '../../sessions/sessions.ts'
import type { Session } from '../../sessions/Session.ts'
import { allowanceOf } from '../../chains/allowanceOf.ts'
import type { Chain } from '../../chains/Chain.ts'
import type { Gate } from '../Gate.ts'
import type { Proposal } from '../Proposal.ts'
import { basisOf, inForceFor } from './inForce.ts'
import { isCancellation } from './isCancellation.ts'
import { simulateBatch, type Simulated } from '../simulateBatch.ts'
import { NO_ACCOUNT } from '../ToolCall.ts'

/** Everything that a decision rests on but the ledger: read before the write in which it is made. */
export interface Prepared {
  readonly moves: Moves
  readonly layers: readonly Layer[]
  readonly mandate: Mandate | null
  readonly asker: Asker
  /** By the scope of the layer. */
  readonly prices: ReadonlyMap<string, Prices>
  readonly namedLifts: ReadonlySet<string>
  /** Whose money it is. */
  readonly owner: Address.Address
  /** Who may hold only so much: the session, or the key where a door has none. */
  readonly holder: string
  /** What must still be so when it is decided. */
  readonly basis: string
}

/** What is decided about: a proposal as it is stored, or as a door is about to store it. */
export type Asked = Pick<Proposal, 'app' | 'door' | 'from' | 'chainId' | 'toolCall' | 'questions' | 'level'> & {
  /** Null for what a door brings: its session is made with it. */
  readonly sid: string | null
  /** Null or absent for what is not stored. */
  readonly id?: string
}

/**
 * Reads what a decision needs: guards of app, key and session, the mandate in force, what moves in every prefix of the batch,
 * allowances that stand, and prices.
 *
 * @param of.found - The request and its simulation; null for a call of a tool.
 * @returns null where no guard and no mandate is about it: then there is nothing to decide.
 * @throws {BaseError} of kind `upstream` where the chain gives no answer.
 */
export async function prepareDecision(gate: Gate, of: ToDecide): Promise<Prepared | null> {
  const { id } = of.asked
  if (id !== undefined && (await isCancellation(gate.store.read, id))) return null
  const prepared = await prepare(gate, of)
  return prepared.mandate === null && prepared.layers.length === 0 ? null : prepared
}

/** What a decision is prepared from. */
export interface ToDecide {
  readonly asked: Asked
  readonly found: { readonly request: SimulationRequest; readonly simulated: Simulated } | null
  /** In the place of the mandate in force. */
  readonly mandate?: Mandate & { readonly app: string }
}

/** The same, also where no guard and no mandate is about it. */
export async function prepare(gate: Gate, { asked, found, mandate: given }: ToDecide): Promise<Prepared> {
  const session = asked.sid === null || asked.door !== null ? null : loadSession(gate.store, { sid: asked.sid })
  const inForce = await inForceFor(gate.store.read, asked, gate.clock.nowMs())
  const { owner, payer } = inForce
  const mandate = given ?? inForce.mandate
  const closed = given === undefined ? inForce.closed : null
  const guards = await guardLayers(gate, { asked, session, payer })
  const own = closed ?? (mandate === null ? null : mandateLayer(mandate))
  const layers = own === null ? guards : [...guards, own]
  const moves = await movesOf(gate, { asked, found, owner: owner ?? NO_ACCOUNT, mandate })
  return {
    moves,
    layers,
    mandate,
    asker: askerOf(asked, session),
    prices: await pricesOf(gate, { asked, layers, moves }),
    namedLifts: NAMED_LIFTS,
    owner: owner ?? NO_ACCOUNT,
    basis: basisOf({ mandate, closed }),
    holder: asked.door === null ? `session:${asked.sid ?? ''}` : `key:${asked.door.family}`,
  }
}

function askerOf({ door }: Asked, session: Session | null): Asker {
  const family = session === null ? null : familyOf(session)
  if (door !== null) return { door: door.name, key: door.keyId, skill: null, session: null }
  return { door: family === null ? 'page' : 'chat', key: family, skill: null, session: session?.handle ?? null }
}

/** The family of the key that owns a session; null where a browser or nobody does. */
function familyOf({ owner }: Pick<Session, 'owner'>): string | null {
  return owner.startsWith('key:') ? owner.slice(4) : null
}

/** Guards of the app, of the key that sent it or owns the session, and of the session, as layers. */
async function guardLayers(
  gate: Gate,
  { asked, session, payer }: { asked: Asked; session: Session | null; payer: string },
): Promise<readonly Layer[]> {
  const own = gate.guardsOf?.(asked.app) ?? null
  const chains = [...gate.chains.values()].filter(({ chainId }) => own?.chains?.includes(chainId) ?? true)
  const layers: Layer[] = []
  const add = (layer: Layer['layer'], scope: string, guards: Guards): void => {
    if (guards.lines.length > 0) layers.push(layerOf(guards, { layer, scope, chainId: asked.chainId, chains }))
  }
  if (own !== null) add('app', `app:${asked.app}:${payer.toLowerCase()}`, own.guards)
  const family = asked.door?.family ?? (session === null ? null : familyOf(session))
  if (family !== null) for (const guards of await keyGuards(gate, family)) add('key', `key:${family}`, guards)
  if (session !== null) {
    const row = await gate.store.read
      .selectFrom('sessions')
      .select('guards')
      .where('sid', '=', session.sid)
      .executeTakeFirst()
    if (row?.guards != null) add('session', `session:${session.sid}`, parseGuards(row.guards, null))
  }
  return layers
}

/** Guards of every key of a family that is not revoked: a rotated key has those of its predecessor, or both hold. */
async function keyGuards(gate: Gate, family: string): Promise<readonly Guards[]> {
  const rows = await gate.store.read
    .selectFrom('keys')
    .select('guards')
    .distinct()
    .where('family', '=', family)
    .where('guards', 'is not', null)
    .where('revoked_ms', 'is', null)
    .execute()
  return rows.flatMap(({ guards }) => (guards === null ? [] : [parseGuards(guards, null)]))
}

async function movesOf(
  gate: Gate,
  {
    asked: { toolCall, level, chainId },
    found,
    owner,
    mandate,
  }: {
    asked: Asked
    found: { readonly request: SimulationRequest; readonly simulated: Simulated } | null
    owner: Address.Address
    mandate: Mandate | null
  },
): Promise<Moves> {
  if (toolCall !== null) return toolMoves({ owner, tool: toolCall.tool, args: toolCall.args, level })
  assert(found !== null, 'what is on a chain was simulated')
  const chain = gate.chains.get(chainId)
  assert(chain !== undefined, 'it was simulated on a chain of ours')
  const { simulated } = found
  const { request, whole, enforced } = await unguarded(chain, found)
  const prefixes = [whole]
  // A batch may stop after any step: each prefix is simulated on the block of the whole.
  for (let count = request.calls.length - 1; count > 0; count -= 1) {
    const { wire } = await simulateBatch(chain, {
      ...request,
      calls: request.calls.slice(0, count),
      block: simulated.report.block.number,
      isLookAhead: false,
    })
    prefixes.unshift(wire)
  }
  return readMoves({
    owner,
    calls: request.calls.map(({ to, value, data }) => ({ to, value, data })),
    prefixes,
    standing: await standingOf(chain, { owner, request, block: simulated.report.block, reports: prefixes }),
    token: (address) => chain.tokens.find((token) => Address.isEqual(token.address, address)) ?? null,
    coin: chain.nativeSymbol,
    trusts: new Map((mandate?.policy.trusts ?? []).map(({ contract, code }) => [contract.toLowerCase(), code])),
    enforced,
  })
}

/**
 * The calls that the user wants of a batch that carries the guard, and what it lets leave at most: rules are about them, and the batch
 * as a whole is one call of the account to itself. Only where the guard's own code stands at its address.
 */
async function unguarded(
  chain: Chain,
  { request, simulated }: { readonly request: SimulationRequest; readonly simulated: Simulated },
): Promise<{ request: SimulationRequest; whole: ReportWire; enforced: ReadonlyMap<string, bigint> | null }> {
  const plain = { request, whole: simulated.wire, enforced: null }
  const [only] = request.calls
  const guarded = request.calls.length === 1 && only !== undefined ? readGuarded(request.from, only) : null
  if (only === undefined || guarded === null) return plain
  const code = await chain.at(simulated.report.block).code(GUARD.address)
  if (Digest.keccak256(code) !== GUARD.codeHash) return plain
  const calls = guarded.calls.map((call) => ({ ...only, ...call, gasLimit: null }))
  const inner = { ...request, calls }
  const { wire } = await simulateBatch(chain, { ...inner, block: simulated.report.block.number, isLookAhead: false })
  // Findings, fee and verdict are those of what is signed.
  const { findings, gas_estimate: fee, verdict } = simulated.wire
  const whole = { ...wire, findings, gas_estimate: fee, verdict }
  return { request: inner, whole, enforced: mostLeaving(request.from, guarded.bounds) }
}

/** As many allowances as are read for one decision. */
const MAX_ALLOWANCES = 400

/**
 * Allowances of the contracts that are called, and of those that pull, for the tokens that the app knows or that move. Those
 * that pull and the tokens that move come first.
 */
async function standingOf(
  chain: Chain,
  {
    owner,
    request,
    block,
    reports,
  }: {
    owner: Address.Address
    request: SimulationRequest
    block: Parameters<Chain['at']>[0]
    reports: readonly ReportWire[]
  },
): Promise<readonly Standing[]> {
  const called = request.calls.flatMap(({ to }) => (to === null ? [] : [to]))
  const moved = reports
    .flatMap((report) => [report, ...report.environments])
    .flatMap(({ token_changes: changes }) => changes)
    .flatMap(({ token, standard }) => (token === null || standard !== 'erc20' ? [] : [Address.parse(token)]))
  const tokens = new Map(
    [...moved, ...chain.tokens.map(({ address }) => address)].map((each) => [each.toLowerCase(), each]),
  )
  const pairs = new Map<string, { token: Address.Address; spender: Address.Address }>()
  const add = (pair: { token: Address.Address; spender: Address.Address }): void => {
    if (!Address.isEqual(pair.token, pair.spender)) pairs.set(`${pair.token} ${pair.spender}`.toLowerCase(), pair)
  }
  for (const report of reports) for (const pair of spendersIn(report, owner)) add(pair)
  for (const token of tokens.values()) for (const spender of called) add({ token, spender })
  const state = chain.at(block)
  return Promise.all(
    [...pairs.values()].map(async (pair, i): Promise<Standing> => ({
      ...pair,
      // What is beyond the limit of reads is not known, and so not bounded.
      amount: i < MAX_ALLOWANCES ? await allowanceOf(state, { ...pair, owner }) : null,
    })),
  )
}

/** The prices of every layer that counts in dollars, each from its own sources. */
async function pricesOf(
  gate: Gate,
  { asked, layers, moves }: { asked: Asked; layers: readonly Layer[]; moves: Moves },
): Promise<ReadonlyMap<string, Prices>> {
  const ask: AskPrice = async (source, symbol) => {
    const outcome = await gate.tools?.run({
      app: asked.app,
      sid: asked.sid,
      tool: source.tool,
      args: priceInput(source, symbol),
      key: '',
    })
    return outcome?.state === 'done' && outcome.result.problem === undefined ? outcome.result.body : null
  }
  const chain = gate.chains.get(moves.chainId)
  const assets = [...moves.totals, ...moves.arrivals].flatMap((asset) => {
    const symbol = asset.isNative
      ? chain?.nativeSymbol
      : chain?.tokens.find(({ address }) => asset.token !== null && Address.isEqual(address, asset.token))?.symbol
    return symbol === undefined ? [] : [{ key: priceKey(moves.chainId, asset), symbol }]
  })
  const unique = [...new Map(assets.map((asset) => [asset.key, asset])).values()]
  const found = new Map<string, Prices>()
  for (const { scope, limits } of layers) {
    const pricing = limits.find((limit) => limit.pricing !== null)?.pricing ?? null
    if (pricing !== null) found.set(scope, await askPrices(ask, { pricing, assets: unique, nowMs: gate.clock.nowMs() }))
  }
  return found
}
