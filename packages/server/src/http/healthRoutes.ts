import type { FastifyInstance } from 'fastify'
import type { Instance } from '../keys/openInstance.ts'
import type { Limiter } from '../limits/Limiter.ts'
import type { Store } from '../store/openStore.ts'

/**
 * `/health`: the process answers. `/ready`: requests would be served, which means that the store reads and that this
 * instance's lease is written. A limiter in fallback, and a proxy that this server was not told of, are said, and still serve.
 */
export function healthRoutes(
  server: FastifyInstance,
  {
    store,
    instance,
    limiter,
    proxy,
  }: { store: Store; instance: Instance; limiter: Limiter; proxy: { readonly isUntold: boolean } },
): void {
  let isClosing = false
  server.addHook('preClose', (done) => {
    isClosing = true
    done()
  })
  server.get('/health', async (_request, reply) => reply.type('text/plain').send('OK'))
  server.get('/ready', async (_request, reply) => {
    const checks = {
      store: await store.read
        .selectFrom('key_epoch')
        .select('epoch')
        .executeTakeFirst()
        .then(() => true)
        .catch(() => false),
      lease: instance.isLeased(),
      limits: limiter.mode(),
    }
    const ready = !isClosing && checks.store && checks.lease
    return reply
      .status(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ ready, checks, ...(proxy.isUntold ? { warnings: [UNTOLD_PROXY] } : {}) })
  })
}

const UNTOLD_PROXY =
  'A proxy on this machine was seen that is not believed: all its clients share one budget. Set COUNTERSIGN_TRUSTED_PROXY_HOPS.'
