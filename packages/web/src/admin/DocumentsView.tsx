import type { Routes } from '@countersign/sdk'
import { useState } from 'react'
import { admin } from '../text/admin.ts'
import { ask } from './ask.ts'
import { Act, Card, Field, Fold, Mark, Nothing, Row, Rows, Served, Shown, Time, View, type Tone } from './Parts.tsx'
import { useLoad } from './useLoad.ts'
import type { ViewProps } from './ViewProps.ts'

type Listed = Routes['GET /api/admin/documents']['answer'][number]
type Read = Routes['GET /api/admin/documents/{id}']['answer']

const TONES: Readonly<Record<Listed['state'], Tone>> = {
  ...{ quarantined: 'care', stale: 'care', released: 'good', rejected: 'bad' },
}
/** What waits for a person comes first. */
const ORDER: readonly Listed['state'][] = ['quarantined', 'stale', 'released', 'rejected']

/** The documents of an app: what waits, what the review found, and a person's decision about exactly that content. */
export function DocumentsView({ app }: ViewProps) {
  const documents = useLoad(() => ask<Listed[]>('GET', '/api/admin/documents', { app }), app)
  const words = admin().documents
  return (
    <View title={words.title} about={words.about}>
      <Shown loaded={documents}>
        {(all) =>
          all.length === 0 ? (
            <Nothing>{words.none}</Nothing>
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
  return admin().documents.count(all.length, waiting)
}

function Document({ item, app, onChange }: { item: Listed; app: string; onChange: () => void }) {
  const words = admin().documents
  return (
    <Card
      title={<span className="address">{item.path}</span>}
      mark={<Mark tone={TONES[item.state]}>{words.states[item.state]}</Mark>}
    >
      {item.findings.length === 0 ? (
        <p className="mt-2">{words.noFindings}</p>
      ) : (
        <ul className="mt-2 flex flex-col gap-1">
          {item.findings.map(({ rule, severity, line, because }) => (
            <li key={`${rule}${line}${because}`}>
              <span className="font-semibold">{words.atLine(words.severities[severity], line)}</span>{' '}
              <Served>{because}</Served> <span className="address text-quiet">{rule}</span>
            </li>
          ))}
        </ul>
      )}
      <Rows>
        <Row label={words.expires}>{item.stale_at === null ? words.noDate : <Time iso={item.stale_at} />}</Row>
        {item.decision === null ? null : (
          <Row label={item.state === 'rejected' ? words.rejected : words.released}>
            <Time iso={item.decision.at} /> {words.by} <span className="address">{item.decision.by}</span>
            <span className="block">{item.decision.reason ?? words.noReason}</span>
          </Row>
        )}
        <Row label={words.digest}>
          <span className="address">{item.sha256}</span>
        </Row>
      </Rows>
      <Fold title={words.read}>{() => <Text item={item} app={app} />}</Fold>
      <Fold title={item.state === 'released' ? words.rejectIt : words.decide}>
        {() => <Decide item={item} app={app} onChange={onChange} />}
      </Fold>
    </Card>
  )
}

/** What the model could be told. Plain text: nothing of it is rendered. */
function Text({ item, app }: { item: Listed; app: string }) {
  const read = useLoad(() => ask<Read>('GET', `/api/admin/documents/${item.id}`, { app }), `${app} ${item.id}`)
  const words = admin().documents
  return (
    <Shown loaded={read}>
      {({ text, sha256 }) => (
        <>
          {sha256 === item.sha256 ? null : <p className="mt-2 text-care">{words.changed}</p>}
          <pre
            className="mt-2 max-h-96 overflow-auto rounded-lg bg-paper p-3 text-sm whitespace-pre-wrap"
            tabIndex={0}
            aria-label={words.textOf(item.path)}
          >
            {text === '' ? words.noText : text}
          </pre>
        </>
      )}
    </Shown>
  )
}

function Decide({ item, app, onChange }: { item: Listed; app: string; onChange: () => void }) {
  const [reason, setReason] = useState('')
  const words = admin().documents
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
        label={words.reason}
        hint={grave > 0 ? words.reasonOwed : words.reasonHint}
        value={reason}
        onChange={setReason}
      />
      <div className="flex flex-wrap gap-3">
        <Act run={decide('reject')} isOff={item.state === 'rejected'}>
          {words.reject(item.path)}
        </Act>
        {item.state === 'released' ? null : (
          <Act run={decide('release')} isOff={isOwed} className="bg-accent text-on-accent">
            {words.release(item.path)}
          </Act>
        )}
      </div>
    </div>
  )
}
