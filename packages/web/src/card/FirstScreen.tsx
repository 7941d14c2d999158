import type { Proposal, ReportWire } from '@countersign/sdk'
import type { ReactNode } from 'react'
import { authorityText } from '../words.ts'
import { controlsOf, permissionsOf, type Permission, type Recipient, type Row, type Verdict } from './Card.ts'
import type { Tone } from './CardState.ts'
import { FullAddress } from './Figure.tsx'
import { Lookalike } from './Lookalike.tsx'
import { serverLang, t } from '../text/text.ts'

type Finding = ReportWire['findings'][number]

const BOXES: Readonly<Record<Tone, string>> = {
  plain: 'bg-paper text-ink',
  good: 'bg-good-soft text-good',
  care: 'bg-care-soft text-care',
  bad: 'bg-bad-soft text-bad',
}
const TEXTS: Readonly<Record<Tone, string>> = { plain: '', good: 'text-good', care: 'text-care', bad: 'text-bad' }
/** How many recipients stand on the first screen; the rest are counted, and listed in full in the fold. */
const FIRST_RECIPIENTS = 3

/** The verdict with its worst reason, and what to do about it. */
export function VerdictBox({ verdict, finding }: { verdict: Verdict | null; finding: Finding | null }) {
  if (verdict === null) return null
  const lang = verdict.isServers ? serverLang() : undefined
  return (
    <section aria-label={t().verdict.label} className="px-4 pt-2.5 md:px-5" data-testid="verdict">
      <div className={`rounded-lg px-3 py-2 text-sm ${BOXES[verdict.tone]}`}>
        <p className="font-semibold" lang={lang}>
          {verdict.heading}
        </p>
        <p className="text-ink [overflow-wrap:anywhere]">
          {verdict.own !== null && `${verdict.own} `}
          <span lang={lang}>{verdict.because}</span>
        </p>
        {finding?.rule === 'address-lookalike' && <Lookalike evidence={finding.evidence} subject={finding.subject} />}
        {verdict.fix !== null && (
          <p className="text-ink">
            <span className="font-semibold">{t().verdict.whatToDo}</span> <span lang={lang}>{verdict.fix}</span>
          </p>
        )}
        {verdict.more > 0 && <p className="text-ink">{t().verdict.more(verdict.more)}</p>}
        {lang !== undefined && <p className="text-ink">{t().card.serverSpeaksEnglish}</p>}
      </div>
    </section>
  )
}

/** Every right that this adds or takes back, never folded. */
export function Permissions({ proposal }: { proposal: Proposal }) {
  const permissions = permissionsOf(proposal)
  const controls = controlsOf(proposal)
  if (permissions.length + controls.length === 0) return null
  return (
    <section className="px-4 pt-2.5 md:px-5" aria-label={t().permissions.label} data-testid="permissions">
      {permissions.map((each) => (
        <Grant key={`${each.subject}${each.amount}${each.before}`} permission={each} />
      ))}
      {controls.map((change) => (
        <div key={`${change.kind}${change.contract}${change.subject}`} className="mb-1 text-sm">
          <p className={`font-semibold ${change.after === '0' ? '' : 'text-bad'}`}>{authorityText(change)}</p>
          <p className="address">{change.contract}</p>
          <p>
            <span className="text-quiet">{t().permissions.by}</span> <FullAddress address={change.subject} />
          </p>
        </div>
      ))}
    </section>
  )
}

function Grant({ permission }: { permission: Permission }) {
  const { words, amount, before, subject, subjectName, isUnverified, isUnlimited, isTaken, until } = permission
  return (
    <div className="mb-1 text-sm">
      <p>
        {words} <strong className={isUnlimited && !isTaken ? 'text-bad' : ''}>{isTaken ? '' : amount}</strong>{' '}
        <span className="text-quiet">{t().permissions.before(before, until)}</span>
      </p>
      <p>
        <span className={isUnverified ? 'text-care' : 'text-quiet'}>
          {subjectName ?? (isUnverified ? t().permissions.unverified : t().permissions.spender)}
        </span>{' '}
        <FullAddress address={subject} />
      </p>
    </div>
  )
}

/** To whom it goes, in full, and whether it is the first time. */
export function Recipients({
  recipients,
  isLoud,
  nameOf,
}: {
  recipients: readonly Recipient[]
  /** By which name it calls itself, looked up elsewhere; shown under the address, and nothing rests on it. */
  nameOf: (address: string) => ReactNode
  /** Whether somebody may still pay them: what cannot be signed needs no comparing. */
  isLoud: boolean
}) {
  if (recipients.length === 0) return null
  const shown = recipients.slice(0, FIRST_RECIPIENTS)
  const rest = recipients.slice(FIRST_RECIPIENTS)
  const first = rest.filter(({ status }) => status === 'first').length
  return (
    <section className="px-4 pt-2.5 text-sm md:px-5" aria-label={t().recipients.label} data-testid="recipients">
      {shown.map(({ address, gets, status, words, advice }) => (
        <div key={address} className="mb-1">
          <p>
            <span className="text-quiet">{t().recipients.to}</span> <FullAddress address={address} />
          </p>
          {nameOf(address)}
          <p className={status === 'first' && isLoud ? 'font-semibold text-care' : 'text-quiet'}>
            {words} {isLoud && advice}
          </p>
          {recipients.length > 1 && gets !== null && <p>{t().recipients.gets(gets)}</p>}
        </div>
      ))}
      {rest.length > 0 && (
        <details>
          <summary className="cursor-pointer">{t().recipients.more(rest.length, first)}</summary>
          <ul className="mt-1 space-y-1">
            {rest.map(({ address, gets, words }) => (
              <li key={address}>
                <FullAddress address={address} /> {gets !== null && <span>{t().recipients.gets(gets)}.</span>} {words}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

export function Rows({ rows }: { rows: readonly Row[] }) {
  return (
    <dl className="rows px-4 py-2 text-sm md:px-5" data-testid="rows">
      {rows.map(({ name, label, value, note, tone = 'plain' }) => (
        <div key={name} data-row={name} className="flex items-baseline justify-between gap-x-3">
          <dt className="shrink-0 text-quiet">{label}</dt>
          <dd className={`min-w-0 text-right ${TEXTS[tone]}`}>
            <span className={tone === 'plain' ? '' : 'font-semibold'}>{value}</span>
            {note !== undefined && <span className="text-quiet max-md:block"> {note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}
