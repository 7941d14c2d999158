import type { AdminSession } from '@countersign/sdk'
import { ask } from './ask.ts'
import { Act, Card, Mark, Nothing, Row, Rows, Shown, Time, View } from './Parts.tsx'
import { useLoad } from './useLoad.ts'
import type { ViewProps } from './ViewProps.ts'

export function SessionsView({ app }: ViewProps) {
  const sessions = useLoad(() => ask<AdminSession[]>('GET', '/api/admin/sessions?limit=200', { app }), app)
  return (
    <View
      title="Sessions"
      about="Open sessions by their handle, as the audit record names them. A handle opens nothing. Up to 200 are listed."
    >
      <Shown loaded={sessions}>
        {(all) =>
          all.length === 0 ? (
            <Nothing>No session is open.</Nothing>
          ) : (
            <ul className="flex flex-col gap-3">
              {all.map((session) => (
                <li key={session.handle}>
                  <Card
                    title={<span className="address">{session.handle}</span>}
                    mark={
                      <Mark tone={session.signed_in ? 'good' : 'plain'}>
                        {session.signed_in ? 'Wallet signed in' : 'No wallet'}
                      </Mark>
                    }
                  >
                    <Rows>
                      <Row label="Held by">{OWNERS[session.owner] ?? session.owner}</Row>
                      {session.user === null ? null : <Row label="User">{session.user}</Row>}
                      <Row label="Proof">{session.bound ?? 'none'}</Row>
                      <Row label="Started">
                        <Time iso={session.created_at} />
                      </Row>
                      <Row label="Last used">
                        <Time iso={session.used_at} />
                      </Row>
                    </Rows>
                    <div className="mt-3 flex flex-col items-start gap-2">
                      <Act
                        className="border-bad text-bad"
                        run={async () => {
                          await ask('DELETE', `/api/admin/sessions/${session.handle}`, { app })
                          sessions.reload()
                        }}
                      >
                        End the session
                      </Act>
                    </div>
                  </Card>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </View>
  )
}

const OWNERS: Readonly<Record<string, string>> = {
  key: 'an API key',
  browser: 'a browser on our own page',
  app: 'anybody who knows its id',
}
