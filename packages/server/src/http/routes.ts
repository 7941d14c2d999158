import type { Scope } from '../keys/Scope.ts'

/**
 * What a route costs and needs. `poll` routes look at a session's own state: they draw on no budget but their own, so
 * that a client that waits for its turn is never starved. `fact` routes report what has happened: they are charged like
 * work, and never refused for their number, because a fact that is lost is paid twice. `open` routes are for machines and
 * cost nothing.
 */
export interface RoutePolicy {
  readonly summary: string
  /** The scope that a key must have; null for none. */
  readonly scope: Scope | null
  /** A further scope that will do as well. */
  readonly orScope?: Scope
  readonly kind: 'work' | 'poll' | 'fact' | 'open'
  /** For programs of this machine and of servers: a foreign Host or Origin is refused before anything else, with 403. */
  readonly isForPrograms?: boolean
  /** Units; the cheapest request that does something costs 1. */
  readonly cost: number
  /**
   * How a request names the session that it is about: in the header or in the path, and then the route asks for that
   * session's proof itself; as all of the caller's; or in the header if at all.
   */
  readonly session?: 'header' | 'path' | 'caller' | 'optional'
  /** The session of an operator will do as well, for the app that it names: it gets what an admin key of that app gets. */
  readonly forOperators?: true
  /** A key that is held until it proves more is answered all the same: it learns that it is held. */
  readonly answersHeld?: true
}

const route = (
  summary: string,
  scope: Scope | null,
  kind: RoutePolicy['kind'] = 'work',
  cost = kind === 'open' ? 0 : 1,
): RoutePolicy => ({ summary, scope, kind, cost })

/** A route about one session, or about all of the caller's. */
const about = (session: NonNullable<RoutePolicy['session']>, policy: RoutePolicy): RoutePolicy => ({
  ...policy,
  session,
})

/** A route that the dashboard calls too. */
const dashboard = (policy: RoutePolicy): RoutePolicy => ({ ...policy, forOperators: true })

/** Every route under its own path. */
const OWN_ROUTES = {
  'POST /api/chat': about(
    'header',
    route('Send one user message; answers with the snapshot, the turn goes on.', 'chat', 'work', 5),
  ),
  'GET /api/state': about('header', route('The snapshot of a session.', 'read', 'poll')),
  'POST /api/interrupt': about('header', route('End the running turn.', 'chat')),
  'GET /api/events': about('header', route('One-time system events, each once.', 'read', 'poll')),
  'GET /api/updates': about(
    'header',
    route('The events of a session as a stream; resumes by Last-Event-ID.', 'read', 'poll'),
  ),
  'POST /api/system': about('header', route('What the wallet did.', 'chat', 'fact')),
  'POST /api/sessions': about('header', route('Start a session.', 'chat')),
  'GET /api/sessions': about('caller', route('The sessions of the caller.', 'read')),
  'GET /api/sessions/:id': about('path', route('One session.', 'read')),
  'PATCH /api/sessions/:id': about('path', route('Rename a session.', 'chat')),
  'DELETE /api/sessions/:id': about('path', route('Delete a session and everything in it.', 'chat')),
  'POST /api/sessions/:id/archive': about('path', route('Archive a session.', 'chat')),
  'POST /api/sessions/:id/unarchive': about('path', route('Take a session out of the archive.', 'chat')),
  'DELETE /api/sessions': about('caller', route('End all sessions of the caller.', 'admin')),
  'POST /api/sessions/:id/bind': about(
    'path',
    route('Bind a session to a proof of possession; it gets a new id.', 'chat'),
  ),
  'POST /api/sessions/:id/code': about('path', route('A one-time code with which a page opens the session.', 'chat')),
  'POST /api/sessions/:id/take-over': about(
    'path',
    route('Go on with a session of the same wallet, under a new id.', 'chat'),
  ),
  'POST /api/sign-in/nonce': about('header', route('Start a sign-in with a wallet: nonce and message.', 'chat')),
  'POST /api/sign-in': about(
    'header',
    route('Bind the wallet that signed; the session gets a new id.', 'chat', 'work', 5),
  ),
  'POST /api/browser/enter': route('Our own page: get the cookie.', null, 'work', 10),
  'GET /api/browser': route('Whether this browser keeps our cookie.', null),
  'DELETE /api/browser': route('End the sessions of this browser, and forget it.', null),
  'POST /api/browser/redeem': route('An embedded page: a token for a one-time code.', null, 'work', 2),
  'GET /api/operator/checklist': route('The production checklist with its evidence.', null, 'work', 20),
  'GET /api/operator/health': route('Version, providers and models, as this process sees them.', null, 'work', 2),
  'GET /api/operator': route('The operator of this browser: session, passkeys and apps.', null, 'poll'),
  'POST /api/operator/link': route(
    'Use a one-time sign-in link up; the session registers a passkey.',
    null,
    'work',
    10,
  ),
  'POST /api/operator/passkeys/challenge': route('Start the registration of a passkey.', null, 'work', 5),
  'POST /api/operator/passkeys': route('Register a passkey; the browser gets another session.', null, 'work', 10),
  'DELETE /api/operator/passkeys/:id': route('Remove a passkey; the last one stays.', null),
  // So dear that one address cannot push out the challenges of others: 480 in three minutes of its budget, of 1,000.
  'POST /api/operator/sign-in/challenge': route('Start a sign-in by passkey; it names nobody.', null, 'work', 100),
  'POST /api/operator/sign-in': route('Sign in by passkey: get the cookie.', null, 'work', 10),
  'DELETE /api/operator/sessions/:handle': route('End a session of this operator.', null),
  'GET /api/reach/channels': about(
    'header',
    route('How the owner of the session is told that something waits.', 'read'),
  ),
  'POST /api/reach/channels': about(
    'header',
    route('Add a mail address, which is asked first, or this browser.', 'chat', 'work', 20),
  ),
  'PATCH /api/reach/channels/:id': about('header', route('Whether messages say amounts.', 'chat')),
  'DELETE /api/reach/channels/:id': about('header', route('Remove a channel of the owner.', 'chat')),
  'POST /api/reach/confirm': route('Agree to messages, by the link in the one that asks.', null, 'work', 10),
  'POST /api/reach/stop': route('End the messages of a channel, by the link in each of them.', null, 'work', 10),
  'POST /api/reach/telegram': about(
    'header',
    route('A one-time link that connects a chat of Telegram with the wallet.', 'chat', 'work', 10),
  ),
  'GET /api/reach/telegram': about(
    'header',
    route('The chats that were brought a code of this session, and wait for its owner.', 'read'),
  ),
  'POST /api/reach/telegram/answer': about(
    'header',
    route('Whether such a chat is the owner’s: only then is it connected.', 'chat', 'work', 10),
  ),
  'POST /api/telegram/open': route(
    'The mini app: what waits for its user, for launch data of Telegram.',
    null,
    'work',
    5,
  ),
  'POST /telegram/webhook': route('An update of Telegram, with the secret of the webhook.', null),
  'GET /telegram': route('The mini app of Telegram.', null),
  'GET /embed/:app': route('The page of one app, for frames in the pages that its origins name.', null),
  'GET /embed.js': route('The script that puts that frame into a page.', null),
  'GET /wallet/:id': route('The frame of a wallet that the operator installed beside the page.', null),
  'GET /reach': route('The page on which owners choose how they are told.', null),
  'GET /api/admin/sessions': dashboard(route('The open sessions of the app.', 'admin')),
  'DELETE /api/admin/sessions/:handle': dashboard(route('End any session of the app.', 'admin')),
  'GET /api/proposals': about('header', route('What was proposed in a session.', 'read', 'poll')),
  'POST /api/proposals': route('Propose without a chat; its owner answers on the page.', 'propose', 'work', 10),
  'GET /api/proposals/:id': {
    ...about('header', route('One proposal with its report.', 'read', 'poll')),
    orScope: 'propose',
  },
  'POST /api/proposals/:id/remedy': about(
    'header',
    route('Choose how to go on from a batch that ended half done.', 'chat', 'work', 4),
  ),
  'POST /api/proposals/:id/commit': about(
    'header',
    route('Hand a receipted proposal to the wallet queue.', 'chat', 'work', 2),
  ),
  'POST /api/proposals/:id/confirm': about('header', route('Give the level that a proposal asks for.', 'chat')),
  'POST /api/proposals/:id/grant': route('A grant to sign what was proposed, once.', 'propose', 'work', 5),
  'POST /api/proposals/:id/approve': about(
    'optional',
    route('What an approver of the mandate signs; with the signature, their approval.', 'read'),
  ),
  'POST /api/proposals/:id/resolve': route('Say how an unknown tool call ended.', 'admin'),
  'POST /api/proposals/:id/recheck': about('header', route('The last look before signing.', 'chat', 'work', 5)),
  'POST /api/proposals/:id/reject': about('header', route('The owner says no.', 'chat')),
  'POST /api/proposals/:id/submitted': about('header', route('The hash of a signed step.', 'chat', 'fact')),
  'POST /api/proposals/:id/signed': about('header', route('The signature of a document.', 'chat', 'fact')),
  'POST /api/simulate': about('optional', route('Simulate a batch.', 'simulate', 'work', 10)),
  'GET /api/control/apps': route('The apps that the caller may use.', 'read'),
  'GET /api/control/models': route('The models that can be chosen.', 'read'),
  'POST /api/control/model': about('header', route('Choose the model of a session.', 'chat')),
  'GET /api/session/apps': route('The apps that the caller may use, as objects.', 'read'),
  'GET /api/session/models': route('The models that can be chosen.', 'read'),
  'POST /api/session/model': about('header', route('Choose the model of a session.', 'chat')),
  'POST /api/secrets': about('optional', route('Keep secrets of a user, encrypted, for the slots of the app.', 'chat')),
  'GET /api/secrets': about('optional', route('The names of the secrets that the user of a session set.', 'read')),
  'DELETE /api/secrets': about('optional', route('Delete all secrets of the user of a session.', 'chat')),
  'DELETE /api/secrets/:name': about('optional', route('Delete a secret of the user of a session.', 'chat')),
  'GET /api/control/provider-keys': route('The model keys of the user: none.', 'read'),
  'POST /api/control/provider-keys': route('Refused: no model keys of users are kept.', 'chat'),
  'DELETE /api/control/provider-keys/:provider': route('Delete a model key: there are none.', 'chat'),
  'GET /api/account': route('Who the caller is: nobody, there are no accounts.', null),
  'GET /api/mandates': dashboard(
    about('optional', route('The mandates of the app, or those of the owner of the session.', 'read')),
  ),
  'GET /api/mandates/:id': dashboard(
    about('optional', route('One mandate, with what is used and free of each limit.', 'read')),
  ),
  'PUT /api/mandates': about(
    'optional',
    route('Narrow a mandate, or draft one that its owner signs; grant it with the signature.', 'chat', 'work', 5),
  ),
  'POST /api/mandates/:id/end': about('optional', route('End a mandate.', 'chat')),
  'POST /api/mandates/:id/freeze': dashboard(
    about('optional', route('Freeze a mandate; answers when every live instance acts on it.', 'chat', 'fact')),
  ),
  'POST /api/mandates/:id/unfreeze': dashboard(
    about('optional', route('Unfreeze a mandate by a signature of its owner.', 'chat')),
  ),
  'POST /api/mandates/:id/backtest': about(
    'optional',
    route('Try the mandate, or another policy, on what was settled; nothing is written.', 'read', 'work', 5),
  ),
  'POST /api/mandates/propose': about(
    'optional',
    route('The narrowest mandate for what an owner did, tried on it, with the worst inside of it.', 'read', 'work', 5),
  ),
  'POST /api/mandates/decide': about(
    'optional',
    route('What would be decided about calls or a document; nothing is written.', 'read', 'work', 10),
  ),
  'POST /api/reservations/:id/cancel': about(
    'optional',
    route('End what is held, or stage the smallest transaction at the nonce that was handed out.', 'chat', 'work', 5),
  ),
  'POST /api/hooks/freeze': {
    ...route('Freeze by a message that is signed with the secret of a webhook of the app.', null),
    isForPrograms: true,
  },
  'POST /api/freeze': dashboard(
    about(
      'optional',
      route('Freeze a wallet, a session’s wallet or the app: its mandates, and grants without one.', 'chat', 'fact'),
    ),
  ),
  'GET /api/reservations': about('optional', route('What the ledger holds for the app, or for the owner.', 'read')),
  'POST /api/reservations/:id/not-signed': about(
    'optional',
    route('Give a reservation back by the owner’s signature that nothing was signed.', 'chat'),
  ),
  'GET /api/config': route('What a page needs to start.', null),
  'POST /api/rpc/:chainId': about('optional', route('Read the chain, or send what a wallet has signed.', 'read')),
  'POST /api/faucet': route('Test money, on the local chain only.', 'chat', 'work', 10),
  'GET /api/key': { ...route('What the key that is sent may do.', null), answersHeld: true },
  'GET /api/admin/keys': dashboard(route('The keys of the app, without secrets.', 'admin')),
  'GET /api/admin/keys/:id/usage': dashboard(
    route('How requests with a key ended, by hour, and when it was held back.', 'admin', 'work', 2),
  ),
  'GET /api/admin/proposals': dashboard(
    route('The proposals of the app over all sessions, newest first, and why they were blocked.', 'admin', 'work', 5),
  ),
  'GET /api/admin/freezes': dashboard(route('The freezes of the app and its wallets.', 'admin')),
  'POST /api/admin/keys': dashboard(
    route('Issue a key; the secret is in the answer and nowhere else.', 'admin', 'work', 5),
  ),
  'GET /api/admin/keys/:id': dashboard(route('One key.', 'admin')),
  'PATCH /api/admin/keys/:id': dashboard(
    route('Rename a key; change its scopes, networks, limits or expiry.', 'admin'),
  ),
  'POST /api/admin/keys/:id/rotate': dashboard(route('Issue the successor of a key.', 'admin', 'work', 5)),
  'POST /api/admin/keys/:id/revoke': dashboard(route('Revoke a key; answers when no live instance takes it.', 'admin')),
  'POST /api/admin/keys/:id/undo': dashboard(route('Take back a revocation, within an hour.', 'admin')),
  'POST /api/admin/keys/:id/release': dashboard(route('Let a quarantined key go.', 'admin')),
  'GET /api/admin/apps/:app': dashboard(route('An app with its files, tools, documents and skills.', 'admin')),
  'PUT /api/admin/apps/:app': route('Push an app; it is checked first.', 'admin', 'work', 10),
  'GET /api/admin/documents': dashboard(route('The documents of the app with their findings.', 'admin')),
  'GET /api/admin/documents/:id': dashboard(route('A document with the text that would be searched.', 'admin')),
  'POST /api/admin/documents/:id/release': dashboard(
    route('Release the content of a document that was reviewed.', 'admin'),
  ),
  'POST /api/admin/documents/:id/reject': dashboard(route('Reject the content of a document.', 'admin')),
  'GET /api/audit': dashboard(
    route('The audit record of the app, oldest first, a page at a time.', 'audit', 'work', 5),
  ),
  'GET /api/admin/secrets': route('The names of the secrets of the app, without values.', 'admin'),
  'PUT /api/admin/secrets/:name': route('Set a secret of the app; it is kept encrypted.', 'admin'),
  'DELETE /api/admin/secrets/:name': route('Delete a secret of the app.', 'admin'),
  'POST /api/leaks/github': route('A signed report of keys seen in public.', null, 'work', 1),
  'GET /api/leaks/range/:prefix': route('Leaked keys by the first five digits of their SHA-256.', null, 'work', 1),
  'POST /rpc/:chainId': {
    ...route('The RPC URL of a program: reads pass, what signs is judged.', 'read'),
    orScope: 'propose',
    isForPrograms: true,
  },
  'POST /mcp': { ...route('The tools of the MCP server (streamable HTTP).', null), isForPrograms: true },
  'GET /admin': route('The dashboard of operators.', null),
  'GET /p/:id': route('The page of one proposal, for its owner.', null),
  'GET /.well-known/countersign-receipt-keys.json': route('The public keys of receipts.', null),
  'GET /docs': route('The reference of these routes, as a page.', null),
  'POST /api/approvals/revoke': route('Propose to an account to take approvals back.', 'propose', 'work', 10),
  'GET /api/approvals': route('The standing approvals of an account.', 'read', 'work', 20),
  'GET /api/openapi.json': route('This document.', null),
  'GET /health': route('Whether the process answers.', null, 'open'),
  'GET /ready': route('Whether requests would be served: store, lease, limits.', null, 'open'),
  'GET /metrics': route('Prometheus metrics, for this machine or with the metrics token.', null, 'open'),
} satisfies Readonly<Record<string, RoutePolicy>>

/** A route under its own path. */
export type RouteName = keyof typeof OWN_ROUTES

/** The paths of newer clients (G3), and the route that each is a second name of. */
export const TWINS: Readonly<Record<string, RouteName>> = {
  'POST /api/thread/chat': 'POST /api/chat',
  'GET /api/thread/state': 'GET /api/state',
  'POST /api/thread/interrupt': 'POST /api/interrupt',
  'GET /api/thread/events': 'GET /api/events',
  'GET /api/thread/updates': 'GET /api/updates',
  'GET /api/thread/apps': 'GET /api/session/apps',
  'GET /api/thread/models': 'GET /api/session/models',
  'POST /api/thread/model': 'POST /api/session/model',
  'POST /api/threads': 'POST /api/sessions',
  'GET /api/threads': 'GET /api/sessions',
  'GET /api/threads/:id': 'GET /api/sessions/:id',
  'PATCH /api/threads/:id': 'PATCH /api/sessions/:id',
  'DELETE /api/threads/:id': 'DELETE /api/sessions/:id',
  'POST /api/threads/:id/archive': 'POST /api/sessions/:id/archive',
  'POST /api/threads/:id/unarchive': 'POST /api/sessions/:id/unarchive',
  'POST /api/exec/simulate': 'POST /api/simulate',
}

/** Every route, by method and path as the router writes them. A test holds this list against the router. */
export const ROUTES: Readonly<Record<string, RoutePolicy>> = {
  ...OWN_ROUTES,
  ...Object.fromEntries(
    Object.entries(TWINS).map(([alias, twin]) => [alias, { ...OWN_ROUTES[twin], summary: `As \`${twin}\`.` }]),
  ),
}

/** What a route that is not in the list is held to: the strictest that fits an agent's key. */
export const UNLISTED: RoutePolicy = route('', 'chat')

/** A page, its scripts and images. */
export const STATIC: RoutePolicy = route('', null, 'work', 1)

const PATTERNS = Object.keys(ROUTES).map((name) => {
  const [method = '', path = ''] = name.split(' ')
  const parts = path.split('/').map((part) => (part.startsWith(':') ? null : part))
  return { method, parts }
})

/** The methods that a path takes, as `Allow` lists them; empty for a path of no route. */
export function methodsOf(path: string): string[] {
  const given = path.split('/')
  const methods = PATTERNS.filter(
    ({ parts }) =>
      parts.length === given.length && parts.every((part, i) => (part === null ? given[i] !== '' : part === given[i])),
  ).map(({ method }) => method)
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
}
