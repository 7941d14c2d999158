const text = { type: 'string' } as const
const time = { type: ['string', 'null'], format: 'date-time' } as const
const texts = { type: 'array', items: text } as const
const object = (properties: Record<string, unknown>, required: readonly string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
})

const KEY = {
  id: text,
  app: text,
  label: text,
  standing: { enum: ['active', 'pending', 'replaced', 'expired', 'lapsed', 'revoked'] },
  last4: text,
  family: text,
  generation: { type: 'integer' },
  scopes: texts,
  networks: texts,
  tools: { type: ['array', 'null'], items: text },
  owner: { type: ['string', 'null'] },
  limits: texts,
  guards: { type: 'array' },
  created_at: text,
  age_days: { type: 'integer' },
  rotation_due: { type: 'boolean' },
  expires_at: time,
  not_after: time,
  activate_by: time,
  replaces: { type: ['string', 'null'] },
  revoked: { type: 'boolean' },
  revoked_at: time,
  revoked_reason: { type: ['string', 'null'] },
  exposed_at: time,
  canary: { type: 'boolean' },
  quarantine: {
    type: ['object', 'null'],
    properties: { level: { enum: ['throttle', 'proof', 'freeze'] }, since: text, evidence: texts },
  },
  last_used_at: time,
} as const

/** The shapes that the OpenAPI document names. */
export const SCHEMAS: Readonly<Record<string, unknown>> = {
  Refusal: object({ error: text, code: text, hint: text, request_id: text }),
  Chat: object(
    {
      message: text,
      app: text,
      user_state: { type: 'object' },
      messages_from: { type: 'integer', minimum: 0 },
      tools: texts,
    },
    ['message'],
  ),
  Key: object(KEY),
  OwnKey: object({ id: text, app: text, scopes: texts, expires_at: time, quarantine: { type: ['string', 'null'] } }),
  KeyRequest: object(
    {
      label: text,
      scopes: texts,
      networks: texts,
      tools: { type: ['array', 'null'], items: text },
      limits: texts,
      guards: { type: ['array', 'null'], items: { type: 'object' } },
      expires: { type: ['string', 'null'] },
      canary: { type: 'boolean' },
      owner: { ...text, description: 'Of a new key alone: the one account that it may propose to.' },
    },
    [],
  ),
  IssuedKey: object({ id: text, app: text, key: text, replaces: text, old_ends_at: time }, ['id', 'app', 'key']),
  Rotation: object({ style: { enum: ['clock', 'first-use'] }, overlap: text, deadline: text }, []),
  Revocation: object({
    ...KEY,
    effective_at: text,
    confirmed: text,
    confirmed_instances: { type: 'integer' },
    live_instances: { type: 'integer' },
    lapsed_instances: { type: 'integer' },
  }),
  DoorRequest: {
    ...object(
      {
        transactions: {
          type: 'array',
          maxItems: 16,
          items: object(
            {
              to: text,
              value: text,
              data: text,
              gas: text,
              label: text,
              from: text,
              chain_id: { type: ['integer', 'string'] },
            },
            [],
          ),
        },
        typed_data: { type: 'object' },
        message: text,
        from: text,
        chain_id: { type: 'integer' },
        idempotency_key: { ...text, minLength: 8, maxLength: 128 },
        client: object({ name: text, version: text, door: text }, []),
        wallet: object({ kind: { enum: ['eoa', '7702', 'safe', '4337', '5792'] }, address: text, capabilities: {} }, [
          'kind',
        ]),
      },
      ['from', 'chain_id'],
    ),
    oneOf: [{ required: ['transactions'] }, { required: ['typed_data'] }, { required: ['message'] }],
    additionalProperties: false,
  },
  DoorAnswer: {
    ...object(
      {
        id: text,
        state: text,
        verdict: { enum: ['allow', 'warn', 'block'] },
        digest: text,
        url: text,
        expires_at: text,
        // Where guards or a mandate are about it.
        reason: { type: ['string', 'null'] },
        code: { type: ['string', 'null'] },
        decision: { type: 'object' },
      },
      ['id', 'state', 'verdict', 'digest', 'url', 'expires_at'],
    ),
    additionalProperties: false,
  },
  Mandate: object({
    id: text,
    app: text,
    owner: text,
    name: text,
    version: { type: 'integer' },
    digest: text,
    state: { enum: ['active', 'frozen', 'ended', 'expired'] },
    frozen_because: { type: ['string', 'null'] },
    previous: { type: ['string', 'null'] },
    signed: { type: 'boolean' },
    valid_from: time,
    valid_until: text,
    worst: text,
    sentences: texts,
    policy: { type: 'object' },
    limits: { type: 'array', items: { type: 'object' } },
  }),
  /** What a wallet signs, complete for `eth_signTypedData_v4`. */
  ToSign: object({ typed_data: { type: 'object' }, draft: text, expires_at: text, worst: text }, [
    'typed_data',
    'draft',
    'expires_at',
  ]),
  Frozen: object({
    frozen_at: text,
    effective_at: text,
    confirmed: { type: 'integer' },
    live: { type: 'integer' },
    lapsed: { type: 'integer' },
    outstanding: { type: 'array', items: { type: 'object' } },
    mandates: { type: 'array', items: { type: 'object' } },
  }),
  GrantRequest: { ...object({ from: text, chain_id: { type: 'integer', minimum: 1 } }), additionalProperties: false },
  Grant: {
    ...object({ grant: text, nonce: { type: ['integer', 'null'] }, expires_at: text }),
    additionalProperties: false,
  },
  ApprovalRef: {
    ...object(
      {
        kind: { enum: ['erc20_allowance', 'permit2_allowance', 'operator', 'nft'] },
        contract: text,
        spender: text,
        token: { type: ['string', 'null'] },
        token_id: { type: ['string', 'null'] },
        amount: { type: ['string', 'null'] },
        unlimited: { type: 'boolean' },
        expires_at: time,
        revoke: { type: 'object' },
      },
      ['kind', 'contract', 'spender'],
    ),
    description: 'An approval to take back, as it was listed. What names it is read; the rest is left aside.',
  },
  AuditEntry: {
    ...object({
      app: text,
      seq: { type: 'integer' },
      at_ms: { type: 'integer' },
      event: text,
      body: { type: 'object' },
      prev_hash: text,
      hash: text,
    }),
    description: 'One line of the hash-chained record. Ids are hashed: the record opens nothing.',
  },
  Ready: object(
    {
      ready: { type: 'boolean' },
      checks: object({ store: { type: 'boolean' }, lease: { type: 'boolean' }, limits: text }),
      warnings: texts,
    },
    ['ready', 'checks'],
  ),
}
