import { useState } from 'react'
import { admin } from '../text/admin.ts'
import { ask } from './ask.ts'
import { timeText } from './figures.ts'
import { Act, Card, Field, Row, Rows, Time, View } from './Parts.tsx'
import { registerPasskey } from './SignIn.tsx'
import type { ViewProps } from './ViewProps.ts'

/** The passkeys and sessions of the operator who is signed in. */
export function OperatorView({ self, onChange }: ViewProps) {
  const [label, setLabel] = useState('')
  const words = admin().operator
  return (
    <View title={words.title} about={words.about(self.name)}>
      <h3 className="font-semibold">{words.passkeys}</h3>
      {self.passkeys.map((passkey) => (
        <Card key={passkey.id} title={passkey.label}>
          <Rows>
            <Row label={words.host}>{passkey.host}</Row>
            <Row label={words.registered}>
              <Time iso={passkey.created_at} />
            </Row>
            <Row label={words.lastSignIn}>
              <Time iso={passkey.used_at} />
            </Row>
          </Rows>
          <div className="mt-3 flex flex-col items-start gap-2">
            <Act
              className="border-bad text-bad"
              isOff={self.passkeys.length === 1}
              run={async () => {
                await ask('DELETE', `/api/operator/passkeys/${passkey.id}`)
                onChange()
              }}
            >
              {words.remove(passkey.label)}
            </Act>
          </div>
        </Card>
      ))}
      <div className="flex flex-col items-start gap-2 rounded-xl border border-line bg-sheet p-4">
        <Field label={words.another} value={label} onChange={setLabel} />
        <Act
          isOff={label.trim() === ''}
          run={async () => {
            await registerPasskey(label.trim())
            setLabel('')
            onChange()
          }}
        >
          {words.register}
        </Act>
      </div>
      <h3 className="font-semibold">{words.browsers}</h3>
      {self.sessions.map((session) => (
        <Card key={session.handle} title={session.in_this_browser ? words.thisBrowser : words.otherBrowser}>
          <Rows>
            <Row label={words.session}>
              <span className="address">{session.handle}</span>
            </Row>
            <Row label={words.signedIn}>
              <Time iso={session.created_at} />
            </Row>
            <Row label={words.lastUsed}>
              <Time iso={session.used_at} />
            </Row>
          </Rows>
          {session.in_this_browser ? null : (
            <div className="mt-3 flex flex-col items-start gap-2">
              <Act
                className="border-bad text-bad"
                run={async () => {
                  await ask('DELETE', `/api/operator/sessions/${session.handle}`)
                  onChange()
                }}
              >
                {words.signOut}
              </Act>
            </div>
          )}
        </Card>
      ))}
      <p className="text-quiet">{words.ends(timeText(self.ends_at))}</p>
    </View>
  )
}
