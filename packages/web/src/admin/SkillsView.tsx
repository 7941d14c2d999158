import type { AdminApp } from '@countersign/sdk'
import { admin } from '../text/admin.ts'
import { ask } from './ask.ts'
import { Card, Mark, Nothing, Served, Shown, View, type Tone } from './Parts.tsx'
import { useLoad } from './useLoad.ts'
import type { ViewProps } from './ViewProps.ts'

const TONES: Readonly<Record<string, Tone>> = {
  ...{ loaded: 'good', unscanned: 'care', changed: 'care', failing: 'bad' },
}

/** The state of a skill in words; one that a newer server knows stays as it is. */
function stateText(state: string): string {
  const { states } = admin().skills
  return Object.hasOwn(states, state) ? states[state as keyof typeof states] : state
}

export function SkillsView({ app }: ViewProps) {
  const loaded = useLoad(() => ask<AdminApp>('GET', `/api/admin/apps/${app}`, { app }), app)
  const words = admin().skills
  return (
    <View title={words.title} about={words.about}>
      <Shown loaded={loaded}>
        {({ skills, tools, version }) => (
          <>
            <p>{version === null ? words.noVersion : words.version(version)}</p>
            {skills.length === 0 ? <Nothing>{words.none}</Nothing> : null}
            <ul className="flex flex-col gap-3">
              {skills.map(({ name, state, because }) => (
                <li key={name}>
                  <Card title={name} mark={<Mark tone={TONES[state] ?? 'plain'}>{stateText(state)}</Mark>}>
                    {because === null ? null : (
                      <p className="mt-2">
                        <Served>{because}</Served>
                      </p>
                    )}
                  </Card>
                </li>
              ))}
            </ul>
            <h3 className="font-semibold">{words.tools}</h3>
            {tools.length === 0 ? <p>{words.everyTool}</p> : null}
            <ul className="flex flex-col gap-2">
              {tools.map(({ name, kind, state, because }) => (
                <li key={name} className="flex flex-wrap items-center gap-2 rounded-lg border border-line bg-sheet p-3">
                  <span className="address mr-auto">{name}</span>
                  <span className="text-quiet">{kind}</span>
                  <Mark tone={state === 'offered' ? 'good' : 'care'}>
                    {state === 'offered' ? words.offered : state}
                  </Mark>
                  {because === null ? null : (
                    <p className="w-full">
                      <Served>{because}</Served>
                    </p>
                  )}
                </li>
              ))}
            </ul>
          </>
        )}
      </Shown>
    </View>
  )
}
