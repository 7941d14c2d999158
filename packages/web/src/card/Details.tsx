import type { Proposal, ReportWire } from '@countersign/sdk'
import { lazy, Suspense, type ReactNode } from 'react'
import { othersChanges } from '../ownChanges.ts'
import { Origin } from '../StepUp.tsx'
import { ageText, shownSymbol, symbolOf, type Change } from '../words.ts'
import * as Amount from './Amount.ts'
import { decode, same } from './Bytes.ts'
import { worstOf } from './Card.ts'
import { STALE_AFTER_S } from './CardState.ts'
import { contractsLine, contractsOf } from './Contracts.ts'
import { Explained } from './Document.tsx'
import { different, environmentsLine, environmentText } from './Environments.ts'
import { framesOf, type Frame } from './Frame.ts'
import { Lookalike } from './Lookalike.tsx'
import { readable } from './Sentence.ts'
import { serverLang, t } from '../text/text.ts'

// A picture inside of a fold: the card does not wait for it.
const FundFlow = lazy(() => import('./FundFlow.tsx').then((own) => ({ default: own.FundFlow })))

/** Everything that is not the decision: one line each with its result, which opens. */
export function Details({
  proposal,
  coin,
  nowMs,
  isReliable,
}: {
  proposal: Proposal
  coin: string
  nowMs: number
  /** Whether the simulation may be shown as what would happen. */
  isReliable: boolean
}) {
  const { report } = proposal
  if (report === null) return null
  const others = othersChanges(report)
  const contracts = contractsOf(proposal)
  const explained = report.steps.filter(({ clear_signing: words }) => words != null)
  const frames = framesOf(proposal)
  const simulated = (
    <>
      <Ahead report={report} native={coin} />
      <Fold title={t().details.checks} result={checksLine(report)}>
        <Checks proposal={proposal} coin={coin} />
      </Fold>
      <Fold title={t().details.otherBlocks} result={environmentsLine(proposal)}>
        <OtherBlocks proposal={proposal} coin={coin} />
      </Fold>
      <Fold title={t().details.contracts} result={contractsLine(contracts)}>
        <Contracts proposal={proposal} />
      </Fold>
      {others.length > 0 && (
        <Fold title={t().details.others} result={accountsLine(others)}>
          <Suspense fallback={null}>
            <FundFlow proposal={proposal} coin={coin} />
          </Suspense>
          <Others changes={others} native={coin} />
        </Fold>
      )}
      {frames.length > 0 && (
        <Fold title={t().details.calls} result={t().details.callCount(count(frames))}>
          <ul className="text-sm" data-testid="call-tree">
            {frames.map((frame, i) => (
              <Call key={i} frame={frame} names={new Map(contracts.map((each) => [each.address, each.name]))} />
            ))}
          </ul>
        </Fold>
      )}
    </>
  )
  return (
    <div className="border-t border-line" data-testid="details">
      {isReliable && simulated}
      {proposal.provenance.length > 0 && (
        <Fold title={t().details.origin} result={originLine(proposal)}>
          <Origin proposal={proposal} />
        </Fold>
      )}
      {explained.length > 0 && (
        <Fold title={t().details.explained} result={t().details.notVerified}>
          {explained.map(({ step, clear_signing: words }) =>
            words == null ? null : <Explained key={step} step={step} words={words} />,
          )}
        </Fold>
      )}
      {proposal.kind === 'transactions' && (
        <Fold title={t().details.bytes} result={t().details.bytesBy}>
          <BytesOf proposal={proposal} />
        </Fold>
      )}
      <Fold title={t().details.how} result={simulatedLine(report)}>
        <p>
          {t().details.block(report.block.number, ageText(report.block.timestamp, nowMs))}
          {nowMs - Date.parse(report.block.timestamp) > STALE_AFTER_S * 1000 && proposal.state === 'pending' && (
            <span className="text-care"> {t().details.checkedAgain}</span>
          )}
        </p>
        <p className="mt-1 text-quiet">{t().details.notChecked}</p>
        <ul className="list-disc pl-5 text-quiet" lang={serverLang()}>
          {report.not_checked.map(({ what, why }) => (
            <li key={what}>
              {what}: {readable(why, { from: proposal.from, coin })}
            </li>
          ))}
        </ul>
        <p className="mt-1 text-quiet">
          {t().details.digest} <span className="address">{proposal.digest}</span>
        </p>
      </Fold>
    </div>
  )
}

function Fold({ title, result, children }: { title: string; result: string; children: ReactNode }) {
  return (
    <details className="fold border-b border-line last:border-b-0">
      <summary className="flex min-h-11 cursor-pointer items-center justify-between gap-3 px-4 py-2 text-sm md:px-5">
        <h3 className="shrink-0">{title}</h3>
        <span className="text-right text-quiet">{result}</span>
      </summary>
      <div className="px-4 pb-3 text-sm md:px-5">{children}</div>
    </details>
  )
}

function checksLine({ findings }: ReportWire): string {
  if (findings.length === 0) return t().details.noObjections
  const words = [
    ['block', t().details.blocked],
    ['warn', t().details.cautions],
    ['info', t().details.notes],
  ] as const
  const parts = words.flatMap(([level, text]) => {
    const many = findings.filter((each) => each.level === level).length
    return many === 0 ? [] : [text(many)]
  })
  return parts.join(', ')
}

const LEVELS = {
  block: { box: 'bg-bad-soft', text: 'text-bad' },
  warn: { box: 'bg-care-soft', text: 'text-care' },
  info: { box: 'bg-paper', text: 'text-quiet' },
} as const

function Checks({ proposal, coin }: { proposal: Proposal; coin: string }) {
  const findings = proposal.report?.findings ?? []
  const worst = worstOf(proposal)
  if (findings.length === 0) return <p className="text-good">{t().details.noObjectionsLong}</p>
  return (
    <ul className="space-y-2">
      {findings.map((finding, i) => (
        <li key={`${finding.rule}${i}`} className={`rounded-lg px-3 py-2 ${LEVELS[finding.level].box}`}>
          <p className={`font-semibold ${LEVELS[finding.level].text}`}>
            {t().details.level[finding.level]}: <span lang={serverLang()}>{finding.title}</span>
          </p>
          <p className="[overflow-wrap:anywhere]" lang={serverLang()}>
            {readable(finding.because, { from: proposal.from, coin })}
          </p>
          {finding.remediation !== undefined && (
            <p className="text-quiet" lang={serverLang()}>
              {finding.remediation}
            </p>
          )}
          {finding.rule === 'address-lookalike' && finding !== worst && (
            <Lookalike evidence={finding.evidence} subject={finding.subject} />
          )}
        </li>
      ))}
    </ul>
  )
}

/** What somebody who gains a right could take in their next transaction: it was tried on the fork. Never folded. */
function Ahead({ report, native }: { report: ReportWire; native: string }) {
  const moves = report.lookahead.flatMap(({ actor, can_take }) => can_take.map((each) => ({ actor, ...each })))
  if (moves.length === 0) return null
  return (
    <section className="border-b border-line px-4 py-2 text-sm md:px-5" aria-label={t().details.aheadLabel}>
      <h3 className="text-quiet">{t().details.ahead}</h3>
      <ul>
        {moves.map(({ actor, token, amount }) => {
          const named = report.authority_changes.find((change) => change.contract === token)
          const decimals = token === null ? 18 : (named?.decimals ?? null)
          return (
            <li key={`${actor}${token}`}>
              <strong className="text-bad">
                {Amount.rounded(amount, decimals, 'up')}{' '}
                {token === null ? native : (shownSymbol(named?.symbol ?? null) ?? t().details.ofToken)}
              </strong>
              {token !== null && decimals === null && <span className="text-quiet"> ({t().sides.smallestUnit})</span>}{' '}
              {t().details.by} <span className="address">{actor}</span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

/** The same transaction in other blocks, in plain sentences. */
function OtherBlocks({ proposal, coin }: { proposal: Proposal; coin: string }) {
  const others = different(proposal)
  return (
    <>
      {others.length === 0 ? (
        <p>{environmentsLine(proposal)}.</p>
      ) : (
        <ul className="list-disc space-y-1 pl-5">
          {others.map((environment) => (
            <li key={environment.name} className="text-care">
              {environmentText(environment, coin)}
            </li>
          ))}
        </ul>
      )}
      {proposal.calls.some((call) => decode(call).deadlineS !== null) && (
        <p className="mt-1 text-quiet">{t().details.timeLimit}</p>
      )}
    </>
  )
}

function Contracts({ proposal }: { proposal: Proposal }) {
  const contracts = contractsOf(proposal)
  if (contracts.length === 0) return <p>{t().details.noContracts}</p>
  return (
    <ul className="space-y-1.5">
      {contracts.map(({ address, name, basis, functions }) => (
        <li key={address}>
          <span className={name === null ? 'text-care' : 'font-medium'}>{name ?? t().details.unverified}</span>
          {functions.length > 0 && <span className="text-quiet"> · {functions.join(', ')}</span>}
          {basis !== null && <span className="block text-quiet">{basis}</span>}
          <span className="address block text-quiet">{address}</span>
        </li>
      ))}
    </ul>
  )
}

function accountsLine(changes: readonly Change[]): string {
  const accounts = new Set(changes.map(({ account }) => account)).size
  return t().details.accounts(accounts)
}

function Others({ changes, native }: { changes: readonly Change[]; native: string }) {
  return (
    <ul className="mt-2 space-y-1.5" aria-label={t().details.othersLabel}>
      {changes.map((change) => (
        <li key={`${change.account}${change.token ?? ''}${change.token_id ?? ''}`}>
          <span className="figure">
            {change.delta.startsWith('-') ? '' : '+'}
            {Amount.exact(change.delta, change.standard === 'native' ? 18 : change.decimals)}
          </span>{' '}
          {symbolOf(change, native)}
          <span className="address block text-quiet">{change.account}</span>
        </li>
      ))}
    </ul>
  )
}

function count(frames: readonly Frame[]): number {
  return frames.reduce((sum, { calls }) => sum + 1 + count(calls), 0)
}

function Call({ frame, names }: { frame: Frame; names: ReadonlyMap<string, string | null> }) {
  const name = names.get(frame.to) ?? null
  return (
    <li className="border-l border-line pl-2">
      <span className={frame.hasFailed ? 'text-bad' : ''}>{name ?? <span className="address">{frame.to}</span>}</span>{' '}
      <span className="text-quiet">
        {frame.name === '' ? t().details.payment : frame.name}
        {frame.value !== '' && frame.value !== '0' ? t().details.withCoin : ''}
        {frame.hasFailed ? t().details.failed : ''}
      </span>
      {frame.calls.length > 0 && (
        <ul>
          {frame.calls.map((each, i) => (
            <Call key={i} frame={each} names={names} />
          ))}
        </ul>
      )}
    </li>
  )
}

function originLine({ provenance }: Proposal): string {
  const own = provenance.filter(({ source }) => ['user', 'registry', 'app', 'ledger'].includes(source)).length
  return own === provenance.length ? t().details.originOwn : t().details.originOthers(provenance.length - own)
}

function simulatedLine(report: ReportWire): string {
  return t().details.howLine(report.block.number, report.not_checked.length)
}

/** Each step as its bytes spell it, whatever the server says of it. */
function BytesOf({ proposal }: { proposal: Proposal }) {
  return (
    <ol className="space-y-2">
      {proposal.calls.map((call) => {
        const { name, isPayment, fields } = decode(call)
        const known = proposal.report?.contract_calls.find(({ address }) => same(address, call.to ?? ''))?.name
        return (
          <li key={call.step}>
            <p>
              {t().bytes.step(call.step, isPayment ? t().bytes.payment : (name ?? t().bytes.undecoded))}
              {!isPayment && call.to !== null && (
                <>
                  {' '}
                  {t().bytes.at(known ?? '')} <span className="address">{call.to}</span>
                </>
              )}
            </p>
            <dl>
              {fields.map(({ label, value }) => (
                <div key={label} className="flex flex-wrap gap-x-2">
                  <dt className="text-quiet">{label}</dt>
                  <dd className="address">{value}</dd>
                </div>
              ))}
            </dl>
            {name === null && !isPayment && (
              <p className="address max-h-28 overflow-y-auto text-quiet" tabIndex={0}>
                {call.data}
              </p>
            )}
          </li>
        )
      })}
    </ol>
  )
}
