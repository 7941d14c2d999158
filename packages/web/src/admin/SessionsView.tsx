import type { AdminSession } from '@countersign/sdk'
import { admin } from '../text/admin.ts'
import { ask } from './ask.ts'
import { Act, Card, Mark, Nothing, Row, Rows, Shown, Time, View } from './Parts.tsx'
import { useLoad } from './useLoad.ts'
import type { ViewProps } from './ViewProps.ts'

export function SessionsView({ app }: ViewProps) {
  const sessions = useLoad(() => ask<AdminSession[]>('GET', '/api/admin/sessions?limit=200', { app }), app)
  const words = admin().sessions
  return (
    <View title={words.title} about={words.about}>
      <Shown loaded={sessions}>
        {(all) =>
          all.length === 0 ? (
            <Nothing>{words.none}</Nothing>
          ) : (
            <ul className="flex flex-col gap-3">
              {all.map((session) => (
                <li key={session.handle}>
                  <Card
                    title={<span className="address">{session.handle}</span>}
                    mark={
                      <Mark tone={session.signed_in ? 'good' : 'plain'}>
                        {session.signed_in ? words.signedIn : words.noWallet}
                      </Mark>
                    }
                  >
                    <Rows>
                      <Row label={words.heldBy}>{ownerText(session.owner)}</Row>
                      {session.user === null ? null : <Row label={words.user}>{session.user}</Row>}
                      <Row label={words.proof}>{session.bound ?? words.noProof}</Row>
                      <Row label={words.started}>
                        <Time iso={session.created_at} />
                      </Row>
                      <Row label={words.lastUsed}>
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
                        {words.end}
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

/** Who holds a session, in words; what a newer server knows stays as it is. */
function ownerText(owner: string): string {
  const { owners } = admin().sessions
  return Object.hasOwn(owners, owner) ? owners[owner as keyof typeof owners] : owner
}
