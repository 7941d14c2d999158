import type { FastifyInstance } from 'fastify'
import { TWINS } from './routes.ts'

/**
 * Serves every route also under the paths that newer clients use for it (G3, aomi-client 0.3 to 0.5). The handler is the
 * twin's own, and so is everything that guards it: policy, proofs, and the no of a client that is about to sign.
 */
export function serveAliases(server: FastifyInstance): void {
  const aliases = new Map<string, string[]>()
  for (const [alias, twin] of Object.entries(TWINS)) aliases.set(twin, [...(aliases.get(twin) ?? []), alias])
  server.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      for (const alias of aliases.get(`${method} ${route.url}`) ?? [])
        server.route({ ...route, method, url: alias.slice(method.length + 1) })
    }
  })
}
