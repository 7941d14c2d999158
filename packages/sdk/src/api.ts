import { createAsk, reporting, type Ask } from './request.ts'
import { waitForProposal, type WaitOptions } from './waiting.ts'
import type { AnyProposal, Key, KeyRequest, Revocation, Rotation, Routes } from './wire.ts'

export interface ApiOptions {
  /** Where the server is, without a trailing slash. */
  readonly baseUrl: string
  /** An `sk-…` key. It decides which app this is about and what is allowed. Never in a browser. */
  readonly apiKey: string
  readonly fetch?: typeof globalThis.fetch
}

type Answer<R extends keyof Routes> = Routes[R]['answer']
type Body<R extends keyof Routes> = NonNullable<Routes[R]['body']>

/** What a program with an API key does without a conversation: simulate, propose, and manage its app. */
export interface Api {
  /** Any route, by its name in the reference: `api.ask('GET /api/key', {})`. */
  readonly ask: Ask
  /** What the key may do. */
  key(): Promise<Answer<'GET /api/key'>>
  /** Scope `simulate`. The report; no proposal is made. */
  simulate(request: Body<'POST /api/simulate'>): Promise<Answer<'POST /api/simulate'>>
  /** Scope `read`. The standing approvals of an account. */
  approvals(address: string, chainId: number): Promise<Answer<'GET /api/approvals'>>
  /** Scope `propose`. Proposes to take back what `approvals` listed; the owner answers at `url`. */
  revokeApprovals(request: Body<'POST /api/approvals/revoke'>): Promise<Answer<'POST /api/approvals/revoke'>>
  /** Scope `propose`. With an `idempotency_key` the same call may be sent again. The owner answers at `url`. */
  propose(request: Body<'POST /api/proposals'>): Promise<Answer<'POST /api/proposals'>>
  /** What this key proposed. */
  proposal(id: string): Promise<AnyProposal>
  /** Waits until a proposal has ended, or until it is as `until` wants it. */
  waitForProposal(id: string, options?: WaitOptions): Promise<AnyProposal>
  /** Scope `propose`, beside it `guard` for what needs no owner: a grant to sign exactly what was proposed, once. */
  grant(id: string, from: string, chainId: number): Promise<Answer<'POST /api/proposals/{id}/grant'>>
  /** Scope `admin`: how a tool call ended whose answer was lost. */
  resolve(id: string, outcome: 'done' | 'failed'): Promise<AnyProposal>
  /** Scope `admin`. The keys of the app; a secret is in the answer of `issue` and `rotate` and nowhere else. */
  readonly keys: {
    list(): Promise<readonly Key[]>
    one(id: string): Promise<Key>
    issue(request: KeyRequest): Promise<Answer<'POST /api/admin/keys'>>
    /** Scopes, networks, tools, limits, label, expiry. */
    change(id: string, change: KeyRequest): Promise<Key>
    rotate(id: string, how?: Rotation): Promise<Answer<'POST /api/admin/keys/{id}/rotate'>>
    /** Answers when no live instance takes the key any more; see `confirmed`. */
    revoke(id: string, why?: { readonly reason?: string; readonly exposed?: boolean }): Promise<Revocation>
    /** Takes back a revocation, within an hour. */
    undo(id: string): Promise<Key>
    /** Releases a quarantined key. */
    release(id: string): Promise<Key>
  }
  /** Scope `admin`. The sessions of the app, by handles that open nothing. */
  readonly sessions: {
    list(limit?: number): Promise<Answer<'GET /api/admin/sessions'>>
    end(handle: string): Promise<boolean>
  }
  /** Scope `admin`. The app of the key, as files. */
  readonly apps: {
    get(app: string): Promise<Answer<'GET /api/admin/apps/{app}'>>
    push(app: string, files: Readonly<Record<string, string>>): Promise<Answer<'PUT /api/admin/apps/{app}'>>
  }
  /** Scope `audit`. */
  readonly audit: {
    /** One page of the record, oldest first. */
    page(options?: { readonly after?: number; readonly limit?: number }): Promise<Answer<'GET /api/audit'>>
    /** Every entry after a position, a page at a time. */
    entries(after?: number): AsyncGenerator<Answer<'GET /api/audit'>['entries'][number]>
  }
}

/** Makes an `Api`. It keeps no state. Errors are `CountersignError`s, with a `code`. */
export function createApi({ baseUrl, apiKey, fetch: doFetch = globalThis.fetch.bind(globalThis) }: ApiOptions): Api {
  if (apiKey === '')
    throw new TypeError('There is no API key: apiKey is empty. Is the variable set that it is read from?')
  const send = reporting(doFetch)
  const ask = createAsk((method, path, init = {}) =>
    send(baseUrl + path, {
      ...init,
      method,
      headers: { 'X-API-Key': apiKey, ...(init.headers as Record<string, string> | undefined) },
    }),
  )
  const page: Api['audit']['page'] = (query = {}) => ask('GET /api/audit', { query })
  return {
    ask,
    key: () => ask('GET /api/key', {}),
    simulate: (body) => ask('POST /api/simulate', { body }),
    approvals: (address, chainId) => ask('GET /api/approvals', { query: { address, chain_id: chainId } }),
    revokeApprovals: (body) => ask('POST /api/approvals/revoke', { body }),
    propose: (body) => ask('POST /api/proposals', { body }),
    proposal: (id) => ask('GET /api/proposals/{id}', { params: { id } }),
    waitForProposal: (id, options) =>
      waitForProposal(
        (signal) => ask('GET /api/proposals/{id}', { params: { id }, ...(signal === undefined ? {} : { signal }) }),
        options,
      ),
    grant: (id, from, chainId) =>
      ask('POST /api/proposals/{id}/grant', { params: { id }, body: { from, chain_id: chainId } }),
    resolve: (id, outcome) => ask('POST /api/proposals/{id}/resolve', { params: { id }, body: { outcome } }),
    keys: {
      list: () => ask('GET /api/admin/keys', {}),
      one: (id) => ask('GET /api/admin/keys/{id}', { params: { id } }),
      issue: (body) => ask('POST /api/admin/keys', { body }),
      change: (id, body) => ask('PATCH /api/admin/keys/{id}', { params: { id }, body }),
      rotate: (id, body = {}) => ask('POST /api/admin/keys/{id}/rotate', { params: { id }, body }),
      revoke: (id, body = {}) => ask('POST /api/admin/keys/{id}/revoke', { params: { id }, body }),
      undo: (id) => ask('POST /api/admin/keys/{id}/undo', { params: { id } }),
      release: (id) => ask('POST /api/admin/keys/{id}/release', { params: { id } }),
    },
    sessions: {
      list: (limit) => ask('GET /api/admin/sessions', { query: limit === undefined ? {} : { limit } }),
      end: async (handle) => (await ask('DELETE /api/admin/sessions/{handle}', { params: { handle } })).ended,
    },
    apps: {
      get: (app) => ask('GET /api/admin/apps/{app}', { params: { app } }),
      push: (app, files) => ask('PUT /api/admin/apps/{app}', { params: { app }, body: { files } }),
    },
    audit: {
      page,
      async *entries(after = 0) {
        for (let next: number | null = after; next !== null;) {
          const answer: Answer<'GET /api/audit'> = await page({ after: next })
          yield* answer.entries
          next = answer.next
        }
      },
    },
  }
}
