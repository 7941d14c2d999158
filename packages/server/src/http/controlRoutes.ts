import type { PublicConfig } from '@countersign/sdk'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { DEFAULT_APP } from '../apps/App.ts'
import type { Chain } from '../chains/Chain.ts'
import { updateSession } from '../sessions/sessions.ts'
import { sessionIdOf, textField, type Context } from './context.ts'
import { HttpError, invalidField } from './errors.ts'
import { PAGE_HEADERS } from './pages.ts'
import { enterSession, openApp } from './sessionAccess.ts'
import type { WalletFrame } from './wallets.ts'

/** Apps, models and the model of a session, under both of Aomi's paths; and what our own page needs to start. */
export function controlRoutes(
  server: FastifyInstance,
  context: Context,
  { wallets }: { wallets: readonly WalletFrame[] },
): void {
  for (const base of ['/api/control', '/api/session']) {
    server.get(`${base}/apps`, async (request) => {
      await openApp(context, request)
      const { caller } = request
      const names = [...new Set([DEFAULT_APP.name, ...(caller === null ? [] : [caller.app])])]
      // G1 clients read strings, G2 clients objects (aomi-protocol 2.8).
      const isG2 = base === '/api/session' || request.headers['aomi-app-key'] !== undefined
      return isG2 ? names.map((name) => ({ name, secrets: slotsOf(context, name) })) : names
    })
    server.get(`${base}/models`, async (request) => {
      await openApp(context, request)
      return context.models.list.map((model) => model.id)
    })
    server.post(`${base}/model`, (request) => chooseModel(context, request))
  }

  server.get('/api/config', async (request): Promise<PublicConfig> => {
    const name = textField(request, 'app') ?? DEFAULT_APP.name
    const app = context.apps.get(name) ?? DEFAULT_APP
    const model = context.models.open(app.model ?? context.models.defaultId).info
    const chains = [...context.gate.chains.values()]
    return {
      version: context.version,
      app: app.name,
      chains: chains.map((chain) => ({
        chain_id: chain.chainId,
        name: chain.name,
        native: nativeOf(chain),
        native_symbol: chain.nativeSymbol,
        rpc_path: `/api/rpc/${chain.chainId}`,
        local: chain.isLocal,
        explorer_url: chain.explorerUrl,
      })),
      tokens: chains.flatMap((chain) =>
        chain.tokens.map((token) => ({
          chain_id: chain.chainId,
          address: token.address,
          symbol: token.symbol,
          decimals: token.decimals,
        })),
      ),
      model,
      ...(wallets.length === 0 ? {} : { wallets: wallets.map(({ offered }) => offered) }),
    }
  })

  // What a wallet's own service asks for is allowed to this frame, which has no origin, and to nothing else here.
  server.get<{ Params: { id: string } }>('/wallet/:id', async (request, reply) => {
    const wallet = wallets.find(({ offered }) => offered.id === request.params.id)
    if (wallet === undefined)
      throw new HttpError(404, 'http:page:absent', 'This wallet is not installed here.', 'Its operator can install it.')
    return reply
      .headers({ ...PAGE_HEADERS, 'cache-control': 'no-cache', 'content-security-policy': wallet.policy })
      .type('text/html; charset=utf-8')
      .send(wallet.html)
  })

  // For whoever checks a receipt elsewhere (docs/reference/receipts.md). A rotation is seen within a minute.
  server.get('/.well-known/countersign-receipt-keys.json', async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=60').send(context.gate.receiptKeys.jwks()),
  )
}

/** Secrets that an app takes from each of its users. */
function slotsOf({ apps }: Context, name: string): { name: string; description: string; required: boolean }[] {
  const own = apps.get(name)?.secrets?.filter(({ from }) => from === 'user') ?? []
  return own.map((slot) => ({ name: slot.name, description: `Your own value of ${slot.name}.`, required: true }))
}

/** The chain's own coin; null where its record says that it has none. */
function nativeOf({ record, nativeSymbol }: Chain): PublicConfig['chains'][number]['native'] {
  if (record === undefined) return { symbol: nativeSymbol, decimals: 18 }
  return record.coin === null ? null : { symbol: record.coin.symbol, decimals: record.coin.decimals }
}

async function chooseModel(context: Context, request: FastifyRequest): Promise<Record<string, unknown>> {
  const { app, owner } = await openApp(context, request)
  const rig = textField(request, 'rig')
  if (rig === null) throw invalidField('rig', 'The id of a model, see /api/control/models.')
  context.models.open(rig)
  const session = await enterSession(context, request, { publicId: sessionIdOf(request), app, owner })
  await context.store.write(async (write) => updateSession({ write }, { sid: session.sid, set: { model: rig } }))
  return { success: true, rig, baml: rig, created: false }
}
