import type { ServerHealth } from '@countersign/sdk'
import { ask } from './ask.ts'
import { Card, Mark, Nothing, Row, Rows, Shown, Time, View } from './Parts.tsx'
import { useLoad } from './useLoad.ts'
import type { ViewProps } from './ViewProps.ts'

type Fare = ServerHealth['chains'][number]['providers'][number]

export function HealthView({ self }: ViewProps) {
  const loaded = useLoad(() => ask<ServerHealth>('GET', '/api/operator/health'), self.name)
  return (
    <View
      title="Providers and models"
      about="As the instance that answers this page has seen them since its start. Providers are named by their origin: paths hold keys."
    >
      <Shown loaded={loaded}>
        {({ version, page_sha256: page, chains, models }) => (
          <>
            <Card title="This server">
              <Rows>
                <Row label="Version">{version}</Row>
                <Row label="Page, SHA-256">
                  <span className="address">{page ?? 'It serves no page.'}</span>
                </Row>
              </Rows>
            </Card>
            {chains.map(({ chain_id: id, name, quorum, providers }) => (
              <section key={id} className="flex flex-col gap-2">
                <h3 className="font-semibold">
                  {name} ({id}){quorum === 2 ? ', two providers must agree' : ''}
                </h3>
                {providers.length === 0 ? <Nothing>No provider was asked yet.</Nothing> : null}
                {providers.map((each) => (
                  <FareCard key={each.name} fare={each} />
                ))}
              </section>
            ))}
            <section className="flex flex-col gap-2">
              <h3 className="font-semibold">Models</h3>
              {models.map((each) => (
                <FareCard key={each.name} fare={each} more={each.is_default ? 'default' : null} />
              ))}
            </section>
          </>
        )}
      </Shown>
    </View>
  )
}

function FareCard({ fare, more = null }: { fare: Fare; more?: string | null }) {
  const [tone, words] =
    fare.requests === 0
      ? (['plain', 'Not asked yet'] as const)
      : fare.failures_in_a_row === 0
        ? (['good', 'Answers'] as const)
        : (['bad', `${fare.failures_in_a_row} failures in a row`] as const)
  return (
    <Card
      title={
        <>
          {fare.name} {more === null ? null : <span className="text-quiet">({more})</span>}
        </>
      }
      mark={<Mark tone={tone}>{words}</Mark>}
    >
      <Rows>
        <Row label="Requests">
          {fare.requests.toLocaleString('en')}, of which {fare.failures.toLocaleString('en')} failed
        </Row>
        {fare.median_ms === null ? null : <Row label="Median answer">{fare.median_ms} ms</Row>}
        <Row label="Last answer">
          <Time iso={fare.last_answer_at} />
        </Row>
        {fare.last_failure_at === null ? null : (
          <Row label="Last failure">
            <Time iso={fare.last_failure_at} /> ({fare.last_fault})
          </Row>
        )}
      </Rows>
    </Card>
  )
}
