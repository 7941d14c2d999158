import { Address } from '@countersign/base'
import { isAuthorityAllowed } from '../intent/evaluateIntent.ts'
import { EMPTY_CODE_HASH } from '../model/Access.ts'
import type { AuthorityChange } from '../model/Authority.ts'
import { vouchedOf } from '../model/KnownAddress.ts'
import { judge, verdictOf } from '../rules/index.ts'
import type { SimulationRequest } from '../model/Request.ts'
import type { Finding } from '../model/Finding.ts'
import type { EngineFacts, NodeFacts, RuleContext } from '../rules/Rule.ts'
import { withoutShown } from '../signatures/planSignature.ts'
import { flowIn } from './flow.ts'
import type { Found } from './Found.ts'
import { recipientsOf } from './intent.ts'
import { requestOf } from './parts.ts'
import type { Job, Stage } from './Stage.ts'

/** Every rule over everything that was found out. */
export const verdict: Stage<'verdict'> = {
  name: 'verdict',
  needs: [
    ...([
      'plan',
      'execute',
      'effects',
      'flow',
      'environments',
      'prices',
      'lookAhead',
      'switches',
      'crossCheck',
      'tries',
    ] as const),
    ...(['parties', 'proofs', 'fees', 'steps', 'intent'] as const),
  ],
  skip: () => null,
  async run(_tools, job, found) {
    const request = requestOf(job, found)
    const authorityOf = await recoveryFor(request)
    const { steps, authorityChanges, grantSlots } = found.need('steps')
    const [effects, ahead] = [found.get('effects'), found.get('lookAhead')]
    const reading = found.need('parties')
    const known = vouchedOf(request)
    const intent = request.intent ?? null
    // Authority that the intent allows is no reason to block. One that nobody can read stays a warning: what it lets somebody
    // take is not measured.
    const isMeant = (change: AuthorityChange) =>
      isOwn(change) || (intent !== null && isAuthorityAllowed(intent, change))
    const isMeantGrant = (change: AuthorityChange) =>
      change.kind === 'unknown_grant' && !isOwn(change) && isMeant(change)
    const named = new Set(intent === null ? [] : intent.assertions.flatMap(recipientsOf))
    const findings = judge(documentFindings(request, found), {
      request,
      chain: job.chain,
      steps,
      tokenChanges: effects?.tokenChanges ?? [],
      authorityChanges: authorityChanges.filter((change) => !isMeant(change) || isMeantGrant(change)),
      isMeantGrant,
      keptForYou: effects?.kept ?? [],
      maxFeeWei: found.need('fees').maxFeeWei,
      baseFeeWei: job.env.baseFeeWei,
      intent: found.get('intent'),
      announced: effects?.announced ?? new Map(),
      grantSlots,
      ...flowIn(job, found),
      credits: effects?.credits ?? new Set(),
      reach: effects?.reach ?? new Set(),
      lent: effects?.lent ?? new Set(),
      unexplained: effects?.unexplained ?? [],
      marks: effects?.marks ?? [],
      environments: found.get('environments') ?? [],
      trades: found.get('prices') ?? [],
      switches: found.get('switches') ?? [],
      ahead: {
        moves: (ahead?.moves ?? []).filter(({ change }) => !isMeant(change)),
        sellBacks: ahead?.sellBacks ?? [],
        exits: ahead?.exits ?? [],
        melts: ahead?.melts ?? [],
        minimums: ahead?.minimums ?? [],
        unplayed: ahead?.unplayed ?? [],
      },
      tries: found.get('tries') ?? { grants: [], deposits: [], openings: [] },
      engine: engineFacts(job, found),
      account(address: Address.Address) {
        // What others had read is not what this simulation looked at.
        const key = address.toLowerCase()
        const account = reading.has(key) ? job.cache.accounts.get(key) : undefined
        return account === undefined
          ? undefined
          : { hasCode: account.codeHash !== EMPTY_CODE_HASH, nonce: account.nonce, balance: account.balance }
      },
      known: (address) => known.get(address.toLowerCase()),
      authorityOf,
      isMeantRecipient: (address) => named.has(address),
    })
    return { status: 'done', value: { findings, verdict: verdictOf(findings) } }
  },
}

/** Recovers who signed authorizations. Loaded for requests that hold one: the curve takes longer to load than a payment to judge. */
async function recoveryFor({ calls }: SimulationRequest): Promise<RuleContext['authorityOf']> {
  if (calls.every(({ authorizationList = [] }) => authorizationList.length === 0)) return () => null
  return (await import('../evm/ethereumjs/applyAuthorizations.ts')).authorityOf
}

/** What was read of a document, less what its run has shown. */
function documentFindings({ signature }: SimulationRequest, found: Found): readonly Finding[] {
  const read = found.get('plan')?.findings ?? signature?.findings ?? []
  return signature == null ? read : withoutShown(read, signature, found.get('execute'))
}

/** An account may do with its own assets what it likes anyway; who runs its code is another matter. */
function isOwn({ kind, owner, subject }: AuthorityChange): boolean {
  return kind !== 'account_code' && kind !== 'module' && Address.isEqual(owner, subject)
}

/** What the chain's own node gave, where it alone ran the batch. */
function nodeFacts(job: Job, found: Found): NodeFacts | null {
  if (job.node === null) return null
  const effects = found.get('effects')
  return {
    why: job.engine.why ?? 'no local EVM models this chain',
    hasBalances: effects !== null,
    hasStorage: effects !== null && job.node.traces,
    environments: 1 + (found.get('environments') ?? []).length,
    accept: job.chain.engine.accept,
  }
}

/** What the engines themselves noticed: what ended early, and what could not be read. */
function engineFacts(job: Job, found: Found): EngineFacts {
  const effects = found.get('effects')
  const { stop } = found
  return {
    tooManyReads: stop?.kind === 'too-many-reads' ? { reads: stop.reads, limit: stop.limit } : null,
    ranOut: stop === null || stop.kind === 'too-many-reads' ? null : stop.kind,
    engineDifferences: found.get('crossCheck') ?? [],
    proofMismatches: found.get('proofs') ?? [],
    node: nodeFacts(job, found),
    refusals: (found.get('execute')?.steps ?? []).flatMap((step, i) =>
      'refused' in step ? [{ step: i + 1, ...step }] : [],
    ),
    unreadable: effects?.unreadable ?? [],
    disagreements: effects?.disagreements ?? [],
    destroyed: effects?.destroyed ?? [],
    wasCut: effects?.wasCut ?? false,
    isUnwatched: effects !== null && effects.watched === null && job.node === null,
  }
}
