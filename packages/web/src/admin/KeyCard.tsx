import type { IssuedKey, Key, Revocation } from '@countersign/sdk'
import { useState } from 'react'
import { ask } from './ask.ts'
import { Countdown } from './Countdown.tsx'
import { KeyUsagePart } from './KeyUsagePart.tsx'
import { Act, Card, Field, Fold, Mark, Row, Rows, Time, type Tone } from './Parts.tsx'

const WORDS: Readonly<Record<Key['standing'], readonly [Tone, string]>> = {
  active: ['good', 'Active'],
  pending: ['care', 'Waits for its first use'],
  replaced: ['plain', 'Replaced'],
  expired: ['plain', 'Expired'],
  lapsed: ['plain', 'Never used in time'],
  revoked: ['bad', 'Revoked'],
}

interface Props {
  readonly app: string
  readonly item: Key
  readonly onIssued: (key: IssuedKey) => void
  readonly onChange: () => void
}

export function KeyCard({ app, item, onIssued, onChange }: Props) {
  const [revoked, setRevoked] = useState<Revocation | null>(null)
  const [tone, words] = WORDS[item.standing]
  const isOpen = item.standing === 'active' || item.standing === 'pending'
  const name = item.label === '' ? item.id : item.label
  return (
    <Card title={name} mark={<Mark tone={tone}>{words}</Mark>}>
      <Rows>
        <Row label="Key">
          <span className="address">
            {item.id}, ends in …{item.last4}
          </span>
        </Row>
        <Row label="May">{item.scopes.join(', ')}</Row>
        <Row label="Limits">{item.limits.length === 0 ? 'the server’s' : item.limits.join(', ')}</Row>
        {item.networks.length === 0 ? null : <Row label="From">{item.networks.join(', ')}</Row>}
        <Row label="Made">
          <Time iso={item.created_at} />
          {item.rotation_due ? ' · rotate it' : ''}
        </Row>
        <Row label="Last used">
          <Time iso={item.last_used_at} />
        </Row>
        {item.expires_at === null ? null : (
          <Row label="Expires">
            <Countdown iso={item.expires_at} />
          </Row>
        )}
        {item.standing === 'active' && item.not_after !== null ? (
          <Row label="Replaced, ends">
            <Countdown iso={item.not_after} />
          </Row>
        ) : null}
        {item.standing === 'pending' && item.activate_by !== null ? (
          <Row label="First use within">
            <Countdown iso={item.activate_by} />
          </Row>
        ) : null}
        {item.revoked_at === null ? null : (
          <Row label="Revoked">
            <Time iso={item.revoked_at} /> {item.revoked_reason}
          </Row>
        )}
        {item.quarantine === null ? null : (
          <Row label="Held back">
            {LEVELS[item.quarantine.level]} {item.quarantine.evidence.join('; ')}
          </Row>
        )}
      </Rows>
      {revoked === null || item.standing !== 'revoked' ? null : (
        <p role="status" className="mt-2 font-semibold">
          {revoked.confirmed} running instances confirmed it at <Time iso={revoked.effective_at} />.
        </p>
      )}
      <Fold title="Usage">{() => <KeyUsagePart app={app} id={item.id} />}</Fold>
      {isOpen ? <Change app={app} item={item} onIssued={onIssued} onChange={onChange} onRevoked={setRevoked} /> : null}
      {item.standing === 'revoked' ? <Undo app={app} item={item} onChange={onChange} /> : null}
    </Card>
  )
}

const LEVELS = {
  throttle: 'To a tenth of its limits:',
  proof: 'To sessions with a proof:',
  freeze: 'Frozen:',
} as const

function Change({ app, item, onIssued, onChange, onRevoked }: Props & { onRevoked: (answer: Revocation) => void }) {
  const [label, setLabel] = useState(item.label)
  const [limits, setLimits] = useState(item.limits.join(', '))
  const [reason, setReason] = useState('')
  const [isExposed, setExposed] = useState(false)
  const path = `/api/admin/keys/${item.id}`
  return (
    <>
      <details className="mt-3 border-t border-line pt-2">
        <summary className="min-h-6 cursor-pointer font-semibold">Change</summary>
        <div className="mt-2 grid gap-3 sm:grid-cols-2">
          <Field label="Note" value={label} onChange={setLabel} />
          <Field label="Limits" hint="Such as 100/10s, 5000/1h." value={limits} onChange={setLimits} />
        </div>
        <div className="mt-3 flex flex-col items-start gap-2">
          <Act
            run={async () => {
              await ask('PATCH', path, { app, body: { label, limits: limitsIn(limits) } })
              onChange()
            }}
          >
            Save
          </Act>
          {item.quarantine === null ? null : (
            <Act
              run={async () => {
                await ask('POST', `${path}/release`, { app, body: {} })
                onChange()
              }}
            >
              Release the key
            </Act>
          )}
        </div>
      </details>
      <details className="mt-3 border-t border-line pt-2">
        <summary className="min-h-6 cursor-pointer font-semibold">Rotate or revoke</summary>
        <div className="mt-2 flex flex-col items-start gap-3">
          <p className="max-w-prose text-quiet">
            A rotation makes the next key. This one ends a day after the next one is first used, and stays if it is
            never used.
          </p>
          <Act
            run={async () => {
              const body = { style: 'first-use', overlap: '24h', deadline: '24h' }
              onIssued(await ask<IssuedKey>('POST', `${path}/rotate`, { app, body }))
            }}
          >
            Rotate
          </Act>
          <Field label="Why it is revoked" value={reason} onChange={setReason} />
          <label className="flex min-h-11 items-center gap-2">
            <input
              type="checkbox"
              className="size-5"
              checked={isExposed}
              onChange={({ target }) => setExposed(target.checked)}
            />
            Others have seen it: it cannot be taken back
          </label>
          <Act
            className="border-bad text-bad"
            run={async () => {
              onRevoked(await ask<Revocation>('POST', `${path}/revoke`, { app, body: { reason, exposed: isExposed } }))
              onChange()
            }}
          >
            Revoke {item.label === '' ? item.id : item.label}
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
        Take the revocation back
      </Act>
    </div>
  )
}

/** Limits as people write them: separated by commas or spaces. */
export function limitsIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((each) => each !== '')
}
