import { randomUUID } from 'node:crypto'
import { Address, Digest, Json, type Hex } from '@countersign/base'
import { handle } from '../../audit/Audit.ts'
import type { AppendAudit } from '../../audit/appendAudit.ts'
import type { Store, Write } from '../../store/openStore.ts'
import type { Mandate } from '../decide/Situation.ts'
import { findMandate, scopeOf, type Row } from '../findMandate.ts'
import { takeOver } from '../ledger/takeOver.ts'
import { ofWrite } from '../ledger/Sql.ts'
import type { Time } from '../ledger/Time.ts'
import { MandateError } from '../MandateError.ts'
import { toCanonical } from '../policy/canonical.ts'
import { narrower } from '../policy/narrower.ts'
import { digestOf, type Policy } from '../policy/Policy.ts'
import { parsePolicy } from '../policy/readPolicy.ts'
import { keepDraft, loadDraft, useDraft, type Draft } from './drafts.ts'
import { tellTargets, type Teller } from '../tellTargets.ts'
import { grantDocument, worstOf } from './MandateDocument.ts'

export interface MandateTools extends Teller {
  readonly store: Store
  readonly audit: AppendAudit
  readonly ledgerTime: Time
  /** Whether a wallet signed a hash, by recovery or by its contract on the chain. */
  readonly isSigned: (of: {
    account: Address.Address
    digest: Hex.Hex
    signature: Hex.Hex
    chainId: number
  }) => Promise<boolean>
}

const MAX_VALID_MS = 366 * 86_400_000

export type Put =
  { readonly kind: 'in-force'; readonly mandate: Row } | (Draft & { readonly kind: 'draft'; readonly worst: string })

/**
 * Puts a policy in force where it only narrows the one in force; otherwise keeps it as a draft that its owner signs.
 *
 * @param of.owner - Whose money it is; the policy's own owner must be the same.
 * @param of.expected - The version that the caller changes: its digest or its number; null where none was named.
 * @throws {MandateError} `mandates:version:stale`, `mandates:name:other`, `mandates:policy:…`.
 */
export async function putMandate(
  tools: MandateTools,
  {
    app,
    owner,
    policy: given,
    expected,
  }: {
    app: string
    owner: Address.Address
    policy: Policy
    expected: { readonly digest?: string; readonly version?: number } | null
  },
): Promise<Put> {
  const { store, clock } = tools
  const policy: Policy = { ...given, owner }
  const nowMs = clock.nowMs()
  if (policy.untilMs <= nowMs || policy.untilMs - Math.max(nowMs, policy.fromMs ?? 0) > MAX_VALID_MS)
    throw new MandateError('until')
  const digest = digestOf(toCanonical(policy))
  return store.write(async (write): Promise<Put> => {
    const current = await inForce(write, { app, owner, policy, nowMs })
    if (expected?.digest !== undefined && expected.digest !== (current?.digest ?? '')) throw new MandateError('stale')
    if (expected?.version !== undefined && expected.version !== (current?.version ?? 0)) throw new MandateError('stale')
    if (current !== null && current.digest === digest)
      return { kind: 'in-force', mandate: await rowOf(write, current.id) }
    if (current !== null && narrower(current.policy, policy)) {
      const mandate = await putVersion(tools, write, {
        app,
        owner,
        policy,
        current,
        signature: null,
        worst: worstOf(policy),
      })
      return { kind: 'in-force', mandate }
    }
    const worst = worstOf(policy)
    const typedData = grantDocument({
      ...{ policy, app, owner, worst },
      version: (current?.version ?? 0) + 1,
      previous: current?.digest ?? null,
    })
    const draft = await keepDraft(write, {
      ...{ app, owner, kind: 'grant', subject: digest, typedData, nowMs },
      body: { policy: toCanonical(policy), previous: current?.digest ?? null, worst },
    })
    await tools.audit(write, {
      app,
      event: 'mandates.mandate.proposed',
      body: { owner: handle(owner), name: policy.name, policy: digest, previous: current?.digest ?? null },
    })
    return { ...draft, kind: 'draft', worst }
  })
}

/**
 * Grants what a draft says, by the owner's signature of its document.
 *
 * @param of.draft - The draft's id, or the policy of the newest draft.
 * @throws {MandateError} `mandates:draft:absent`, `mandates:signature:wrong`, `mandates:version:stale`.
 */
export async function grantMandate(
  tools: MandateTools,
  {
    app,
    draft,
    signature,
  }: {
    app: string
    draft: { readonly id: string } | { readonly policy: Policy; readonly owner: Address.Address }
    signature: Hex.Hex
  },
): Promise<Row> {
  const { store, clock } = tools
  const kept = await loadDraft(store.read, {
    ...{ app, kind: 'grant', nowMs: clock.nowMs() },
    ...('id' in draft
      ? { id: draft.id }
      : { owner: draft.owner, subject: digestOf(toCanonical({ ...draft.policy, owner: draft.owner })) }),
  })
  const owner = Address.parse(kept.owner)
  const {
    policy: json,
    previous,
    worst,
  } = Json.parse(kept.body) as { policy: unknown; previous: string | null; worst: string }
  const policy = parsePolicy(JSON.stringify(json), {
    format: 'json',
    vocabulary: { token: () => null, targets: new Map(), tools: null },
    isStored: true,
  })
  const before = previous === null ? null : await findMandate(store.read, { app, owner })
  await requireSigned(tools, {
    account: owner,
    digest: kept.digest as Hex.Hex,
    signature,
    // The version that it replaces spoke for these, too.
    chainIds: [...policy.chains, ...(before?.policy.chains ?? [])],
  })
  return store.write(async (write) => {
    await useDraft(write, { draft: kept.id, nowMs: clock.nowMs() })
    const current = await inForce(write, { app, owner, policy, nowMs: clock.nowMs() })
    if ((current?.digest ?? null) !== previous) throw new MandateError('stale')
    // Another version since the signature was checked was not asked about.
    if (current !== null && current.digest !== before?.digest) throw new MandateError('stale')
    return putVersion(tools, write, { app, owner, policy, current, signature, worst })
  })
}

/**
 * A contract has to say so on every chain that it is about: at its address on another one somebody else may have a contract.
 *
 * @throws {MandateError} `mandates:signature:wrong`.
 */
export async function requireSigned(
  { isSigned }: Pick<MandateTools, 'isSigned'>,
  {
    chainIds,
    ...signed
  }: { account: Address.Address; digest: Hex.Hex; signature: Hex.Hex; chainIds: readonly number[] },
): Promise<void> {
  if (chainIds.length === 0) throw new MandateError('signature')
  for (const chainId of new Set(chainIds))
    if (!(await isSigned({ ...signed, chainId }))) throw new MandateError('signature')
}

/** The mandate that the policy would replace; one that expired is ended, and one of another name refuses. */
async function inForce(
  write: Write,
  { app, owner, policy, nowMs }: { app: string; owner: Address.Address; policy: Policy; nowMs: number },
): Promise<(Mandate & { readonly app: string }) | null> {
  const current = await findMandate(write.db, { app, owner })
  if (current === null) return null
  // Frozen outlasts its end.
  const isOver = current.state === 'active' && nowMs >= current.policy.untilMs
  if (isOver) {
    await write.db.updateTable('mandates').set({ state: 'ended' }).where('id', '=', current.id).execute()
    return null
  }
  if (current.name !== policy.name) throw new MandateError('other')
  return current
}

/** Writes a version: a new row, or the next version of the one in force. Its limits take over what counts already. */
async function putVersion(
  { audit, clock, ledgerTime, tellTargets: tell }: MandateTools,
  write: Write,
  {
    app,
    owner,
    policy,
    current,
    signature,
    worst,
  }: {
    app: string
    owner: Address.Address
    policy: Policy
    current: (Mandate & { readonly app: string }) | null
    signature: Hex.Hex | null
    worst: string
  },
): Promise<Row> {
  const canonical = toCanonical(policy)
  const digest = digestOf(canonical)
  const nowMs = clock.nowMs()
  const version = (current?.version ?? 0) + 1
  const id = current?.id ?? `mandate_${randomUUID()}`
  const written = {
    ...{ name: policy.name, version, policy: Digest.canonicalJson(canonical), digest, signature, worst },
    previous: current?.digest ?? null,
    valid_from_ms: policy.fromMs,
    valid_until_ms: policy.untilMs,
  }
  if (current === null)
    await write.db
      .insertInto('mandates')
      .values({ ...written, id, app, owner, state: 'active', created_ms: nowMs, epoch: 0, frozen_because: null })
      .execute()
  else await write.db.updateTable('mandates').set(written).where('id', '=', id).execute()
  await write.db
    .insertInto('mandate_versions')
    .values({ mandate: id, version, digest, policy: written.policy, signature, at_ms: nowMs })
    .execute()
  await takeOver(ofWrite(write), ledgerTime, { scope: scopeOf({ app, owner }), policy })
  const change = current === null ? 'granted' : signature === null ? 'narrowed' : 'widened'
  const event = `mandates.mandate.${change}`
  await audit(write, {
    ...{ app, event },
    body: { mandate: handle(id), owner: handle(owner), name: policy.name, version, policy: digest },
  })
  await tellTargets({ clock, tellTargets: tell }, write, {
    ...{ mandate: id, event },
    what: `version ${version} was ${change}${signature === null ? '' : ' by a signature of its owner'}.`,
  })
  return rowOf(write, id)
}

async function rowOf(write: Write, id: string): Promise<Row> {
  return write.db.selectFrom('mandates').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}
