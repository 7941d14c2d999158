import type { ClearContext } from '../clearsigning/clearSign.ts'
import { explainDocument } from '../clearsigning/explain.ts'
import { contractCalls } from '../effects/steps.ts'
import { blockRef } from '../evm/BlockEnv.ts'
import { grantChanges } from '../signatures/grantChanges.ts'
import type { EnvironmentRun } from '../model/Evidence.ts'
import type { NotChecked } from '../model/Finding.ts'
import { vouchedOf } from '../model/KnownAddress.ts'
import type { Environment, Report, ReportedChain } from '../model/Report.ts'
import type { SimulationRequest } from '../model/Request.ts'
import { requestOf, runsOf } from './parts.ts'
import type { Job, Stage } from './Stage.ts'

/** Puts everything that was found out into one report. */
export const report: Stage<'report'> = {
  name: 'report',
  needs: ['execute', 'effects', 'environments', 'lookAhead', 'readSet', 'fees', 'steps', 'intent', 'verdict'],
  skip: () => null,
  run(_tools, job, found) {
    const request = requestOf(job, found)
    const [run, effects] = [found.get('execute'), found.get('effects')]
    const { steps, clear, authorityChanges } = found.need('steps')
    return {
      status: 'done',
      value: {
        version: 1,
        chainId: request.chainId,
        chain: reportedChain(job),
        from: request.from,
        block: blockRef(job.header),
        verdict: found.need('verdict').verdict,
        willRevert: (run === null && request.calls.length > 0) || steps.some((step) => step.status !== 'success'),
        ...((request.overrides ?? []).length === 0 ? {} : { stateOverrides: request.overrides ?? [] }),
        ...(job.standsOn.length === 0 ? {} : { standsOn: job.standsOn }),
        steps,
        contractCalls: contractCalls(runsOf(run), job.cache, run, vouchedOf(request)),
        tokenChanges: effects?.tokenChanges ?? [],
        controlled: effects?.controlled ?? [],
        authorityChanges: [...authorityChanges, ...grantChanges(request.signature, authorityChanges)],
        keptForYou: effects?.kept ?? [],
        gasEstimate: found.need('fees'),
        environments: environmentsOf(found.get('environments') ?? []),
        environmentReads: effects?.environmentReads ?? [],
        lookahead: (found.get('lookAhead')?.moves ?? []).map(({ actor, means, canTake }) => ({
          actor,
          means,
          canTake,
        })),
        intent: found.get('intent'),
        signature: signatureOf(request, clear),
        findings: found.need('verdict').findings,
        notChecked: [...found.notChecked, ...notMined(job), ...job.engine.notes],
        readSet: found.need('readSet'),
        receipt: null,
      },
    }
  },
}

/** What the batch stands on may end otherwise: whoever opens a wallet checks that again. */
function notMined({ standsOn }: Pick<Job, 'standsOn'>): readonly NotChecked[] {
  return standsOn.map(({ hash }) => ({
    what: 'an earlier transaction',
    why: `it is signed and not mined yet: ${hash}`,
  }))
}

function reportedChain({ chain, engine }: Pick<Job, 'chain' | 'engine'>): ReportedChain {
  return {
    id: chain.id,
    name: chain.name,
    coin: chain.coin?.isNamed === true ? chain.coin.symbol : null,
    engine: engine.kind,
    modelled: engine.kind === 'local',
    probe: engine.probe,
    record: chain.record,
  }
}

/** What is to be signed, in the words people read. */
function signatureOf(request: SimulationRequest, clear: ClearContext): Report['signature'] {
  const { signature } = request
  if (signature == null) return null
  const { digest, kind, title, primaryType, verifyingContract, lines, offers, considerations } = signature
  const clearSigning = explainDocument(clear, request)
  return { digest, kind, title, primaryType, verifyingContract, lines, offers, considerations, clearSigning }
}

/** The expected block, and the others with those that disagree first. */
function environmentsOf(environments: readonly EnvironmentRun[]): Environment[] {
  const others = environments.map(({ plan, comparison, decidedBy, outcome }): Environment => ({
    name: plan.name,
    agrees: comparison.relation === 'same',
    differs: comparison.differs,
    decidedBy,
    tokenChanges: comparison.relation === 'same' ? [] : outcome.changes,
  }))
  const expected: Environment = { name: 'next-block', agrees: true, differs: [], decidedBy: [], tokenChanges: [] }
  return [...others.filter((other) => !other.agrees), expected, ...others.filter((other) => other.agrees)]
}
