import type { Routes } from '@countersign/sdk'
import { useState } from 'react'
import { ask } from './ask.ts'
import { Act, Card, Field, Fold, Mark, Nothing, Row, Rows, Shown, Time, View, type Tone } from './Parts.tsx'
import { useLoad } from './useLoad.ts'
import type { ViewProps } from './ViewProps.ts'

type Listed = Routes['GET /api/admin/documents']['answer'][number]
type Read = Routes['GET /api/admin/documents/{id}']['answer']

const STATES: Readonly<Record<Listed['state'], readonly [Tone, string]>> = {
  quarantined: ['care', 'Waits for review'],
  stale: ['care', 'Out of date, not searched'],
  released: ['good', 'Released, searched'],
  rejected: ['bad', 'Rejected, not searched'],
}
/** What waits for a person comes first. */
const ORDER: readonly Listed['state'][] = ['quarantined', 'stale', 'released', 'rejected']
const SEVERITIES = { critical: '✕ Critical', high: '✕ High', medium: '! Medium', low: '· Low' } as const

/** The documents of an app: what waits, what the review found, and a person's decision about exactly that content. */
export function DocumentsView({ app }: ViewProps) {
  const documents = useLoad(() => ask<Listed[]>('GET', '/api/admin/documents', { app }), app)
  return (
    <View
      title="Documents"
      about="The model searches a document only after a person released exactly its present content. Any edit makes it wait again."
    >
      <Shown loaded={documents}>
        {(all) =>
          all.length === 0 ? (
            <Nothing>
              The app has no documents. List folders or files under “documents” in its app.yaml, then push it.
            </Nothing>
          ) : (
            <>
              <p role="status">{countText(all)}</p>
              <ul className="flex flex-col gap-3">
                {all
                  .toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
                  .map((each) => (
                    <li key={each.id}>
                      <Document key={`${each.sha256}${each.state}`} item={each} app={app} onChange={documents.reload} />
                    </li>
                  ))}
              </ul>
            </>
          )
        }
      </Shown>
    </View>
  )
}

function countText(all: readonly Listed[]): string {
  const waiting = all.filter(({ state }) => state === 'quarantined' || state === 'stale').length
  const documents = `${all.length} document${all.length === 1 ? '' : 's'}`
  return waiting === 0
    ? `${documents}, none waits for you.`
    : `${documents}, ${waiting} wait${waiting === 1 ? 's' : ''} for you.`
}

function Document({ item, app, onChange }: { item: Listed; app: string; onChange: () => void }) {
  const [tone, words] = STATES[item.state]
  return (
    <Card title={<span className="address">{item.path}</span>} mark={<Mark tone={tone}>{words}</Mark>}>
      {item.findings.length === 0 ? (
        <p className="mt-2">The review found nothing.</p>
      ) : (
        <ul className="mt-2 flex flex-col gap-1">
          {item.findings.map(({ rule, severity, line, because }) => (
            <li key={`${rule}${line}${because}`}>
              <span className="font-semibold">
                {SEVERITIES[severity]}, line {line}:
              </span>{' '}
              {because} <span className="address text-quiet">{rule}</span>
            </li>
          ))}
        </ul>
      )}
      <Rows>
        <Row label="Expires">
          {item.stale_at === null ? 'The document names no date.' : <Time iso={item.stale_at} />}
        </Row>
        {item.decision === null ? null : (
          <Row label={item.state === 'rejected' ? 'Rejected' : 'Released'}>
            <Time iso={item.decision.at} /> by <span className="address">{item.decision.by}</span>
            <span className="block">{item.decision.reason ?? 'No reason was given.'}</span>
          </Row>
        )}
        <Row label="SHA-256">
          <span className="address">{item.sha256}</span>
        </Row>
      </Rows>
      <Fold title="Read the text that would be searched">{() => <Text item={item} app={app} />}</Fold>
      <Fold title={item.state === 'released' ? 'Reject it' : 'Decide'}>
        {() => <Decide item={item} app={app} onChange={onChange} />}
      </Fold>
    </Card>
  )
}

/** What the model could be told. Plain text: nothing of it is rendered. */
function Text({ item, app }: { item: Listed; app: string }) {
  const read = useLoad(() => ask<Read>('GET', `/api/admin/documents/${item.id}`, { app }), `${app} ${item.id}`)
  return (
    <Shown loaded={read}>
      {({ text, sha256 }) => (
        <>
          {sha256 === item.sha256 ? null : (
            <p className="mt-2 text-care">The document changed after this list was read. Reload the page first.</p>
          )}
          <pre
            className="mt-2 max-h-96 overflow-auto rounded-lg bg-paper p-3 text-sm whitespace-pre-wrap"
            tabIndex={0}
            aria-label={`Text of ${item.path}`}
          >
            {text === '' ? 'There is no text.' : text}
          </pre>
        </>
      )}
    </Shown>
  )
}

function Decide({ item, app, onChange }: { item: Listed; app: string; onChange: () => void }) {
  const [reason, setReason] = useState('')
  const decide = (action: 'release' | 'reject') => async (): Promise<void> => {
    const body = { sha256: item.sha256, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) }
    await ask<Listed>('POST', `/api/admin/documents/${item.id}/${action}`, { app, body })
    onChange()
  }
  const grave = item.findings.filter(({ severity }) => severity === 'critical' || severity === 'high').length
  // In spite of a grave finding only with a reason: the next person sees why.
  const isOwed = grave > 0 && reason.trim() === ''
  return (
    <div className="mt-2 flex flex-col gap-3">
      <Field
        label="Reason"
        hint={
          grave > 0
            ? 'The review has grave findings. Say why you release it in spite of them, or why you reject it.'
            : 'Stands in the audit record. It may stay empty.'
        }
        value={reason}
        onChange={setReason}
      />
      <div className="flex flex-wrap gap-3">
        <Act run={decide('reject')} isOff={item.state === 'rejected'}>
          Reject {item.path}
        </Act>
        {item.state === 'released' ? null : (
          <Act run={decide('release')} isOff={isOwed} className="bg-accent text-on-accent">
            Release {item.path}
          </Act>
        )}
      </div>
    </div>
  )
}
