import { Address, BaseError } from '@countersign/base'
import type { Binding } from '../proofs/Binding.ts'
import type { EndedWhy, Life } from './Lifetime.ts'

/** What a client says about its wallet. A claim: it helps the agent and grants nothing. */
export interface WalletClaim {
  readonly address: Address.Address | null
  readonly chainId: number | null
  readonly isConnected: boolean
  readonly ensName: string | null
  readonly ext: unknown
  /** The client says something that is no wallet here, such as a Solana address: it has none. */
  readonly isUnreadable?: true
  /** A page's browser sent it. */
  readonly isPage?: true
}

/** A wallet that signed in to the session (ERC-4361). From then on it is the only sender a proposal may have. */
export interface SignedIn {
  readonly address: Address.Address
  readonly chainId: number
  readonly atMs: number
  /** The account's own key signed, which is good on every chain; otherwise a contract answered, on `chainId`. */
  readonly isByKey: boolean
}

/** What the store keeps of the wallet that signed in to a session. */
export interface ProvenColumns {
  readonly wallet_address: string | null
  readonly wallet_chain_id: number | null
  readonly wallet_by_key: number
}

/** The wallet that signed in, as far as these columns say it; null where none did. */
export function signedInOf(row: ProvenColumns | undefined): Omit<SignedIn, 'atMs'> | null {
  if (row === undefined || row.wallet_address === null) return null
  const { wallet_address: address, wallet_chain_id: chainId, wallet_by_key: byKey } = row
  return { address: Address.parse(address), chainId: chainId ?? 0, isByKey: byKey === 1 }
}

/** The same as it is written. */
export function provenColumns({ address, chainId, atMs, isByKey }: SignedIn) {
  return {
    wallet_address: address,
    wallet_chain_id: chainId,
    wallet_proven_ms: atMs,
    wallet_by_key: isByKey ? 1 : 0,
  }
}

/** Whether the wallet that signed in is this account on this chain. */
export function isOwnerOf(
  { signedIn }: Pick<Session, 'signedIn'>,
  { from, chainId }: { readonly from: Address.Address; readonly chainId: number },
): boolean {
  return isProofOf(signedIn, { account: from, chainId })
}

/**
 * Whether a sign-in proves this account on this chain. What a contract answered for is proven on its chain alone: on another
 * chain somebody else may have put a contract at the same address.
 */
export function isProofOf(
  signedIn: Omit<SignedIn, 'atMs'> | null,
  { account, chainId }: { readonly account: string; readonly chainId: number },
): boolean {
  if (signedIn === null || !Address.isEqual(signedIn.address, account)) return false
  return signedIn.isByKey || signedIn.chainId === chainId
}

/**
 * Whether who signed in in one session is who signed in in another. An account's own key is the same everywhere. A contract is
 * the same on its own chain alone, and never the key of its address: on a 7702 account it may answer for others.
 */
export function isSameProof(one: SignedIn | null, other: SignedIn | null): boolean {
  if (one === null || other === null || !Address.isEqual(one.address, other.address)) return false
  return one.isByKey || (!other.isByKey && one.chainId === other.chainId)
}

export interface Session extends Life {
  readonly sid: string
  /** Decrypted when it is read, unless the caller named it. */
  readonly publicId: string
  /** What the audit record calls it; it opens nothing. */
  readonly handle: string
  readonly app: string
  readonly owner: string
  readonly title: string | null
  readonly isArchived: boolean
  /** The end user behind the key, as the integrator names them. */
  readonly principal: string | null
  /** What the client says; it grants nothing. */
  readonly wallet: WalletClaim
  readonly signedIn: SignedIn | null
  /** What every call must prove to hold; null when nothing is bound. */
  readonly binding: Binding | null
  readonly model: string | null
  readonly nextTxId: number
  /** What it holds, in bytes: its lines, and its event log. */
  readonly messageBytes: number
  readonly eventBytes: number
  readonly turnId: string | null
  readonly createdMs: number
  readonly usedMs: number
  readonly turnEndedMs: number | null
  readonly endedWhy: EndedWhy | null
}

export const NO_WALLET: WalletClaim = { address: null, chainId: null, isConnected: false, ensName: null, ext: null }

/**
 * Reads a session id: any RFC 9562 UUID, in lower case.
 *
 * @throws {SessionIdError} `sessions:id:absent` or `sessions:id:unreadable`.
 */
export function parseId(text: string | undefined): string {
  if (text === undefined || text === '') throw new SessionIdError('absent')
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(text)) {
    throw new SessionIdError('unreadable')
  }
  return text.toLowerCase()
}

/**
 * Reads `user_state` as clients send it: flat (G1), camelCase (older) or nested (G2). Everything that the server
 * owns (`pending_*`, `next_id`) is ignored, because clients echo back what they were given.
 *
 * @throws {WalletClaimError} `sessions:wallet:unreadable` for an address or chain id that cannot be one.
 */
export function parseWallet(value: unknown): WalletClaim {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WalletClaimError()
  const flat = value as Record<string, unknown>
  const evm = (typeof flat['evm'] === 'object' && flat['evm'] !== null ? flat['evm'] : {}) as Record<string, unknown>
  const connection = (
    typeof flat['connection'] === 'object' && flat['connection'] !== null ? flat['connection'] : {}
  ) as Record<string, unknown>
  const address = flat['address'] ?? evm['address'] ?? null
  const chainId = flat['chain_id'] ?? flat['chainId'] ?? evm['chain_id'] ?? evm['chainId'] ?? null
  const isConnected = flat['is_connected'] ?? flat['isConnected'] ?? connection['is_connected'] ?? address !== null
  const ensName = flat['ens_name'] ?? flat['ensName'] ?? null
  if (address !== null && !Address.isAddress(address)) throw new WalletClaimError()
  if (chainId !== null && !(Number.isSafeInteger(chainId) && (chainId as number) > 0)) throw new WalletClaimError()
  return {
    address: address === null ? null : Address.parse(address as string),
    chainId: chainId as number | null,
    isConnected: isConnected === true,
    ensName: typeof ensName === 'string' ? ensName.slice(0, 255) : null,
    ext: boundedExt(flat['ext']),
  }
}

/**
 * Reads `user_state` where a claim that cannot be read must not stop the conversation: then there is no usable wallet, and
 * `noteWallet` says so.
 */
export function readWallet(value: unknown): WalletClaim {
  try {
    return parseWallet(value)
  } catch (error) {
    if (!(error instanceof WalletClaimError)) throw error
    const ext = typeof value === 'object' && value !== null && 'ext' in value ? boundedExt(value.ext) : null
    return { ...NO_WALLET, ext, isUnreadable: true }
  }
}

/** `ext` is echoed back, so it is kept as it came, up to 4 KiB. */
function boundedExt(ext: unknown): unknown {
  if (ext === undefined || ext === null) return null
  return JSON.stringify(ext).length <= 4_096 ? ext : null
}

export class SessionIdError extends BaseError {
  override readonly name = 'sessions.SessionIdError'
  constructor(reason: 'absent' | 'unreadable') {
    super(reason === 'absent' ? 'The session id is missing.' : 'The session id is not a UUID.', {
      code: `sessions:id:${reason}`,
      kind: 'invalid',
      hint: 'Send one UUID, made once per conversation, in the X-Session-Id header.',
    })
  }
}

export class SessionAbsentError extends BaseError {
  override readonly name = 'sessions.SessionAbsentError'
  constructor() {
    super('There is no such session.', {
      code: 'sessions:session:absent',
      kind: 'absent',
      hint: 'Start one by sending a chat message with this session id, or check that the id and the key belong together.',
    })
  }
}

export class WalletClaimError extends BaseError {
  override readonly name = 'sessions.WalletClaimError'
  constructor() {
    super('user_state cannot be read.', {
      code: 'sessions:wallet:unreadable',
      kind: 'invalid',
      hint: 'Send {"address": "0x…" with a right checksum, "chain_id": a positive whole number, "is_connected": true}.',
    })
  }
}

/** The owner has as many sessions open as the app allows. */
export class SessionLimitError extends BaseError {
  override readonly name = 'sessions.SessionLimitError'
  constructor(max: number) {
    super(`${max} sessions are open, and the app allows no more.`, {
      code: 'sessions:limit:reached',
      kind: 'spent',
      hint: 'End one with DELETE /api/sessions/{id}, or wait until one expires.',
    })
  }
}

/** The session is bound to something else already. */
export class SessionBoundError extends BaseError {
  override readonly name = 'sessions.SessionBoundError'
  constructor() {
    super('The session is bound to a proof already.', {
      code: 'sessions:binding:present',
      kind: 'conflict',
      hint: 'Go on with the key it is bound to, or start a new session.',
    })
  }
}
