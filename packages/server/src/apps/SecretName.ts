/** Under which variables the environment may hold a secret of an app: the app's own first, then the server's. */
export function variablesOf(app: string, name: string): readonly string[] {
  return [`COUNTERSIGN_SECRET_${app.toUpperCase().replaceAll('-', '_')}_${name}`, `COUNTERSIGN_SECRET_${name}`]
}

/** The value in the environment; null where none is. */
export function inEnvironment(env: NodeJS.ProcessEnv, app: string, name: string): string | null {
  return (
    variablesOf(app, name)
      .map((variable) => env[variable] ?? '')
      .find((value) => value !== '') ?? null
  )
}
