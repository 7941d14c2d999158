import { BaseError, Digest, type Address, type Hex } from '@countersign/base'
import { safeText } from '@countersign/simulator'

/**
 * By which door a proposal came. The server sets it: `guard` for `POST /api/proposals`, `rpc` for the JSON-RPC door, `mcp`
 * for `/mcp`. What comes from a chat has no door.
 */
export type DoorName = 'guard' | 'rpc' | 'mcp'

/** What a client says of itself: text for the card, never trusted. Escaped, and at most 100 characters each. */
export interface Client {
  readonly name: string | null
  readonly version: string | null
  readonly door: string | null
}

/** What the client says that the owner's wallet can do. A claim; nothing rests on it alone. */
export interface WalletClaim {
  readonly kind: 'eoa' | '7702' | 'safe' | '4337' | '5792'
  readonly address?: Address.Address
  /** The wallet's own answer, as it came. */
  readonly capabilities?: unknown
}

/** Who sent a proposal through which door. */
export interface Door {
  readonly name: DoorName
  /** Whose proposal it is: the key, and the family that a rotation keeps. */
  readonly keyId: string
  readonly family: string
  readonly client: Client | null
}

const CLIENT_FIELDS = ['name', 'version', 'door'] as const
const MAX_CLIENT_TEXT = 100

/**
 * Reads `client`: `{name?, version?, door?}`, each a text.
 *
 * @throws {DoorError} `doors:client:unreadable`.
 */
export function parseClient(value: unknown): Client | null {
  if (value === undefined || value === null) return null
  const hint = `Send {"name", "version", "door"} with texts of at most ${MAX_CLIENT_TEXT} characters.`
  if (typeof value !== 'object' || Array.isArray(value)) throw new DoorError('client', 'it is not an object', hint)
  const given = value as Record<string, unknown>
  const unknown = Object.keys(given).find((name) => !(CLIENT_FIELDS as readonly string[]).includes(name))
  if (unknown !== undefined) throw new DoorError('client', `it has the unknown field "${unknown.slice(0, 40)}"`, hint)
  const text = (name: (typeof CLIENT_FIELDS)[number]): string | null => {
    const found = given[name]
    if (found === undefined || found === null) return null
    if (typeof found !== 'string' || found.length > MAX_CLIENT_TEXT)
      throw new DoorError('client', `"${name}" is not a text of at most ${MAX_CLIENT_TEXT} characters`, hint)
    return safeText(found, MAX_CLIENT_TEXT)
  }
  return { name: text('name'), version: text('version'), door: text('door') }
}

/**
 * Reads an idempotency key: 8 to 128 visible ASCII characters.
 *
 * @throws {DoorError} `doors:idempotency:unreadable`.
 */
export function parseIdempotencyKey(value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string' || !/^[\x21-\x7e]{8,128}$/.test(value))
    throw new DoorError('idempotency', 'it is not 8 to 128 visible ASCII characters', 'Send a UUID, for instance.')
  return value
}

/** For how long an idempotency key stands for its proposal, in milliseconds: 24 hours. */
export const IDEMPOTENCY_MS = 24 * 3_600_000

/** What an idempotency key stands for: chain, sender, what kind each step is, its bytes and its gas limit. */
export function bytesDigest({
  chainId,
  from,
  calls,
}: {
  readonly chainId: number
  readonly from: Address.Address
  readonly calls: readonly {
    readonly to: Address.Address | null
    readonly value: bigint
    readonly data: Hex.Hex
    readonly kind: string
    readonly gas: bigint | null
  }[]
}): Digest.Digest {
  return Digest.ofJson({
    chain_id: chainId,
    from,
    calls: calls.map(({ to, value, data, kind, gas }) => ({
      to,
      value: value.toString(),
      data: data.toLowerCase(),
      kind,
      gas: gas?.toString() ?? null,
    })),
  })
}

export class DoorError extends BaseError {
  override readonly name = 'doors.DoorError'
  constructor(what: 'client' | 'idempotency' | 'wallet', why: string, hint: string) {
    const names = { client: '"client"', idempotency: 'The idempotency key', wallet: '"wallet"' }
    super(`${names[what]} is not valid: ${why}.`, { code: `doors:${what}:unreadable`, kind: 'invalid', hint })
  }
}
