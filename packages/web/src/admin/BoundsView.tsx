import type { AdminApp, Freeze, Frozen, Mandate, ToSign } from '@countersign/sdk'
import { useState } from 'react'
import { admin } from '../text/admin.ts'
import { ask } from './ask.ts'
import { figure, timeText } from './figures.ts'
import { Act, Card, Field, Mark, Nothing, Row, Rows, Served, Shown, Time, View, type Tone } from './Parts.tsx'
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
  const words = admin().bounds
  return (
    <View title={words.title} about={words.about}>
      <FreezeApp app={app} onFrozen={froze} />
      {frozen === null ? null : <WasFrozen frozen={frozen} />}
      <Shown loaded={bounds}>
        {({ guards, mandates, freezes }) => (
          <>
            <Freezes freezes={freezes} />
            <h3 className="font-semibold">{words.mandates}</h3>
            {mandates.length === 0 ? <Nothing>{words.noMandates}</Nothing> : null}
            {mandates.map((mandate) => (
              <MandateCard key={mandate.id} app={app} mandate={mandate} onFrozen={froze} onChange={bounds.reload} />
            ))}
            <h3 className="font-semibold">{words.guards}</h3>
            {guards.length === 0 ? (
              <Nothing>{words.noGuards}</Nothing>
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
  const words = admin().bounds
  return (
    <section className="flex flex-col items-start gap-3 rounded-xl border border-bad bg-sheet p-4">
      <p className="max-w-prose">{words.freezeAbout}</p>
      {isAsked ? (
        <>
          <Field label={words.why} value={reason} onChange={setReason} />
          <div className="flex flex-wrap gap-2">
            <button type="button" className="button" onClick={() => setAsked(false)}>
              {words.doNotFreeze}
            </button>
            <Act
              className="border-bad bg-bad-soft text-bad"
              run={async () => {
                onFrozen(await ask<Frozen>('POST', '/api/freeze', { app, body: { app, reason } }))
                setAsked(false)
              }}
            >
              {words.freezeNow(app)}
            </Act>
          </div>
        </>
      ) : (
        <button type="button" className="button border-bad text-bad" onClick={() => setAsked(true)}>
          {words.freezeApp}
        </button>
      )}
    </section>
  )
}

function WasFrozen({ frozen }: { frozen: Frozen }) {
  const words = admin().bounds
  return (
    <p role="status" className="rounded-lg border border-line bg-sheet p-3">
      {words.wasFrozen(frozen.confirmed, frozen.live, timeText(frozen.effective_at))}{' '}
      {frozen.outstanding.length === 0 ? words.nothingMoves : words.outstanding(frozen.outstanding.length)}
    </p>
  )
}

function Freezes({ freezes }: { freezes: readonly Freeze[] }) {
  if (freezes.length === 0) return null
  const words = admin().bounds
  return (
    <section className="flex flex-col gap-2">
      <h3 className="font-semibold">{words.frozen}</h3>
      <ul className="flex flex-col gap-2">
        {freezes.map(({ wallet, frozen_at: at, because }) => (
          <li key={wallet ?? ''} className="rounded-lg border border-line bg-sheet p-3">
            {wallet === null ? words.everyWallet : <span className="address">{wallet}</span>}{' '}
            {words.since(timeText(at))} {because}. {words.ownerDecides}
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
  const words = admin().bounds
  return (
    <Card title={mandate.name} mark={<Mark tone={STATES[mandate.state]}>{words.states[mandate.state]}</Mark>}>
      <Rows>
        <Row label={words.owner}>
          <span className="address">{mandate.owner}</span>
        </Row>
        <Row label={words.until}>
          <Time iso={mandate.valid_until} />
        </Row>
        {mandate.frozen_because === null ? null : <Row label={words.frozenBecause}>{mandate.frozen_because}</Row>}
        <Row label={words.atWorst}>
          <Served>{mandate.worst}</Served>
        </Row>
      </Rows>
      <ul className="mt-2 list-disc pl-5">
        {mandate.sentences.map((sentence) => (
          <li key={sentence}>
            <Served>{sentence}</Served>
          </li>
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
            {words.freezeMandate}
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

/** For how long a limit counts, in words; a duration or a date reads in every language. */
function windowText(window: string): string {
  const { oneCall, lifetime } = admin().bounds
  return window === 'call' ? oneCall : window === 'lifetime' ? lifetime : window
}

function Budgets({ limits }: { limits: readonly Limit[] }) {
  if (limits.length === 0) return null
  const words = admin().bounds
  return (
    <ul className="mt-2 flex flex-col gap-2">
      {limits.map((limit) => (
        <li key={`${limit.id} ${limit.window} ${limit.symbol}`}>
          <p>
            {words.used(figure(limit.used), `${figure(limit.cap)} ${limit.symbol ?? ''}`.trim())} (
            {windowText(limit.window)}), {words.free(figure(limit.free))}
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
  const words = admin().bounds
  if (draft === null)
    return (
      <Act run={async () => setDraft(await ask<ToSign>('POST', path, { app, body: {} }))}>{words.unfreezeDraft}</Act>
    )
  return (
    <>
      <p>{words.ownerSigns(timeText(draft.expires_at))}</p>
      <pre
        className="address max-h-80 w-full overflow-auto rounded-lg border border-line bg-paper p-3 whitespace-pre-wrap"
        tabIndex={0}
      >
        {JSON.stringify(draft.typed_data, null, 1)}
      </pre>
      <Field label={words.signature} value={signature} onChange={setSignature} />
      <Act
        isOff={signature.trim() === ''}
        run={async () => {
          await ask('POST', path, { app, body: { draft: draft.draft, signature: signature.trim() } })
          onChange()
        }}
      >
        {words.unfreeze}
      </Act>
    </>
  )
}
