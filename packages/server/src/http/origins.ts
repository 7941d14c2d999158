import { hostname, networkInterfaces } from 'node:os'
import { BaseError } from '@countersign/base'
import type { FastifyInstance } from 'fastify'
import type { App } from '../apps/App.ts'

/** From where browsers may call, and what this server itself is called. */
export interface Origins {
  /** The server's own: where it listens, and what `COUNTERSIGN_PUBLIC_ORIGIN` says. */
  own(): readonly string[]
  /** Where people open the page: the first of `COUNTERSIGN_PUBLIC_ORIGIN`, otherwise where the server listens. */
  page(): string
  /**
   * Whether a request that names this host may be for this server. A page can have its own name lead to an address of
   * this machine or network (DNS rebinding), and then sends that name; a server on loopback is called by no other name
   * than its own. One on other addresses may have names it does not know, in programs, but not in browsers.
   *
   * @param isFromBrowser - Whether the request bears marks of a browser.
   */
  isOwnHost(host: string, isFromBrowser: boolean): boolean
  /** Whether an origin is a page of this machine, while only this machine can reach the server. */
  isNeighbour(origin: string): boolean
  /** Whether a page there may call for this app, without our cookie. */
  isAllowed(origin: string, app: App | null): boolean
  /** The origins whose pages may ask for a signature for this app. */
  signIn(app: App): readonly string[]
}

const LOOPBACK = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/
/** With any port: a tunnel or a container may have another one in front. */
const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i

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
  const isLocal = /^(?:127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host)
  const names = isLocal ? [host] : ['0.0.0.0', '::'].includes(host) ? machineNames() : [host]
  let known: { port: number; own: readonly string[]; hosts: ReadonlySet<string> } | null = null
  const itself = () => {
    const port = listening()
    if (known?.port !== port) {
      const local = ['127.0.0.1', 'localhost', '[::1]', ...names.map(bracket)].map((name) => `http://${name}:${port}`)
      const valid = local.filter((origin) => URL.canParse(origin)).map((origin) => new URL(origin).origin)
      const own = [...new Set([...named, ...valid])]
      known = { port, own, hosts: new Set(own.flatMap(hostsOf)) }
    }
    return known
  }
  const own = (): readonly string[] => itself().own
  return {
    own,
    page: () => own()[0] ?? '',
    isOwnHost(hostField, isFromBrowser) {
      if (LOOPBACK_HOST.test(hostField)) return true
      return itself().hosts.has(hostField.toLowerCase()) || (!isLocal && !isFromBrowser)
    },
    isNeighbour: (origin) => isLocal && LOOPBACK.test(origin),
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

/** What this machine is called, by itself. */
function machineNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address))
  return [hostname(), ...addresses]
}

const bracket = (name: string): string => (name.includes(':') ? `[${name}]` : name)

/** How a client may write the host of an origin: the port of its scheme may be left out or written. */
function hostsOf(origin: string): string[] {
  const { host, port, protocol } = new URL(origin)
  return port === '' ? [host, `${host}:${protocol === 'https:' ? 443 : 80}`] : [host]
}

/** What a page may read of an answer beside its body. */
export const EXPOSED_HEADERS = ['dpop-nonce', 'retry-after', 'ratelimit', 'ratelimit-policy', 'x-request-id'] as const

/**
 * Lets pages of allowed origins read every answer, refusals included. To be added before every hook that may refuse:
 * without these headers a page learns nothing but "Failed to fetch". Preflights are answered by @fastify/cors.
 */
export function nameOrigins(server: FastifyInstance, origins: Origins): void {
  server.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers
    if (origin !== undefined && origins.isAllowed(origin, null)) {
      reply.headers({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': EXPOSED_HEADERS.join(', '),
        vary: 'Origin',
      })
    }
    done()
  })
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
