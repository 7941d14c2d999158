import type { FastifyInstance, FastifyRequest } from 'fastify'
import { appFor, type Context } from './context.ts'
import { policyWith, type SendPage } from './pages.ts'

/**
 * The page of one app, for frames in pages of others: `GET /embed/{app}`, and the script that makes the frame. Which pages
 * may show it the operator says (`origins` of the app); an app that names none is shown in no frame.
 */
export function embedRoutes(server: FastifyInstance, context: Context, { sendPage }: { sendPage: SendPage }): void {
  server.get('/embed/:app', async (request: FastifyRequest<{ Params: { app: string } }>, reply) => {
    const { origins } = appFor(context, request.params.app)
    return sendPage(reply, 'index.html', {
      ...policyWith("frame-ancestors 'none'", `frame-ancestors ${origins.length === 0 ? "'none'" : origins.join(' ')}`),
      'cross-origin-resource-policy': 'cross-origin',
    })
  })
  // Public and the same for everyone; it reads nothing and holds nothing.
  server.get('/embed.js', async (_request, reply) =>
    sendPage(reply, 'embed.js', { 'cross-origin-resource-policy': 'cross-origin' }),
  )
}
