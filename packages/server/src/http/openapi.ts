import type { FastifyInstance } from 'fastify'
import { ROUTES, TWINS, type RoutePolicy } from './routes.ts'
import { closed, SHAPES, SCHEMAS, simulatedSchema, type Schema, type Shape } from './answers.ts'
import components from './components.json' with { type: 'json' }
import { docsPage } from './docsPage.ts'

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
        aomiAppKey: {
          type: 'apiKey',
          in: 'header',
          name: 'AOMI-APP-KEY',
          description: 'sk-{app}-{40 hex}{8 hex checksum}',
        },
        xApiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'A key (sk-…), or the token of an embedded page (st-…).',
        },
        dpop: {
          type: 'http',
          scheme: 'dpop',
          description: 'RFC 9449, for a session that is bound to a key of its client.',
        },
        operator: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-countersign-operator',
          description: 'Of the dashboard alone, with X-Countersign-Page: 1 and, for an app, X-Countersign-App.',
        },
        session: { type: 'apiKey', in: 'header', name: 'X-Session-Id', description: 'The UUID of a session.' },
      },
      schemas: schemas(),
    },
  }
}

function operation(name: string, path: string, policy: RoutePolicy): Record<string, unknown> {
  const isSession = policy.session === 'header' || policy.session === 'optional'
  const refusal = (description: string) => ({
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
  })
  const shape: Shape = SHAPES[TWINS[name] ?? name] ?? { answers: { 200: { type: 'object' } } }
  const answers = Object.entries(shape.answers).map(([status, schema]) => [
    status,
    {
      description: DONE[Number(status)] ?? 'Done.',
      ...(schema === null ? {} : { content: { [shape.type ?? 'application/json']: { schema } } }),
    },
  ])
  return {
    operationId: name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    summary: policy.summary,
    security: securityOf(name, policy, isSession),
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
      ...Object.entries(shape.query ?? {}).map(([parameter, schema]) => ({
        name: parameter,
        in: 'query',
        required: false,
        schema,
      })),
      ...(isSession
        ? [
            {
              name: 'X-Session-Id',
              in: 'header',
              required: policy.session === 'header' && policy.orScope === undefined,
              schema: { type: 'string', format: 'uuid' },
            },
          ]
        : []),
      ...(HEADERS[name] ?? []).map((header) => ({
        name: header,
        in: 'header',
        required: false,
        schema: { type: 'string' },
      })),
    ],
    ...(shape.request === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: shape.request } } } }),
    responses: {
      ...Object.fromEntries(answers),
      '400': refusal('Something in the request cannot be used.'),
      '401': refusal('No key, or one that opens nothing; or a session that is over.'),
      '403': refusal('The key may not do this.'),
      '404': refusal('There is no such thing, or it is another caller’s.'),
      '409': refusal('It is not in a state in which this can be done.'),
      '413': refusal('The body is too large.'),
      '415': refusal('The body is not JSON.'),
      '421': refusal('The request names another host.'),
      '429': refusal('The budget is spent; see Retry-After.'),
      '500': refusal('A bug of the server; its log has the request id.'),
      ...(Object.keys(shape.answers).length > 0 ? {} : { '501': refusal('Not offered, and nothing was stored.') }),
      '502': refusal('A provider does not answer.'),
      '503': refusal('For now: the store cannot write, or it cannot be judged.'),
    },
  }
}

const DONE: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Made.',
  202: 'Taken.',
  204: 'Done; there is nothing to answer.',
}
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'POST /api/proposals': ['Idempotency-Key'],
  'POST /api/approvals/revoke': ['Idempotency-Key'],
  'POST /rpc/:chainId': ['X-Countersign-Owner'],
  'GET /api/updates': ['Last-Event-ID'],
  'POST /mcp': ['MCP-Protocol-Version', 'Mcp-Method', 'Mcp-Name'],
}
const KEYED = [{ aomiAppKey: [] }, { xApiKey: [] }, { bearer: [] }]

/** What opens a route. An empty object: it also answers without anything. */
function securityOf(
  name: string,
  policy: RoutePolicy,
  isSession: boolean,
): readonly Record<string, readonly string[]>[] {
  if (
    policy.isForPrograms === true ||
    name === 'POST /api/proposals' ||
    name === 'POST /api/approvals/revoke' ||
    name.endsWith('/grant') ||
    name === 'GET /api/key'
  )
    return KEYED
  const operators = policy.forOperators === true ? [{ operator: [] }] : []
  if (name.includes(' /api/operator') && !/\/(?:link|sign-in|sign-in\/challenge)$/.test(name)) return [{ operator: [] }]
  if (policy.scope === null) return []
  if (policy.scope === 'admin' || policy.scope === 'audit') return [...KEYED, ...operators]
  return [...KEYED, ...operators, ...(isSession ? [{ session: [] }, { session: [], dpop: [] }] : []), {}]
}

/** Every schema that the document names. */
function schemas(): Record<string, unknown> {
  const derived = components as unknown as Readonly<Record<string, Schema>>
  const written = closed(SCHEMAS)
  return { ...written, ...derived, Simulated: simulatedSchema(derived) }
}

/** `GET /api/openapi.json`. */
export function openApiRoute(server: FastifyInstance, { version }: { version: string }): void {
  const document = openApi({ version })
  // A page without scripts, made once from the document: it needs nothing from elsewhere.
  const page = docsPage(document)
  server.get('/docs', async (_request, reply) =>
    reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
        'cache-control': 'public, max-age=300',
      })
      .send(page),
  )
  server.get('/api/openapi.json', async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(document),
  )
}
