import { Address } from '@countersign/base'
import { isProofOf, type SignedIn } from '../sessions/Session.ts'
import type { Reader } from '../store/openStore.ts'
import type { MandateTables } from './MandateTables.ts'
import type { Layer, Mandate } from './decide/Situation.ts'
import { expand, type Policy } from './policy/Policy.ts'
import { parsePolicy } from './policy/readPolicy.ts'

/** A mandate's row. */
export type Row = MandateTables['mandates']

/** Under which the limits of an owner's mandates count, whatever their names and versions. */
export function scopeOf({ app, owner }: { readonly app: string; readonly owner: string }): string {
  return `mandate:${app}:${owner.toLowerCase()}`
}

/** The mandate of an app and an owner that has not ended; null where there is none. It may be frozen, or expired. */
export async function findMandate(
  read: Reader,
  { app, owner }: { app: string; owner: Address.Address },
): Promise<(Mandate & { readonly app: string }) | null> {
  const row = await read
    .selectFrom('mandates')
    .selectAll()
    .where('app', '=', app)
    .where('owner', '=', owner)
    .where('state', '<>', 'ended')
    .executeTakeFirst()
  return row === undefined ? null : fromRow(row)
}

/**
 * The same for programs, for which a mandate goes on refusing when it has ended: no more is let through by an end than by the mandate.
 * Only another one, which its owner signs, takes its place.
 */
export async function findForPrograms(
  read: Reader,
  { app, owner }: { app: string; owner: Address.Address },
): Promise<(Mandate & { readonly app: string }) | null> {
  const current = await findMandate(read, { app, owner })
  if (current !== null) return current
  const row = await read
    .selectFrom('mandates')
    .selectAll()
    .where('app', '=', app)
    .where('owner', '=', owner)
    .where('state', '=', 'ended')
    .orderBy('created_ms', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : fromRow(row)
}

/** Whether a sign-in proves the owner of a mandate: on the chain on which its owner's signature counts, the first of its chains. */
export function isMandateOwner(
  signedIn: Omit<SignedIn, 'atMs'> | null,
  { owner, policy }: Pick<Mandate, 'owner' | 'policy'>,
): boolean {
  return isProofOf(signedIn, { account: owner, chainId: policy.chains[0] ?? 0 })
}

export function fromRow(row: Row): Mandate & { readonly app: string } {
  return {
    id: row.id,
    app: row.app,
    name: row.name,
    version: row.version,
    state: row.state,
    digest: row.digest,
    policy: storedPolicy(row),
    owner: Address.parse(row.owner),
  }
}

/** The mandate's own layer of a decision. */
export function mandateLayer({
  app,
  owner,
  policy,
}: Pick<Mandate, 'owner' | 'policy'> & { readonly app: string }): Layer {
  return {
    layer: 'mandate',
    scope: scopeOf({ app, owner }),
    tokens: policy.tokens,
    limits: policy.limits,
    rules: expand(policy.rules),
    otherwise: policy.otherwise,
    allowed: null,
    maxima: [],
  }
}

/** What this server wrote itself: tokens stand in it, and no registry is asked. */
const STORED = { token: () => null, targets: new Map(), tools: null }

/** Policies by their digest: a fact, so it is only forgotten for space. */
const read = new Map<string, Policy>()

function storedPolicy({ digest, policy }: Pick<Row, 'digest' | 'policy'>): Policy {
  const known = read.get(digest)
  if (known !== undefined) return known
  const parsed = parsePolicy(policy, { format: 'json', vocabulary: STORED, isStored: true })
  if (read.size >= 1_000) read.clear()
  read.set(digest, parsed)
  return parsed
}
