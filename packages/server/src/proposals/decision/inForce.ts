import { Address, Json } from '@countersign/base'
import { findForPrograms, findMandate, isMandateOwner, mandateLayer } from '../../mandates/findMandate.ts'
import type { Layer, Mandate } from '../../mandates/decide/Situation.ts'
import { signedInOf, isProofOf, type SignedIn } from '../../sessions/Session.ts'
import type { Reader } from '../../store/openStore.ts'
import type { Proposal } from '../Proposal.ts'
import { isCancellation } from './isCancellation.ts'

/**
 * Which mandate is about a proposal, and whose budgets count. A claim restricts and grants nothing: only the proven owner and a key
 * that the mandate lets in are inside a mandate; who only names the owner's address meets its refusals, never its rules or its ledger.
 */
export interface InForce {
  /** The mandate that decides and is counted in; null where none does. */
  readonly mandate: (Mandate & { readonly app: string }) | null
  /** In the place of a mandate that the asker has not proven to be theirs and that refuses what no rule names: it refuses everything. */
  readonly closed: Layer | null
  /** Whose money it is; null for a call of a tool where no wallet is proven. */
  readonly owner: Address.Address | null
  /** Under which name the budgets of guards count: a stranger's claim uses up none of the owner's. */
  readonly payer: string
}

/** Where it came from, and whose account it names. */
export type Standing = Pick<Proposal, 'app' | 'door' | 'from' | 'chainId'> & {
  /** Null for what is not stored. */
  readonly sid: string | null
  /** Null for everything but a call of a tool. */
  readonly toolCall: object | null
}

/** Reads what is in force for a proposal: once before its decision, and again in the write in which it is decided. */
export async function inForceFor(
  read: Reader,
  { app, sid, door, from, chainId, toolCall }: Standing,
  nowMs: number,
): Promise<InForce> {
  const isCall = toolCall !== null
  // What is not stored and came by no door is a dry run of the owner's, or of somebody who may see all of the app.
  const session = sid === null || door !== null ? null : await sessionOf(read, sid)
  const signedIn = session?.signedIn ?? null
  const owner = isCall ? (signedIn?.address ?? null) : from
  const find = door === null ? findMandate : findForPrograms
  const row = owner === null ? null : await find(read, { app, owner })
  const isOwn = session === null || (signedIn !== null && (isCall || isProofOf(signedIn, { account: from, chainId })))
  const payer = isOwn && owner !== null ? owner : `${session?.owner ?? ''}${isCall ? '' : `:${from}`}`
  if (row === null) return { mandate: null, closed: null, owner, payer }
  const isInside = session === null ? await isLetIn(read, row, { door, nowMs }) : isOwn && isMandateOwner(signedIn, row)
  if (isInside) return { mandate: row, closed: null, owner, payer }
  return { mandate: null, closed: closedBy(row, { isKey: door !== null, nowMs }), owner, payer }
}

/**
 * Whether what was decided about a proposal still stands on what is in force: no mandate has come since, and whose it is was not proven
 * since. Versions of one mandate are compared where its reservation is handed out.
 */
export async function isDecidedStill(read: Reader, proposal: Proposal, nowMs: number): Promise<boolean> {
  const { id, decided, door } = proposal
  if (await isCancellation(read, id)) return true
  const { mandate, closed } = await inForceFor(read, proposal, nowMs)
  if (closed !== null) return false
  // For pages and chats an expired mandate is none.
  const speaks = mandate !== null && !(door === null && nowMs >= mandate.policy.untilMs) ? mandate.id : null
  return speaks === (decided?.mandate ?? null)
}

/** What must not change between a decision's preparation and its write. */
export function basisOf({ mandate, closed }: Pick<InForce, 'mandate' | 'closed'>): string {
  return mandate === null ? (closed?.closed?.code ?? '') : `${mandate.id} ${mandate.digest}`
}

/**
 * A key is let in by its name, or as one of any where it was trusted to sign within limits (scope `guard`). When the mandate is over it
 * refuses all of them, also those that it did not name: none of them gets by its end what the mandate did not give it.
 */
async function isLetIn(
  read: Reader,
  mandate: Mandate,
  { door, nowMs }: { door: Standing['door']; nowMs: number },
): Promise<boolean> {
  const { keys } = mandate.policy.agent
  // A dry run names no key.
  if (door === null || door.keyId === '' || keys?.includes(door.keyId) === true) return true
  if (keys !== null && !isOver(mandate, nowMs)) return false
  const key = await read.selectFrom('keys').select('scopes').where('id', '=', door.keyId).executeTakeFirst()
  return key !== undefined && (Json.parse(key.scopes) as readonly string[]).includes('guard')
}

/** Whether it ended, or expired unfrozen: for pages and chats it is as if it were not there. */
function isOver({ state, policy }: Mandate, nowMs: number): boolean {
  return state === 'ended' || (state !== 'frozen' && nowMs >= policy.untilMs)
}

/** A mandate as it meets strangers: frozen, or refusing by default, it refuses them; else it is as if it were not there. */
function closedBy(
  mandate: Mandate & { readonly app: string },
  { isKey, nowMs }: { isKey: boolean; nowMs: number },
): Layer | null {
  const { policy, state } = mandate
  const isNamed = isKey && policy.agent.keys !== null
  const why =
    state === 'frozen'
      ? (['frozen', 'mandates:state:frozen', 'The mandate is frozen.'] as const)
      : isOver(mandate, nowMs)
        ? null
        : isNamed
          ? (['key', 'mandates:agent:denied', 'The mandate does not cover this key.'] as const)
          : policy.otherwise === 'deny'
            ? (['owner', 'mandates:owner:unproven', isKey ? KEY : SESSION] as const)
            : null
  if (why === null) return null
  const [rule, code, because] = why
  return { ...mandateLayer(mandate), limits: [], rules: [], otherwise: null, closed: { rule, code, because } }
}

const KEY =
  'The account has a mandate, which lets in the keys that it names, or those with the scope "guard". This key is neither.'
const SESSION = 'The account has a mandate, and its wallet is not proven here. Sign in with it, and ask again.'

async function sessionOf(
  read: Reader,
  sid: string,
): Promise<{ readonly owner: string; readonly signedIn: Omit<SignedIn, 'atMs'> | null }> {
  const row = await read
    .selectFrom('sessions')
    .select(['owner', 'wallet_address', 'wallet_chain_id', 'wallet_by_key'])
    .where('sid', '=', sid)
    .executeTakeFirst()
  return { owner: row?.owner ?? '', signedIn: signedInOf(row) }
}
