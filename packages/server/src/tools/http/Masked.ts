/** Secrets by name, with their values. */
export type Secrets = ReadonlyMap<string, string>

/** A value shorter than this stands in every text; it is no secret that could be kept. */
const MIN_LENGTH = 3

/** What a tool is sent: a text with the values in the places of their handles. */
export function fill(text: string, secrets: Secrets): string {
  return text.replaceAll(/\$SECRET:([A-Z][A-Z0-9_]*)/g, (handle, name: string) => secrets.get(name) ?? handle)
}

/** An answer in which no value of a secret stands, in any text or key, plain or in base64. */
export function mask(value: unknown, secrets: Secrets): unknown {
  const found = [...secrets].filter(([, secret]) => secret.length >= MIN_LENGTH)
  if (found.length === 0) return value
  const spellings = found
    .flatMap(([name, secret]) =>
      [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')].map((text) => ({
        text,
        name,
      })),
    )
    .toSorted((a, b) => b.text.length - a.text.length)
  const masked = (text: string): string =>
    spellings.reduce((left, { text: secret, name }) => left.replaceAll(secret, `[secret ${name}]`), text)
  const walk = (each: unknown): unknown => {
    if (typeof each === 'string') return masked(each)
    if (typeof each === 'number') return masked(String(each)) === String(each) ? each : masked(String(each))
    if (Array.isArray(each)) return each.map(walk)
    if (typeof each === 'object' && each !== null)
      return Object.fromEntries(Object.entries(each).map(([key, inner]) => [masked(key), walk(inner)]))
    return each
  }
  return walk(value)
}
