import type { FastifyInstance } from 'fastify'
import { ROUTES, type RoutePolicy } from './routes.ts'
import { SCHEMAS } from './schemas.ts'

/** The OpenAPI 3.1 document: every route, what it costs and what it needs, from the one list that the gate reads. */
export function openApi({ version }: { version: string }): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [name, policy] of Object.entries(ROUTES)) {
    const [method = '', path = ''] = name.split(' ')
    const template = path.replace(/:(\w+)/g, '{$1}')
    paths[template] = { ...paths[template], [method.toLowerCase()]: operation(name, path, policy) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version,
      description:
        'An agent proposes; nothing reaches a signature that was not simulated, checked, shown and approved. Fields may come in the query or in a JSON body, never in both.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'AOMI-APP-KEY', description: 'sk-{app}-{40 hex}{8 hex checksum}' },
        xApiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
      schemas: SCHEMAS,
    },
  }
}

function operation(name: string, path: string, policy: RoutePolicy): Record<string, unknown> {
  const isSession =
    name !== 'POST /api/proposals' &&
    name !== 'POST /api/proposals/:id/grant' &&
    (/\/(?:chat|state|interrupt|events|updates|system|proposals|model)/.test(path) || name === 'POST /api/sessions')
  const refusal = (description: string) => ({
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
  })
  const shape = SHAPES[name]
  return {
    operationId: name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    summary: policy.summary,
    ...(policy.scope === null ? {} : { security: [{ key: [] }, { xApiKey: [] }, {}] }),
    'x-scope': policy.scope,
    ...(policy.orScope === undefined ? {} : { 'x-or-scope': policy.orScope }),
    'x-cost': policy.cost,
    'x-kind': policy.kind,
    parameters: [
      ...[...path.matchAll(/:(\w+)/g)].map(([, parameter]) => ({
        name: parameter,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...(isSession
        ? [
            {
              name: 'X-Session-Id',
              in: 'header',
              required: policy.orScope === undefined,
              schema: { type: 'string', format: 'uuid' },
            },
          ]
        : []),
    ],
    ...(shape?.request === undefined
      ? {}
      : {
          requestBody: {
            content: { 'application/json': { schema: { $ref: `#/components/schemas/${shape.request}` } } },
          },
        }),
    responses: {
      '200': {
        description: 'Done.',
        ...(shape?.response === undefined
          ? {}
          : {
              content: {
                [shape.type ?? 'application/json']: { schema: { $ref: `#/components/schemas/${shape.response}` } },
              },
            }),
      },
      '400': refusal('Something in the request cannot be used.'),
      '401': refusal('No key, or one that opens nothing; or a session that is over.'),
      '403': refusal('The key may not do this.'),
      '404': refusal('There is no such thing, or it is somebody else’s.'),
      '429': refusal('The budget is spent; see Retry-After.'),
      '503': refusal('For now: the store cannot write.'),
    },
  }
}

const SHAPES: Readonly<Record<string, { request?: string; response?: string; type?: string }>> = {
  'POST /api/chat': { request: 'Chat', response: 'Snapshot' },
  'GET /api/state': { response: 'Snapshot' },
  'POST /api/interrupt': { response: 'Snapshot' },
  'GET /api/key': { response: 'OwnKey' },
  'GET /api/admin/keys': { response: 'Keys' },
  'GET /api/admin/keys/:id': { response: 'Key' },
  'POST /api/admin/keys': { request: 'KeyRequest', response: 'IssuedKey' },
  'PATCH /api/admin/keys/:id': { request: 'KeyRequest', response: 'Key' },
  'POST /api/admin/keys/:id/rotate': { request: 'Rotation', response: 'IssuedKey' },
  'POST /api/admin/keys/:id/revoke': { response: 'Revocation' },
  'GET /ready': { response: 'Ready' },
  'POST /api/proposals': { request: 'DoorRequest', response: 'DoorAnswer' },
  'POST /api/proposals/:id/grant': { request: 'GrantRequest', response: 'Grant' },
  'GET /p/:id': { type: 'text/html', response: 'Text' },
  'GET /api/updates': { type: 'text/event-stream', response: 'Text' },
  'GET /metrics': { type: 'text/plain', response: 'Text' },
  'GET /health': { type: 'text/plain', response: 'Text' },
}

/** `GET /api/openapi.json`. */
export function openApiRoute(server: FastifyInstance, { version }: { version: string }): void {
  const document = openApi({ version })
  server.get('/api/openapi.json', async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(document),
  )
}
