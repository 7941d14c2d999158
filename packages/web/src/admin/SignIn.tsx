import { startAuthentication, startRegistration } from '@simplewebauthn/browser'
import { useEffect, useState } from 'react'
import { admin } from '../text/admin.ts'
import { LanguageSwitch } from '../text/LanguageSwitch.tsx'
import { ask } from './ask.ts'
import { Act, Field } from './Parts.tsx'

type CreationOptions = Parameters<typeof startRegistration>[0]['optionsJSON']
type RequestOptions = Parameters<typeof startAuthentication>[0]['optionsJSON']

/** The token of a sign-in link, taken out of the address at once: it stays in no history and no bookmark. */
export function takeLinkToken(): string | null {
  const token = /^#link=([A-Za-z0-9_-]{43})$/.exec(window.location.hash)?.[1] ?? null
  if (token !== null) window.history.replaceState(null, '', window.location.pathname)
  return token
}

/** Registers a passkey of this device for the operator of the session. */
export async function registerPasskey(label: string): Promise<void> {
  const optionsJSON = await ask<CreationOptions>('POST', '/api/operator/passkeys/challenge', { body: {} })
  const response = await startRegistration({ optionsJSON })
  await ask('POST', '/api/operator/passkeys', { body: { response, label } })
}

function Sheet({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <main className="mx-auto flex max-w-lg flex-col gap-4 p-4 pt-10">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h1 className="text-quiet">{admin().title}</h1>
        <LanguageSwitch />
      </div>
      <section className="flex flex-col gap-4 rounded-xl border border-line bg-sheet p-5">
        <h2 className="text-xl font-semibold">{title}</h2>
        {children}
      </section>
    </main>
  )
}

/** Passkeys belong to a host name: by an IP address no browser makes one. */
const isUnnamed = (): boolean => /^[\d.]+$|:/.test(window.location.hostname) || window.PublicKeyCredential === undefined

function Unnamed() {
  const named = `http://localhost:${window.location.port}/admin`
  return (
    <p role="alert" className="rounded-lg border border-bad bg-bad-soft p-3">
      {admin().signIn.noPasskey(window.location.host, named)}
    </p>
  )
}

/** With a passkey; or, where the page was opened by a sign-in link, with that link, once. */
export function SignIn({ linkToken, onDone }: { linkToken: string | null; onDone: () => void }) {
  const words = admin().signIn
  if (isUnnamed())
    return (
      <Sheet title={words.title}>
        <Unnamed />
      </Sheet>
    )
  if (linkToken !== null)
    return (
      <Sheet title={words.invited}>
        <p>{words.linkAbout}</p>
        <Act
          className="border-accent bg-accent text-on-accent"
          run={async () => {
            await ask('POST', '/api/operator/link', { body: { token: linkToken } })
            onDone()
          }}
        >
          {words.useLink}
        </Act>
      </Sheet>
    )
  return (
    <Sheet title={words.title}>
      <Act
        className="border-accent bg-accent text-on-accent"
        run={async () => {
          const optionsJSON = await ask<RequestOptions>('POST', '/api/operator/sign-in/challenge', { body: {} })
          const response = await startAuthentication({ optionsJSON })
          await ask('POST', '/api/operator/sign-in', { body: { response } })
          onDone()
        }}
      >
        {words.withPasskey}
      </Act>
      <p className="text-quiet">{words.isNew('countersign operator link')}</p>
    </Sheet>
  )
}

/** The session of a link does this and nothing else. */
export function Enrol({ name, onDone }: { name: string; onDone: () => void }) {
  const [label, setLabel] = useState('')
  useEffect(() => setLabel(navigator.platform.slice(0, 40).replaceAll(/[^\p{L}\p{N} _-]/gu, ' ') || 'passkey'), [])
  const words = admin().signIn
  return (
    <Sheet title={words.enrol(name)}>
      <p>{words.enrolAbout}</p>
      <Field label={words.label} hint={words.labelHint} value={label} onChange={setLabel} />
      <Act
        className="border-accent bg-accent text-on-accent"
        isOff={label.trim() === ''}
        run={async () => {
          await registerPasskey(label.trim())
          onDone()
        }}
      >
        {words.register}
      </Act>
    </Sheet>
  )
}
