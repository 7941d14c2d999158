import type { IssuedKey, Key } from '@countersign/sdk'
import { useState } from 'react'
import { admin } from '../text/admin.ts'
import { ask } from './ask.ts'
import { KeyCard, limitsIn } from './KeyCard.tsx'
import { Act, Card, Field, Nothing, Shown, View } from './Parts.tsx'
import { useLoad } from './useLoad.ts'
import type { ViewProps } from './ViewProps.ts'

const SCOPES = ['read', 'chat', 'simulate', 'propose', 'guard', 'audit', 'admin']
const USUAL = ['read', 'chat', 'simulate']

export function KeysView({ app }: ViewProps) {
  const keys = useLoad(() => ask<Key[]>('GET', '/api/admin/keys', { app }), app)
  const [issued, setIssued] = useState<IssuedKey | null>(null)
  const made = (key: IssuedKey): void => {
    setIssued(key)
    keys.reload()
  }
  const words = admin().keys
  return (
    <View title={words.title} about={words.about(app)}>
      {issued === null ? null : <NewKey issued={issued} onKept={() => setIssued(null)} />}
      <Create app={app} onMade={made} />
      <Shown loaded={keys}>
        {(all) =>
          all.length === 0 ? (
            <Nothing>{words.none}</Nothing>
          ) : (
            <ul className="flex flex-col gap-3">
              {all.toSorted(openFirst).map((key) => (
                <li key={key.id}>
                  <KeyCard app={app} item={key} onIssued={made} onChange={keys.reload} />
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </View>
  )
}

/** Keys that open something stand first, then the newest. */
function openFirst(a: Key, b: Key): number {
  const isOpen = ({ standing }: Key): number => (standing === 'active' || standing === 'pending' ? 0 : 1)
  return isOpen(a) - isOpen(b) || b.created_at.localeCompare(a.created_at)
}

/** The one time that the secret is on the page. It is in no storage, and gone when the person says so or leaves the view. */
function NewKey({ issued, onKept }: { issued: IssuedKey; onKept: () => void }) {
  const [isCopied, setCopied] = useState(false)
  const words = admin().keys
  return (
    <div role="status">
      <Card title={words.copyNow}>
        <p className="address mt-2 rounded-lg border border-line bg-paper p-3" data-testid="new-key">
          {issued.key}
        </p>
        <div className="mt-3 flex flex-wrap gap-2">
          <Act
            run={async () => {
              await navigator.clipboard.writeText(issued.key)
              setCopied(true)
            }}
          >
            {isCopied ? words.copied : words.copy}
          </Act>
          <button type="button" className="button border-accent bg-accent text-on-accent" onClick={onKept}>
            {words.stored}
          </button>
        </div>
      </Card>
    </div>
  )
}

function Create({ app, onMade }: { app: string; onMade: (key: IssuedKey) => void }) {
  const [label, setLabel] = useState('')
  const [limits, setLimits] = useState('')
  const [expires, setExpires] = useState('90d')
  const [scopes, setScopes] = useState<readonly string[]>(USUAL)
  const words = admin().keys
  return (
    <details className="rounded-xl border border-line bg-sheet p-4">
      <summary className="min-h-6 cursor-pointer font-semibold">{words.create}</summary>
      <div className="mt-3 grid gap-3 sm:grid-cols-2">
        <Field label={words.note} hint={words.noteHint} value={label} onChange={setLabel} />
        <Field label={words.expires} hint={words.expiresHint} value={expires} onChange={setExpires} />
        <Field label={words.limits} hint={words.limitsHintNew} value={limits} onChange={setLimits} />
        <fieldset>
          <legend className="font-semibold">{words.itMay}</legend>
          <div className="mt-1 flex flex-wrap gap-x-4">
            {SCOPES.map((scope) => (
              <label key={scope} className="flex min-h-11 items-center gap-2">
                <input
                  type="checkbox"
                  className="size-5"
                  checked={scopes.includes(scope)}
                  onChange={({ target }) =>
                    setScopes(target.checked ? [...scopes, scope] : scopes.filter((each) => each !== scope))
                  }
                />
                {scope}
              </label>
            ))}
          </div>
        </fieldset>
      </div>
      <div className="mt-3 flex flex-col items-start gap-2">
        <Act
          isOff={scopes.length === 0}
          className="border-accent bg-accent text-on-accent"
          run={async () =>
            onMade(
              await ask<IssuedKey>('POST', '/api/admin/keys', {
                app,
                body: {
                  ...{ label, scopes },
                  ...(limits.trim() === '' ? {} : { limits: limitsIn(limits) }),
                  expires: expires.trim() === '' ? null : expires.trim(),
                },
              }),
            )
          }
        >
          {words.createNow}
        </Act>
      </div>
    </details>
  )
}
