/** Under which variables the environment may hold a secret of an app: the app's own first, then the server's. */
export function variablesOf(app: string, name: string): readonly string[] {
  return [`COUNTERSIGN_SECRET_${app.toUpperCase().replaceAll('-', '_')}_${name}`, `COUNTERSIGN_SECRET_${name}`]
}

/** The value in the environment; null where none is. */
export function inEnvironment(env: NodeJS.ProcessEnv, app: string, name: string): string | null {
  return (
    variablesOf(app, name)
      .map((variable) => env[variable] ?? '')
      .find((value) => isUsable(value)) ?? null
  )
}

/** A name that a secret may have. */
export const SECRET_NAME = /^[A-Z][A-Z0-9_]{0,63}$/

/** A value shorter than this stands in every text: it could not be masked where a tool answers with it. */
export const MIN_LENGTH = 3
const MAX_LENGTH = 8_192

/** Whether a text can be a secret: what a header can hold, and long enough to be masked. */
export function isUsable(value: string): boolean {
  return (
    value.length >= MIN_LENGTH && value.length <= MAX_LENGTH && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)
  )
}
