import { useState } from 'react'
import { ask } from './ask.ts'
import { Act, Card, Field, Row, Rows, Time, View } from './Parts.tsx'
import { registerPasskey } from './SignIn.tsx'
import type { ViewProps } from './ViewProps.ts'

/** The passkeys and sessions of the operator who is signed in. */
export function OperatorView({ self, onChange }: ViewProps) {
  const [label, setLabel] = useState('')
  return (
    <View
      title="Your sign-in"
      about={`You are ${self.name}. Register a second passkey, so that losing one device does not lock you out.`}
    >
      <h3 className="font-semibold">Passkeys</h3>
      {self.passkeys.map((passkey) => (
        <Card key={passkey.id} title={passkey.label}>
          <Rows>
            <Row label="Host">{passkey.host}</Row>
            <Row label="Registered">
              <Time iso={passkey.created_at} />
            </Row>
            <Row label="Last sign-in">
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
              Remove {passkey.label}
            </Act>
          </div>
        </Card>
      ))}
      <div className="flex flex-col items-start gap-2 rounded-xl border border-line bg-sheet p-4">
        <Field label="Name of another passkey" value={label} onChange={setLabel} />
        <Act
          isOff={label.trim() === ''}
          run={async () => {
            await registerPasskey(label.trim())
            setLabel('')
            onChange()
          }}
        >
          Register it
        </Act>
      </div>
      <h3 className="font-semibold">Browsers</h3>
      {self.sessions.map((session) => (
        <Card key={session.handle} title={session.in_this_browser ? 'This browser' : 'Another browser'}>
          <Rows>
            <Row label="Session">
              <span className="address">{session.handle}</span>
            </Row>
            <Row label="Signed in">
              <Time iso={session.created_at} />
            </Row>
            <Row label="Last used">
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
                Sign it out
              </Act>
            </div>
          )}
        </Card>
      ))}
      <p className="text-quiet">
        A session ends after 30 minutes without use. This one ends in any case at <Time iso={self.ends_at} />.
      </p>
    </View>
  )
}
