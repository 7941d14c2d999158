import type { App } from './App.ts'

/** One thing about an app that whoever puts it in front of real money has to know. */
export interface Point {
  readonly app: string
  readonly item: 'session-policy' | 'browser-keys' | 'session-lifetime' | 'origins'
  /** `warn`: allowed, and weaker than it could be. `fail`: not for production. */
  readonly level: 'pass' | 'warn' | 'fail'
  readonly because: string
}

/** The longest idle time that asks no question, in milliseconds: 30 minutes (Aomi's advice for interactive use). */
const IDLE_MS = 30 * 60_000

/** Looks through the configuration of an app. What it cannot see (TLS, who holds the keys) it does not speak of. */
export function review(app: App): Point[] {
  const point = (item: Point['item'], level: Point['level'], because: string): Point => ({
    app: app.name,
    item,
    level,
    because,
  })
  const plain = app.origins.filter(
    (origin) => origin.startsWith('http:') && !/^http:\/\/(localhost|127\.)/.test(origin),
  )
  return [
    app.sessionPolicy === 'id'
      ? point('session-policy', 'warn', 'Whoever knows the id of a session can use it; published clients need that.')
      : point('session-policy', 'pass', `Session routes take ${app.sessionPolicy === 'key' ? 'the key' : 'a proof'}.`),
    app.admitsBrowserKeys
      ? point('browser-keys', 'fail', 'Pages may send the key, so everybody has it. Use session tokens.')
      : point('browser-keys', 'pass', 'Keys that come from browsers are refused.'),
    app.lifetime.idleMs > IDLE_MS
      ? point('session-lifetime', 'warn', 'Sessions live longer than 30 minutes without use.')
      : point('session-lifetime', 'pass', 'Sessions end after at most 30 minutes without use.'),
    plain.length > 0
      ? point('origins', 'fail', `${plain.join(', ')} is not encrypted: anybody on the way can be that page.`)
      : point('origins', 'pass', app.origins.length === 0 ? 'No page of others may call.' : 'Origins are encrypted.'),
  ]
}
