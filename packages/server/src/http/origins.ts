import { BaseError } from '@countersign/base'
import type { App } from '../apps/App.ts'

/** From where browsers may call, and what this server itself is called. */
export interface Origins {
  /** The server's own: where it listens, and what `COUNTERSIGN_PUBLIC_ORIGIN` says. */
  own(): readonly string[]
  /** Whether a page there may call for this app, without our cookie. */
  isAllowed(origin: string, app: App | null): boolean
  /** The origins whose pages may ask for a signature for this app. */
  signIn(app: App): readonly string[]
}

const LOOPBACK = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/

/**
 * @param listening - Where the server listens, once it does.
 * @throws {OriginError} `http:origin:unreadable`, at start.
 */
export function createOrigins({
  env,
  host,
  listening,
  apps,
}: {
  env: NodeJS.ProcessEnv
  host: string
  listening: () => number
  apps: ReadonlyMap<string, App>
}): Origins {
  const list = (name: string): string[] =>
    (env[name] ?? '')
      .split(',')
      .map((origin) => origin.trim())
      .filter((origin) => origin !== '')
      .map((origin) => {
        if (!/^https?:/.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin)
          throw new OriginError(name)
        return origin
      })
  const named = list('COUNTERSIGN_PUBLIC_ORIGIN')
  const everywhere = new Set(list('COUNTERSIGN_CORS_ORIGINS'))
  const isLocal = ['127.0.0.1', 'localhost', '::1'].includes(host)
  const own = (): readonly string[] => {
    const port = listening()
    const local = ['127.0.0.1', 'localhost', '[::1]'].map((name) => new URL(`http://${name}:${port}`).origin)
    const there = isLocal || ['0.0.0.0', '::'].includes(host) ? [] : [new URL(`http://${host}:${port}`).origin]
    return [...named, ...local, ...there]
  }
  return {
    own,
    isAllowed(origin, app) {
      if (everywhere.has(origin) || own().includes(origin)) return true
      // So that a widget can be developed: other pages on this machine, while nobody else can reach the server.
      if (isLocal && LOOPBACK.test(origin)) return true
      // A preflight does not say which app it is for; the request that follows is held against its own.
      return app === null
        ? [...apps.values()].some((each) => each.origins.includes(origin))
        : app.origins.includes(origin)
    },
    signIn: (app) => [...own(), ...app.origins],
  }
}

export class OriginError extends BaseError {
  override readonly name = 'http.OriginError'
  constructor(variable: string) {
    super(`${variable} holds something that is no origin.`, {
      code: 'http:origin:unreadable',
      kind: 'invalid',
      hint: 'Write origins as browsers send them, such as https://agent.example.com, without a path.',
    })
  }
}
