import type { AdminApp } from '@countersign/sdk'
import { ask } from './ask.ts'
import { Card, Mark, Nothing, Shown, View, type Tone } from './Parts.tsx'
import { useLoad } from './useLoad.ts'
import type { ViewProps } from './ViewProps.ts'

const SKILLS: Readonly<Record<string, readonly [Tone, string]>> = {
  loaded: ['good', 'Passed, loaded'],
  unscanned: ['care', 'Not scanned yet'],
  changed: ['care', 'Changed'],
  failing: ['bad', 'Failed, left out'],
}

export function SkillsView({ app }: ViewProps) {
  const loaded = useLoad(() => ask<AdminApp>('GET', `/api/admin/apps/${app}`, { app }), app)
  return (
    <View
      title="Skills and tools"
      about="Every skill is scanned when the app is loaded and when a file of it changes. One that fails stands in no instructions."
    >
      <Shown loaded={loaded}>
        {({ skills, tools, version }) => (
          <>
            <p>{version === null ? 'The app has no version.' : `Version ${version} of the app.`}</p>
            {skills.length === 0 ? <Nothing>The app has no skills.</Nothing> : null}
            <ul className="flex flex-col gap-3">
              {skills.map(({ name, state, because }) => {
                const [tone, words] = SKILLS[state] ?? ['plain', state]
                return (
                  <li key={name}>
                    <Card title={name} mark={<Mark tone={tone}>{words}</Mark>}>
                      {because === null ? null : <p className="mt-2">{because}</p>}
                    </Card>
                  </li>
                )
              })}
            </ul>
            <h3 className="font-semibold">Tools</h3>
            {tools.length === 0 ? <p>The model gets every built-in tool: the app lists none.</p> : null}
            <ul className="flex flex-col gap-2">
              {tools.map(({ name, kind, state, because }) => (
                <li key={name} className="flex flex-wrap items-center gap-2 rounded-lg border border-line bg-sheet p-3">
                  <span className="address mr-auto">{name}</span>
                  <span className="text-quiet">{kind}</span>
                  <Mark tone={state === 'offered' ? 'good' : 'care'}>{state}</Mark>
                  {because === null ? null : <p className="w-full">{because}</p>}
                </li>
              ))}
            </ul>
          </>
        )}
      </Shown>
    </View>
  )
}
