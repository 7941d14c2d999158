import type { AdminApp, Freeze, Frozen, Mandate, ToSign } from '@countersign/sdk'
import { useState } from 'react'
import { ask } from './ask.ts'
import { Act, Card, Field, Mark, Nothing, Row, Rows, Shown, Time, View, type Tone } from './Parts.tsx'
import { useLoad } from './useLoad.ts'
import type { ViewProps } from './ViewProps.ts'

interface Bounds {
  readonly guards: AdminApp['guards']
  readonly mandates: readonly Mandate[]
  readonly freezes: readonly Freeze[]
}

const STATES: Readonly<Record<Mandate['state'], Tone>> = {
  active: 'good',
  frozen: 'bad',
  ended: 'plain',
  expired: 'plain',
}

/** Guards and mandates of an app with what is used of them, and the button that freezes. */
export function BoundsView({ app }: ViewProps) {
  const bounds = useLoad<Bounds>(async () => {
    const [{ guards }, mandates, freezes] = await Promise.all([
      ask<AdminApp>('GET', `/api/admin/apps/${app}`, { app }),
      ask<Mandate[]>('GET', '/api/mandates', { app }),
      ask<Freeze[]>('GET', '/api/admin/freezes', { app }),
    ])
    return { guards, mandates, freezes }
  }, app)
  const [frozen, setFrozen] = useState<Frozen | null>(null)
  const froze = (answer: Frozen): void => {
    setFrozen(answer)
    bounds.reload()
  }
  return (
    <View
      title="Guards and mandates"
      about="What is signed without its owner, within which limits, and how much of them is used."
    >
      <FreezeApp app={app} onFrozen={froze} />
      {frozen === null ? null : <WasFrozen frozen={frozen} />}
      <Shown loaded={bounds}>
        {({ guards, mandates, freezes }) => (
          <>
            <Freezes freezes={freezes} />
            <h3 className="font-semibold">Mandates</h3>
            {mandates.length === 0 ? <Nothing>No owner has granted a mandate to this app.</Nothing> : null}
            {mandates.map((mandate) => (
              <MandateCard key={mandate.id} app={app} mandate={mandate} onFrozen={froze} onChange={bounds.reload} />
            ))}
            <h3 className="font-semibold">Guards of the app</h3>
            {guards.length === 0 ? (
              <Nothing>The app has no guards. Those of a key stand with the key.</Nothing>
            ) : (
              guards.map((guard, index) => (
                <pre key={index} className="address rounded-lg border border-line bg-sheet p-3 whitespace-pre-wrap">
                  {JSON.stringify(guard, null, 1)}
                </pre>
              ))
            )}
          </>
        )}
      </Shown>
    </View>
  )
}

/** The whole app at once. It asks for one more press, because only owners unfreeze. */
function FreezeApp({ app, onFrozen }: { app: string; onFrozen: (answer: Frozen) => void }) {
  const [isAsked, setAsked] = useState(false)
  const [reason, setReason] = useState('')
  return (
    <section className="flex flex-col items-start gap-3 rounded-xl border border-bad bg-sheet p-4">
      <p className="max-w-prose">
        A freeze stops what is signed without its owner: all mandates of the app and grants without one. Owners can go
        on signing themselves. A mandate is unfrozen by the signature of its owner.
      </p>
      {isAsked ? (
        <>
          <Field label="Why" value={reason} onChange={setReason} />
          <div className="flex flex-wrap gap-2">
            <button type="button" className="button" onClick={() => setAsked(false)}>
              Do not freeze
            </button>
            <Act
              className="border-bad bg-bad-soft text-bad"
              run={async () => {
                onFrozen(await ask<Frozen>('POST', '/api/freeze', { app, body: { app, reason } }))
                setAsked(false)
              }}
            >
              Freeze “{app}” now
            </Act>
          </div>
        </>
      ) : (
        <button type="button" className="button border-bad text-bad" onClick={() => setAsked(true)}>
          Freeze the app
        </button>
      )}
    </section>
  )
}

function WasFrozen({ frozen }: { frozen: Frozen }) {
  return (
    <p role="status" className="rounded-lg border border-line bg-sheet p-3">
      Frozen. {frozen.confirmed} of {frozen.live} running instances confirmed it at <Time iso={frozen.effective_at} />.{' '}
      {frozen.outstanding.length === 0
        ? 'Nothing that was handed out before can still move.'
        : `${frozen.outstanding.length} grants that were handed out before may still be used.`}
    </p>
  )
}

function Freezes({ freezes }: { freezes: readonly Freeze[] }) {
  if (freezes.length === 0) return null
  return (
    <section className="flex flex-col gap-2">
      <h3 className="font-semibold">Frozen</h3>
      <ul className="flex flex-col gap-2">
        {freezes.map(({ wallet, frozen_at: at, because }) => (
          <li key={wallet ?? ''} className="rounded-lg border border-line bg-sheet p-3">
            <span className="address">{wallet ?? 'every wallet of the app'}</span> since <Time iso={at} />: {because}. A
            mandate that the owner grants after that decides instead.
          </li>
        ))}
      </ul>
    </section>
  )
}

function MandateCard({
  app,
  mandate,
  onFrozen,
  onChange,
}: {
  app: string
  mandate: Mandate
  onFrozen: (answer: Frozen) => void
  onChange: () => void
}) {
  return (
    <Card title={mandate.name} mark={<Mark tone={STATES[mandate.state]}>{mandate.state}</Mark>}>
      <Rows>
        <Row label="Owner">
          <span className="address">{mandate.owner}</span>
        </Row>
        <Row label="Until">
          <Time iso={mandate.valid_until} />
        </Row>
        {mandate.frozen_because === null ? null : <Row label="Frozen because">{mandate.frozen_because}</Row>}
        <Row label="At worst">{mandate.worst}</Row>
      </Rows>
      <ul className="mt-2 list-disc pl-5">
        {mandate.sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <Budgets limits={mandate.limits as unknown as readonly Limit[]} />
      <div className="mt-3 flex flex-col items-start gap-2">
        {mandate.state === 'active' ? (
          <Act
            className="border-bad text-bad"
            run={async () =>
              onFrozen(await ask<Frozen>('POST', `/api/mandates/${mandate.id}/freeze`, { app, body: { reason: '' } }))
            }
          >
            Freeze this mandate
          </Act>
        ) : null}
        {mandate.state === 'frozen' ? <Unfreeze app={app} id={mandate.id} onChange={onChange} /> : null}
      </div>
    </Card>
  )
}

interface Limit {
  readonly id: string
  readonly symbol: string | null
  readonly window: string
  readonly cap: string
  readonly used: string
  readonly free: string
}

/** The share of a cap that is used, for a picture alone: text says the amounts. */
export function shareUsed({ used, cap }: Pick<Limit, 'used' | 'cap'>): number {
  const share = Number(used) / Number(cap)
  return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 1
}

function Budgets({ limits }: { limits: readonly Limit[] }) {
  if (limits.length === 0) return null
  return (
    <ul className="mt-2 flex flex-col gap-2">
      {limits.map((limit) => (
        <li key={`${limit.id} ${limit.window} ${limit.symbol}`}>
          <p>
            {limit.used} of {limit.cap} {limit.symbol ?? ''} used ({limit.window === 'call' ? 'one call' : limit.window}
            ), {limit.free} free
          </p>
          <svg viewBox="0 0 100 6" preserveAspectRatio="none" className="h-2 w-full" aria-hidden="true">
            <rect width="100" height="6" className="fill-paper stroke-line" />
            <rect width={100 * shareUsed(limit)} height="6" className="fill-accent" />
          </svg>
        </li>
      ))}
    </ul>
  )
}

/** An operator cannot unfreeze by themselves: they fetch what the owner signs, and hand in the signature. */
function Unfreeze({ app, id, onChange }: { app: string; id: string; onChange: () => void }) {
  const [draft, setDraft] = useState<ToSign | null>(null)
  const [signature, setSignature] = useState('')
  const path = `/api/mandates/${id}/unfreeze`
  if (draft === null)
    return (
      <Act run={async () => setDraft(await ask<ToSign>('POST', path, { app, body: {} }))}>
        Unfreeze: get the document for its owner
      </Act>
    )
  return (
    <>
      <p>
        Its owner signs this until <Time iso={draft.expires_at} />:
      </p>
      <pre
        className="address max-h-80 w-full overflow-auto rounded-lg border border-line bg-paper p-3 whitespace-pre-wrap"
        tabIndex={0}
      >
        {JSON.stringify(draft.typed_data, null, 1)}
      </pre>
      <Field label="Signature of the owner" value={signature} onChange={setSignature} />
      <Act
        isOff={signature.trim() === ''}
        run={async () => {
          await ask('POST', path, { app, body: { draft: draft.draft, signature: signature.trim() } })
          onChange()
        }}
      >
        Unfreeze
      </Act>
    </>
  )
}
