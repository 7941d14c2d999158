import type { IssuedKey, Key, Revocation } from '@countersign/sdk'
import { useState } from 'react'
import { admin } from '../text/admin.ts'
import { ask } from './ask.ts'
import { Countdown } from './Countdown.tsx'
import { timeText } from './figures.ts'
import { KeyUsagePart } from './KeyUsagePart.tsx'
import { Act, Card, Field, Fold, Mark, Row, Rows, Served, Time, type Tone } from './Parts.tsx'

const TONES: Readonly<Record<Key['standing'], Tone>> = {
  ...{ active: 'good', pending: 'care', replaced: 'plain', expired: 'plain', lapsed: 'plain', revoked: 'bad' },
}

interface Props {
  readonly app: string
  readonly item: Key
  readonly onIssued: (key: IssuedKey) => void
  readonly onChange: () => void
}

export function KeyCard({ app, item, onIssued, onChange }: Props) {
  const [revoked, setRevoked] = useState<Revocation | null>(null)
  const words = admin().keys
  const isOpen = item.standing === 'active' || item.standing === 'pending'
  const name = item.label === '' ? item.id : item.label
  return (
    <Card title={name} mark={<Mark tone={TONES[item.standing]}>{words.states[item.standing]}</Mark>}>
      <Rows>
        <Row label={words.key}>
          <span className="address">{words.endsIn(item.id, item.last4)}</span>
        </Row>
        <Row label={words.may}>{item.scopes.join(', ')}</Row>
        <Row label={words.limits}>{item.limits.length === 0 ? words.ofServer : item.limits.join(', ')}</Row>
        {item.networks.length === 0 ? null : <Row label={words.from}>{item.networks.join(', ')}</Row>}
        <Row label={words.made}>
          <Time iso={item.created_at} />
          {item.rotation_due ? ` · ${words.rotateIt}` : ''}
        </Row>
        <Row label={words.lastUsed}>
          <Time iso={item.last_used_at} />
        </Row>
        {item.expires_at === null ? null : (
          <Row label={words.expires}>
            <Countdown iso={item.expires_at} />
          </Row>
        )}
        {item.standing === 'active' && item.not_after !== null ? (
          <Row label={words.replacedEnds}>
            <Countdown iso={item.not_after} />
          </Row>
        ) : null}
        {item.standing === 'pending' && item.activate_by !== null ? (
          <Row label={words.firstUse}>
            <Countdown iso={item.activate_by} />
          </Row>
        ) : null}
        {item.revoked_at === null ? null : (
          <Row label={words.states.revoked}>
            <Time iso={item.revoked_at} /> {item.revoked_reason}
          </Row>
        )}
        {item.quarantine === null ? null : (
          <Row label={words.heldBack}>
            {words.held[item.quarantine.level]} <Served>{item.quarantine.evidence.join('; ')}</Served>
          </Row>
        )}
      </Rows>
      {revoked === null || item.standing !== 'revoked' ? null : (
        <p role="status" className="mt-2 font-semibold">
          {words.wasRevoked(revoked.confirmed, timeText(revoked.effective_at))}
        </p>
      )}
      <Fold title={words.usage}>{() => <KeyUsagePart app={app} id={item.id} />}</Fold>
      {isOpen ? <Change app={app} item={item} onIssued={onIssued} onChange={onChange} onRevoked={setRevoked} /> : null}
      {item.standing === 'revoked' ? <Undo app={app} item={item} onChange={onChange} /> : null}
    </Card>
  )
}

function Change({ app, item, onIssued, onChange, onRevoked }: Props & { onRevoked: (answer: Revocation) => void }) {
  const [label, setLabel] = useState(item.label)
  const [limits, setLimits] = useState(item.limits.join(', '))
  const [reason, setReason] = useState('')
  const [isExposed, setExposed] = useState(false)
  const path = `/api/admin/keys/${item.id}`
  const words = admin().keys
  return (
    <>
      <details className="mt-3 border-t border-line pt-2">
        <summary className="min-h-6 cursor-pointer font-semibold">{words.change}</summary>
        <div className="mt-2 grid gap-3 sm:grid-cols-2">
          <Field label={words.note} value={label} onChange={setLabel} />
          <Field label={words.limits} hint={words.limitsHint} value={limits} onChange={setLimits} />
        </div>
        <div className="mt-3 flex flex-col items-start gap-2">
          <Act
            run={async () => {
              await ask('PATCH', path, { app, body: { label, limits: limitsIn(limits) } })
              onChange()
            }}
          >
            {words.save}
          </Act>
          {item.quarantine === null ? null : (
            <Act
              run={async () => {
                await ask('POST', `${path}/release`, { app, body: {} })
                onChange()
              }}
            >
              {words.release}
            </Act>
          )}
        </div>
      </details>
      <details className="mt-3 border-t border-line pt-2">
        <summary className="min-h-6 cursor-pointer font-semibold">{words.rotateOrRevoke}</summary>
        <div className="mt-2 flex flex-col items-start gap-3">
          <p className="max-w-prose text-quiet">{words.rotateAbout}</p>
          <Act
            run={async () => {
              const body = { style: 'first-use', overlap: '24h', deadline: '24h' }
              onIssued(await ask<IssuedKey>('POST', `${path}/rotate`, { app, body }))
            }}
          >
            {words.rotate}
          </Act>
          <Field label={words.why} value={reason} onChange={setReason} />
          <label className="flex min-h-11 items-center gap-2">
            <input
              type="checkbox"
              className="size-5"
              checked={isExposed}
              onChange={({ target }) => setExposed(target.checked)}
            />
            {words.isExposed}
          </label>
          <Act
            className="border-bad text-bad"
            run={async () => {
              onRevoked(await ask<Revocation>('POST', `${path}/revoke`, { app, body: { reason, exposed: isExposed } }))
              onChange()
            }}
          >
            {words.revoke(item.label === '' ? item.id : item.label)}
          </Act>
        </div>
      </details>
    </>
  )
}

/** A mistaken revocation can be taken back within the hour, unless the key was exposed. */
function Undo({ app, item, onChange }: Omit<Props, 'onIssued'>) {
  const isLate = item.revoked_at === null || Date.now() - Date.parse(item.revoked_at) > 3_600_000
  if (isLate || item.exposed_at !== null) return null
  return (
    <div className="mt-3">
      <Act
        run={async () => {
          await ask('POST', `/api/admin/keys/${item.id}/undo`, { app, body: {} })
          onChange()
        }}
      >
        {admin().keys.undo}
      </Act>
    </div>
  )
}

/** Limits as people write them: separated by commas or spaces. */
export function limitsIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((each) => each !== '')
}
