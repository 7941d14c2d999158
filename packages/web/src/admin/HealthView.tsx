import type { ServerHealth } from '@countersign/sdk'
import { admin } from '../text/admin.ts'
import { ask } from './ask.ts'
import { Card, Mark, Nothing, Row, Rows, Shown, Time, View } from './Parts.tsx'
import { useLoad } from './useLoad.ts'
import type { ViewProps } from './ViewProps.ts'

type Fare = ServerHealth['chains'][number]['providers'][number]

export function HealthView({ self }: ViewProps) {
  const loaded = useLoad(() => ask<ServerHealth>('GET', '/api/operator/health'), self.name)
  const words = admin().health
  return (
    <View title={words.title} about={words.about}>
      <Shown loaded={loaded}>
        {({ version, page_sha256: page, chains, models }) => (
          <>
            <Card title={words.server}>
              <Rows>
                <Row label={words.version}>{version}</Row>
                <Row label={words.page}>{page === null ? words.noPage : <span className="address">{page}</span>}</Row>
              </Rows>
            </Card>
            {chains.map(({ chain_id: id, name, quorum, providers }) => (
              <section key={id} className="flex flex-col gap-2">
                <h3 className="font-semibold">
                  {name} ({id}){quorum === 2 ? words.quorum : ''}
                </h3>
                {providers.length === 0 ? <Nothing>{words.notAsked}</Nothing> : null}
                {providers.map((each) => (
                  <FareCard key={each.name} fare={each} />
                ))}
              </section>
            ))}
            <section className="flex flex-col gap-2">
              <h3 className="font-semibold">{words.models}</h3>
              {models.map((each) => (
                <FareCard key={each.name} fare={each} more={each.is_default ? words.isDefault : null} />
              ))}
            </section>
          </>
        )}
      </Shown>
    </View>
  )
}

function FareCard({ fare, more = null }: { fare: Fare; more?: string | null }) {
  const words = admin().health
  const [tone, mark] =
    fare.requests === 0
      ? (['plain', words.notAskedYet] as const)
      : fare.failures_in_a_row === 0
        ? (['good', words.answers] as const)
        : (['bad', words.failures(fare.failures_in_a_row)] as const)
  return (
    <Card
      title={
        <>
          {fare.name} {more === null ? null : <span className="text-quiet">{more}</span>}
        </>
      }
      mark={<Mark tone={tone}>{mark}</Mark>}
    >
      <Rows>
        <Row label={words.requests}>{words.ofWhich(fare.requests, fare.failures)}</Row>
        {fare.median_ms === null ? null : <Row label={words.median}>{words.milliseconds(fare.median_ms)}</Row>}
        <Row label={words.lastAnswer}>
          <Time iso={fare.last_answer_at} />
        </Row>
        {fare.last_failure_at === null ? null : (
          <Row label={words.lastFailure}>
            <Time iso={fare.last_failure_at} /> ({fare.last_fault})
          </Row>
        )}
      </Rows>
    </Card>
  )
}
