const text = { type: 'string' } as const
const time = { type: ['string', 'null'], format: 'date-time' } as const
const whole = { type: 'integer' } as const
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
    required: ['level', 'since', 'evidence'],
  },
  last_used_at: time,
} as const

/** How a provider or a model fares. */
const FARE = {
  ...{ name: text, requests: whole, failures: whole, failures_in_a_row: whole },
  ...{ last_fault: { type: ['string', 'null'] }, median_ms: { type: ['integer', 'null'] } },
  ...{ last_answer_at: time, last_failure_at: time },
}

/** A policy tried on a history. */
const BACKTEST = {
  actions: { type: 'integer' },
  asked: { type: 'integer' },
  denied: { type: 'integer' },
  sentence: text,
  changed: {
    type: 'array',
    items: object({ proposal: text, was: text, would: text, spoke: { type: 'array', items: { type: 'object' } } }),
  },
  worst: object({ limits: { type: 'array', items: { type: 'object' } }, unbounded: texts }),
  // Where it was asked for: what a search on the fork could take.
  search: object({
    plans: { type: 'integer' },
    found: {
      type: 'array',
      items: object({
        ...{ asset: text, amount: text, plan: text, times: { type: 'integer' }, is_over: { type: 'boolean' } },
      }),
    },
    not_checked: texts,
  }),
  not_checked: texts,
}

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
  OwnerChannel: object({
    id: text,
    kind: { enum: ['mail', 'telegram', 'push'] },
    label: text,
    amounts: { type: 'boolean' },
    confirmed: { type: 'boolean' },
    created_at: text,
  }),
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
  Reservation: object({
    id: text,
    proposal: { type: ['string', 'null'] },
    mandate: { type: ['string', 'null'] },
    kind: { enum: ['tx', 'document', 'call', 'allowance', 'outside'] },
    account: text,
    chain_id: { type: 'integer' },
    nonce: { type: ['integer', 'null'] },
    state: { enum: ['held', 'open', 'settled', 'released'] },
    waits_for: { type: ['string', 'null'] },
    deadline: { type: ['string', 'null'] },
    lines: { type: 'array', items: { type: 'object' } },
  }),
  /** What would be decided: nothing is reserved. */
  Decision: object({
    answer: { enum: ['allow', 'delay', 'ask', 'step-up', 'deny'] },
    mandate: { type: ['string', 'null'] },
    digest: text,
    reservation: { type: 'null' },
    free: { type: ['string', 'null'] },
    free_at: time,
    spoke: { type: 'array', items: { type: 'object' } },
    effects: { type: 'array', items: { type: 'object' } },
    code: { type: ['string', 'null'] },
    reason: { type: ['string', 'null'] },
    delay_ms: { type: ['integer', 'null'] },
  }),
  Backtest: object(
    BACKTEST,
    Object.keys(BACKTEST).filter((name) => name !== 'search'),
  ),
  ProposedMandate: object(
    {
      ...BACKTEST,
      policy: { type: ['object', 'null'] },
      expected_ask_share: { type: 'number' },
      left_out: texts,
    },
    ['policy', 'actions', 'not_checked'],
  ),
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
  OperatorSelf: object({
    name: text,
    stage: { enum: ['enrol', 'full'] },
    apps: texts,
    idle_ends_at: text,
    ends_at: text,
    passkeys: { type: 'array', items: object({ id: text, label: text, host: text, created_at: text, used_at: time }) },
    sessions: {
      type: 'array',
      items: object({ handle: text, created_at: text, used_at: text, in_this_browser: { type: 'boolean' } }),
    },
  }),
  AdminSession: object({
    handle: text,
    owner: text,
    user: { type: ['string', 'null'] },
    signed_in: { type: 'boolean' },
    bound: { type: ['string', 'null'] },
    created_at: text,
    used_at: text,
  }),
  AdminApp: object({
    name: text,
    version: { type: ['string', 'null'] },
    files: { type: 'object', additionalProperties: text },
    skills: { type: 'array', items: object({ name: text, state: text, because: { type: ['string', 'null'] } }) },
    tools: {
      type: 'array',
      items: object({ name: text, kind: text, state: text, because: { type: ['string', 'null'] } }),
    },
    documents: {
      type: 'array',
      items: object({ id: text, path: text, state: { enum: ['quarantined', 'released', 'stale', 'rejected'] } }),
    },
    guards: { type: 'array', items: { type: 'object' } },
  }),
  AdminProposal: object({
    id: text,
    session: text,
    kind: { enum: ['transactions', 'signature', 'tool_call'] },
    state: text,
    chain_id: { type: 'integer' },
    from: text,
    summary: text,
    door: text,
    verdict: { enum: ['allow', 'warn', 'block', null] },
    reason: { type: ['string', 'null'] },
    findings: {
      type: 'array',
      items: object({ rule: text, level: { enum: ['info', 'warn', 'block'] }, title: text, because: text }),
    },
    created_at: text,
    updated_at: text,
  }),
  Freeze: object({ wallet: { type: ['string', 'null'] }, frozen_at: text, because: text }),
  KeyUsage: object({
    id: text,
    hours: {
      type: 'array',
      items: object({ at: text, served: whole, invalid: whole, refused: whole, limited: whole, failed: whole }),
    },
    anomalies: {
      type: 'array',
      items: object({ at: text, level: { enum: ['throttle', 'proof', 'freeze'] }, evidence: texts }),
    },
  }),
  ChecklistAnswer: object({
    items: texts,
    checks: {
      type: 'array',
      items: object({
        id: text,
        item: { type: ['integer', 'null'] },
        about: text,
        status: { enum: ['pass', 'warn', 'fail', 'not_checked'] },
        evidence: text,
        remediation: { type: ['string', 'null'] },
      }),
    },
    checked_at: text,
  }),
  ServerHealth: object({
    version: text,
    page_sha256: { type: ['string', 'null'] },
    chains: {
      type: 'array',
      items: object({
        ...{ chain_id: whole, name: text, quorum: whole },
        providers: { type: 'array', items: object(FARE) },
      }),
    },
    models: {
      type: 'array',
      items: object({
        ...FARE,
        kind: { enum: ['deterministic-grammar', 'llm'] },
        is_default: { type: 'boolean' },
      }),
    },
  }),
}
