import { SCHEMAS } from './schemas.ts'

/** A schema, or a reference to one of the components. */
export type Schema = Readonly<Record<string, unknown>>

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
const list = (items: Schema): Schema => ({ type: 'array', items })
const text: Schema = { type: 'string' }
const time: Schema = { type: 'string', format: 'date-time' }
const flag: Schema = { type: 'boolean' }
const count: Schema = { type: 'integer' }
const object = (properties: Record<string, Schema>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
})
const mapOf = (additionalProperties: Schema): Schema => ({ type: 'object', additionalProperties })
const maybe = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] })

/** What a route takes in its body and answers when all is well. */
export interface Shape {
  readonly request?: Schema
  /** By status; a JSON body unless `type` says otherwise. */
  readonly answers: Readonly<Record<number, Schema | null>>
  readonly type?: string
  /** Parameters of the query. */
  readonly query?: Readonly<Record<string, Schema>>
}

const ok = (answer: Schema, more: Omit<Shape, 'answers'> = {}): Shape => ({ answers: { 200: answer }, ...more })
const plain = (type: string): Shape => ({ answers: { 200: text }, type })

const transaction = object(
  { to: text, value: text, data: text, gas: text, label: text, from: text, chain_id: { type: ['integer', 'string'] } },
  ['to', 'value', 'data', 'gas', 'label', 'from', 'chain_id'],
)
const started = object(
  {
    session_id: text,
    title: text,
    thread_id: text,
    last_active_at: time,
    mac_key: text,
    code: text,
    expires_at: time,
    publishable_id: text,
  },
  ['thread_id', 'last_active_at', 'mac_key', 'code', 'expires_at', 'publishable_id'],
)
const code = object({ session_id: text, code: text, expires_at: time, publishable_id: text })
const slot = object({ name: text, description: text, required: flag })
const documentState = { enum: ['quarantined', 'released', 'stale', 'rejected'] }
const document = {
  id: text,
  path: text,
  state: documentState,
  findings: list(
    object({
      rule: { enum: ['secret', 'hidden-text', 'instruction', 'contradiction', 'stale'] },
      severity: { enum: ['low', 'medium', 'high', 'critical'] },
      line: count,
      because: text,
    }),
  ),
  sha256: text,
  stale_at: maybe(time),
  decision: maybe(object({ by: text, at: time, reason: { type: ['string', 'null'] } })),
}
const documentDecision = object({ sha256: text, reason: text }, ['reason'])
const listedSecret = object({ name: text, state: { enum: ['set', 'unreadable'] }, set_at: time })
const approval = object({
  kind: { enum: ['erc20_allowance', 'permit2_allowance', 'operator', 'nft'] },
  contract: text,
  token: { type: ['string', 'null'] },
  spender: text,
  amount: { type: ['string', 'null'] },
  unlimited: flag,
  token_id: { type: ['string', 'null'] },
  expires_at: maybe(time),
  revoke: object({ to: text, value: text, data: text }),
})
const rpcAnswer = object(
  {
    jsonrpc: { const: '2.0' },
    id: { type: ['string', 'number', 'null'] },
    result: {},
    error: object({ code: count, message: text, data: {} }, ['data']),
  },
  ['result', 'error'],
)
const rpcCall = object({ jsonrpc: { const: '2.0' }, id: {}, method: text, params: {} }, ['jsonrpc', 'id', 'params'])
const oneOrMore = (schema: Schema): Schema => ({ oneOf: [schema, list(schema)] })
const deleted = ok(object({ deleted: flag }))
const model = ok(object({ success: flag, rig: text, baml: text, created: flag }), {
  request: object({ rig: text, app: text }, ['app']),
})
const stage = ok(object({ stage: { enum: ['enrol', 'full'] } }))
/** What browsers make a passkey from, and answer with one (Web Authentication Level 3, sections 5.1.8 to 5.1.10). */
const creation = object(
  {
    ...{ rp: object({ name: text, id: text }), user: object({ id: text, name: text, displayName: text }) },
    ...{ challenge: text, timeout: count, attestation: text, hints: list(text) },
    pubKeyCredParams: list(object({ type: text, alg: count })),
    excludeCredentials: list(object({ id: text, type: text, transports: list(text) }, ['transports'])),
    authenticatorSelection: object({ residentKey: text, requireResidentKey: flag, userVerification: text }),
    extensions: object({ credProps: flag }),
  },
  ['hints'],
)
const assertion = object({
  ...{ rpId: text, challenge: text, timeout: count, userVerification: text },
  allowCredentials: list(object({ id: text, type: text })),
})
const lastLook = object({ from: text, chain_id: count, window: text, receipt: text }, ['window', 'receipt'])

export const SHAPES: Readonly<Record<string, Shape>> = {
  'POST /api/chat': ok(ref('Snapshot'), { request: ref('Chat') }),
  'GET /api/state': ok(ref('Snapshot'), { query: { messages_from: count } }),
  'POST /api/interrupt': ok(ref('Snapshot')),
  'GET /api/events': ok(list(ref('SystemEvent')), { query: { count } }),
  'GET /api/updates': plain('text/event-stream'),
  'POST /api/system': ok(object({ res: ref('Message') }), { request: object({ message: text }) }),
  'POST /api/sessions': ok(started, { request: { type: 'object' } }),
  'GET /api/sessions': ok(list(ref('SessionInfo'))),
  'GET /api/sessions/:id': ok(ref('SessionInfo')),
  'PATCH /api/sessions/:id': ok(ref('SessionInfo'), { request: object({ title: text }) }),
  'DELETE /api/sessions/:id': deleted,
  'POST /api/sessions/:id/archive': ok(ref('SessionInfo')),
  'POST /api/sessions/:id/unarchive': ok(ref('SessionInfo')),
  'DELETE /api/sessions': ok(object({ ended: count }), { request: object({ keep: text }, ['keep']) }),
  'POST /api/sessions/:id/bind': ok(
    object({ session_id: text, bound: { enum: ['dpop', 'hmac'] }, mac_key: text }, ['mac_key']),
    {
      request: object({ proof: text }, ['proof']),
    },
  ),
  'POST /api/sessions/:id/code': ok(code, { request: object({ origin: text }) }),
  'POST /api/sessions/:id/take-over': ok(object({ session_id: text })),
  'POST /api/sign-in/nonce': ok(object({ nonce: text, message: text, expires_at: time }), {
    request: object({ address: text, chain_id: count }),
  }),
  'POST /api/sign-in': ok(object({ session_id: text, address: text, signed_in: flag }), {
    request: object({ message: text, signature: text }),
  }),
  'POST /api/browser/enter': ok(object({ entered: flag })),
  'GET /api/browser': ok(object({ cookie: flag })),
  'DELETE /api/browser': ok(object({ ended: count })),
  'POST /api/browser/redeem': ok(object({ token: text, session_id: text, expires_at: time }), {
    request: object({ code: text, publishable_id: text }),
  }),
  'GET /api/operator/checklist': ok(ref('ChecklistAnswer')),
  'GET /api/operator/health': ok(ref('ServerHealth')),
  'GET /api/admin/keys/:id/usage': ok(ref('KeyUsage'), { query: { hours: count } }),
  'GET /api/admin/proposals': ok(list(ref('AdminProposal')), { query: { limit: count, before: time, state: text } }),
  'GET /api/admin/freezes': ok(list(ref('Freeze'))),
  'GET /api/operator': ok(ref('OperatorSelf')),
  'POST /api/operator/link': { ...stage, request: object({ token: text }) },
  'POST /api/operator/passkeys/challenge': ok(creation),
  'POST /api/operator/passkeys': {
    ...stage,
    request: object({ response: { type: 'object' }, label: text }, ['label']),
  },
  'DELETE /api/operator/passkeys/:id': deleted,
  'POST /api/operator/sign-in/challenge': ok(assertion),
  'POST /api/operator/sign-in': { ...stage, request: object({ response: { type: 'object' } }) },
  'DELETE /api/operator/sessions/:handle': ok(object({ ended: flag })),
  'GET /admin': plain('text/html'),
  'GET /api/reach/channels': ok(
    object({
      offered: object({
        mail: flag,
        telegram: flag,
        push: { oneOf: [object({ public_key: text }), { type: 'null' }] },
      }),
      channels: list(ref('OwnerChannel')),
    }),
  ),
  'POST /api/reach/channels': {
    request: object({ kind: { enum: ['mail', 'push'] }, target: {}, amounts: flag }, ['amounts']),
    answers: { 201: ref('OwnerChannel') },
  },
  'PATCH /api/reach/channels/:id': ok(ref('OwnerChannel'), { request: object({ amounts: flag }) }),
  'DELETE /api/reach/channels/:id': deleted,
  'POST /api/reach/confirm': ok(ref('OwnerChannel'), { request: object({ token: text }) }),
  'POST /api/reach/stop': ok(object({ stopped: flag, kind: text, label: text }), {
    request: object({ token: text }),
  }),
  'POST /api/reach/telegram': ok(object({ url: text, bot: text, expires_at: time })),
  'GET /api/reach/telegram': ok(
    object({ waiting: list(object({ id: text, user: text, user_id: text, expires_at: time })) }),
  ),
  'POST /api/reach/telegram/answer': ok(object({ connected: flag }), { request: object({ id: text, connect: flag }) }),
  'POST /api/telegram/open': ok(
    object({ waiting: list(object({ id: text, lines: list(text), url: text, expires_at: time })) }),
    { request: object({ init_data: text }) },
  ),
  'POST /telegram/webhook': ok(object({ taken: flag })),
  'GET /telegram': plain('text/html'),
  'GET /embed/:app': plain('text/html'),
  'GET /embed.js': plain('text/javascript'),
  'GET /wallet/:id': plain('text/html'),
  'GET /reach': plain('text/html'),
  'GET /api/admin/sessions': ok(list(ref('AdminSession')), { query: { limit: count } }),
  'DELETE /api/admin/sessions/:handle': ok(object({ ended: flag })),
  'GET /api/proposals': ok(list(ref('AnyProposal')), { query: { limit: count, before: count } }),
  'POST /api/proposals': { request: ref('DoorRequest'), answers: { 200: ref('DoorAnswer'), 201: ref('DoorAnswer') } },
  'GET /api/proposals/:id': ok(ref('AnyProposal')),
  'POST /api/proposals/:id/remedy': ok(ref('Proposal'), { request: object({ kind: ref('RemedyKind') }) }),
  'POST /api/proposals/:id/commit': ok(ref('Proposal'), {
    request: object({ digest: text, from: text, chain_id: count }),
  }),
  'POST /api/proposals/:id/resolve': ok(ref('AnyProposal'), {
    request: object({ outcome: { enum: ['done', 'failed'] } }),
  }),
  'POST /api/proposals/:id/confirm': ok(ref('AnyProposal'), {
    request: object({ digest: text, step_up: { type: 'object' } }, ['step_up']),
  }),
  'POST /api/proposals/:id/approve': {
    request: object({ signature: text }, ['signature']),
    answers: { 200: ref('AnyProposal'), 202: object({ typed_data: { type: 'object' } }) },
  },
  'POST /api/proposals/:id/grant': ok(ref('Grant'), { request: ref('GrantRequest') }),
  'POST /api/proposals/:id/recheck': ok(ref('Rechecked'), { request: lastLook }),
  'POST /api/proposals/:id/reject': ok(ref('AnyProposal'), {
    request: object({ reason: text, window: text }, ['reason', 'window']),
  }),
  'POST /api/proposals/:id/submitted': ok(ref('Proposal'), {
    request: object({ step: count, steps: list(count), tx_hash: text }, ['step', 'steps']),
  }),
  'POST /api/proposals/:id/signed': ok(ref('Proposal'), { request: object({ signature: text }) }),
  'GET /api/mandates': ok(list(ref('Mandate'))),
  'GET /api/mandates/:id': ok(ref('Mandate')),
  'PUT /api/mandates': {
    request: object({ policy: { type: 'object' }, previous: text, draft: text, signature: text }, [
      'policy',
      'previous',
      'draft',
      'signature',
    ]),
    answers: { 200: ref('Mandate'), 202: ref('ToSign') },
  },
  'POST /api/mandates/:id/end': ok(ref('Mandate')),
  'POST /api/mandates/:id/freeze': ok(ref('Frozen'), { request: object({ reason: text }, ['reason']) }),
  'POST /api/mandates/:id/unfreeze': {
    request: object({ draft: text, signature: text }, ['draft', 'signature']),
    answers: { 200: ref('Mandate'), 202: ref('ToSign') },
  },
  'POST /api/reservations/:id/cancel': {
    answers: {
      200: object({ reservation: ref('Reservation'), proposal: { type: 'null' } }),
      201: object({ reservation: ref('Reservation'), proposal: ref('AnyProposal') }),
    },
  },
  'POST /api/mandates/decide': ok(ref('Decision'), {
    request: object(
      {
        ...{ owner: text, chain_id: { type: 'integer' }, transactions: { type: 'array' } },
        ...{ typed_data: { type: 'object' }, door: text, policy: { type: 'object' } },
      },
      ['owner', 'transactions', 'typed_data', 'door', 'policy'],
    ),
  }),
  'POST /api/mandates/:id/backtest': ok(ref('Backtest'), {
    request: object({ policy: { type: 'object' }, from: text, until: text, search: flag }, [
      'policy',
      'from',
      'until',
      'search',
    ]),
  }),
  'POST /api/mandates/propose': ok(ref('ProposedMandate'), {
    request: object({ owner: text, from: text, until: text, ask_share: { type: 'number' }, search: flag }, [
      'search',
      'owner',
      'from',
      'until',
      'ask_share',
    ]),
  }),
  'POST /api/hooks/freeze': ok(ref('Frozen'), {
    request: object({ app: text, mandate: text, wallet: text, session: text }, ['mandate', 'wallet', 'session']),
  }),
  'POST /api/freeze': ok(ref('Frozen'), {
    request: object({ wallet: text, session: text, app: text, all: flag, reason: text }, [
      'wallet',
      'session',
      'app',
      'all',
      'reason',
    ]),
  }),
  'GET /api/reservations': ok(list(ref('Reservation')), { query: { state: text } }),
  'POST /api/reservations/:id/not-signed': {
    request: object({ draft: text, signature: text }, ['draft', 'signature']),
    answers: { 200: ref('Reservation'), 202: ref('ToSign') },
  },
  'POST /api/simulate': ok(ref('Simulated'), {
    request: object(
      {
        transactions: list(transaction),
        typed_data: { type: 'object' },
        from: text,
        chain_id: count,
        app: text,
      },
      ['transactions', 'typed_data', 'from', 'chain_id', 'app'],
    ),
  }),
  'POST /api/approvals/revoke': {
    request: object(
      {
        address: text,
        chain_id: count,
        approvals: list(ref('ApprovalRef')),
        idempotency_key: text,
        client: object({ name: text, version: text, door: text }, ['name', 'version', 'door']),
      },
      ['idempotency_key', 'client'],
    ),
    answers: { 200: ref('DoorAnswer'), 201: ref('DoorAnswer') },
  },
  'GET /api/approvals': ok(
    object({
      address: text,
      chain_id: count,
      block: text,
      from_block: text,
      is_complete: flag,
      approvals: list(approval),
    }),
    { query: { address: text, chain_id: count } },
  ),
  'GET /api/control/apps': ok({ oneOf: [list(text), list(object({ name: text, secrets: list(slot) }))] }),
  'GET /api/control/models': ok(list(text)),
  'POST /api/control/model': model,
  'GET /api/session/apps': ok(list(object({ name: text, secrets: list(slot) }))),
  'GET /api/session/models': ok(list(text)),
  'POST /api/session/model': model,
  'POST /api/secrets': ok(object({ handles: mapOf(text) }), {
    request: object({ client_id: text, app: text, secrets: mapOf(text) }, ['client_id', 'app']),
  }),
  'GET /api/secrets': ok(object({ names: list(text), by_app: mapOf(list(text)) })),
  'DELETE /api/secrets': ok(object({ cleared: flag })),
  'DELETE /api/secrets/:name': deleted,
  'GET /api/admin/secrets': ok(object({ names: list(text), secrets: list(listedSecret) })),
  'PUT /api/admin/secrets/:name': ok(listedSecret, { request: object({ value: text }) }),
  'DELETE /api/admin/secrets/:name': deleted,
  'GET /api/control/provider-keys': ok(object({ provider_keys: list(text) })),
  'POST /api/control/provider-keys': { answers: {}, request: { type: 'object' } },
  'DELETE /api/control/provider-keys/:provider': deleted,
  'GET /api/account': { answers: {} },
  'GET /api/config': ok(ref('PublicConfig'), { query: { app: text } }),
  'POST /api/rpc/:chainId': ok(oneOrMore(rpcAnswer), { request: oneOrMore(rpcCall) }),
  'POST /rpc/:chainId': {
    request: oneOrMore(rpcCall),
    query: { owner: text },
    answers: { 200: oneOrMore(rpcAnswer), 204: null },
  },
  'POST /mcp': { request: rpcCall, answers: { 200: oneOrMore(rpcAnswer), 202: null } },
  'POST /api/faucet': ok(object({ funded: flag }), { request: object({ chain_id: count, address: text }) }),
  'GET /api/key': ok(ref('OwnKey')),
  'GET /api/admin/keys': ok(list(ref('Key'))),
  'POST /api/admin/keys': { request: ref('KeyRequest'), answers: { 201: ref('IssuedKey') } },
  'GET /api/admin/keys/:id': ok(ref('Key')),
  'PATCH /api/admin/keys/:id': ok(ref('Key'), { request: ref('KeyRequest') }),
  'POST /api/admin/keys/:id/rotate': { request: ref('Rotation'), answers: { 201: ref('IssuedKey') } },
  'POST /api/admin/keys/:id/revoke': ok(ref('Revocation'), {
    request: object({ reason: text, exposed: flag }, ['reason', 'exposed']),
  }),
  'POST /api/admin/keys/:id/undo': ok(ref('Key')),
  'POST /api/admin/keys/:id/release': ok(ref('Key')),
  'GET /api/admin/apps/:app': ok(ref('AdminApp')),
  'GET /api/admin/documents': ok(list(object(document))),
  'GET /api/admin/documents/:id': ok(object({ ...document, text })),
  'POST /api/admin/documents/:id/release': ok(object(document), { request: documentDecision }),
  'POST /api/admin/documents/:id/reject': ok(object(document), { request: documentDecision }),
  'PUT /api/admin/apps/:app': ok(object({ name: text, version: { type: ['string', 'null'] }, warnings: list({}) }), {
    request: { type: 'object' },
  }),
  'GET /api/audit': ok(object({ entries: list(ref('AuditEntry')), next: { type: ['integer', 'null'] } }), {
    query: { after: count, limit: count },
  }),
  'POST /api/leaks/github': ok(
    list(object({ token_raw: text, token_type: text, label: text }, ['token_raw', 'token_type'])),
  ),
  'GET /api/leaks/range/:prefix': ok(object({ prefix: text, suffixes: list(text) })),
  'GET /p/:id': plain('text/html'),
  'GET /docs': plain('text/html'),
  'GET /.well-known/countersign-receipt-keys.json': ok(
    object({
      keys: list(
        object(
          {
            kty: text,
            crv: text,
            kid: text,
            x: text,
            alg: text,
            use: text,
            not_after: maybe(time),
            revoked: flag,
            retired_at: time,
          },
          ['alg', 'use', 'not_after', 'revoked', 'retired_at'],
        ),
      ),
    }),
  ),
  'GET /api/openapi.json': ok({
    type: 'object',
    properties: { openapi: text },
    required: ['openapi', 'info', 'paths', 'components'],
    additionalProperties: false,
    patternProperties: { '^(?:info|paths|components|servers|tags|security)$': {} },
  }),
  'GET /health': plain('text/plain'),
  'GET /ready': ok(ref('Ready')),
  'GET /metrics': plain('text/plain'),
}

/** Closes a schema that was written before: no field but those that it names. */
export function closed(schemas: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const close = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(close)
    if (typeof value !== 'object' || value === null) return value
    const inner = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, close(each)]))
    return 'properties' in inner && !('additionalProperties' in inner)
      ? { ...inner, additionalProperties: false }
      : inner
  }
  return close(schemas) as Record<string, unknown>
}

/** The report as `POST /api/simulate` answers it: Aomi's fields beside ours. */
export function simulatedSchema(components: Readonly<Record<string, Schema>>): Schema {
  const report = components['ReportWire'] as { properties: Record<string, Schema>; required: string[] }
  const step = components['ReportStep'] as { properties: Record<string, Schema>; required: string[] }
  const { properties } = report
  const tx = object({ to: { type: ['string', 'null'] }, value_wei: text, value_eth: text, data: text })
  // A refusal is told in a step of its own where no step was run: it has none of the report's fields.
  const steps = list({
    type: 'object',
    properties: {
      ...step.properties,
      label: text,
      success: flag,
      result: text,
      revert_reason: text,
      gas_used: { type: ['integer', 'string'] },
      tx,
    },
    required: ['step', 'label', 'success', 'tx'],
    additionalProperties: false,
  })
  return object({
    result: {
      type: 'object',
      properties: {
        ...properties,
        steps,
        batch_success: flag,
        stateful: flag,
        network: text,
        total_gas: count,
        refusal: { type: ['string', 'null'] },
        fee: object({ recipient: text, amount_wei: text, token: text }),
      },
      required: [...report.required, 'batch_success', 'stateful', 'network', 'total_gas', 'refusal'],
      additionalProperties: false,
    },
  })
}

/** Schemas that are written here and not derived from the wire's types. */
export { SCHEMAS }
