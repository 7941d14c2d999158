import type { Clock } from '@countersign/base'
import type { ToolSet } from 'ai'
import type { App } from '../apps/App.ts'
import { handlesIn } from '../apps/ToolSpec.ts'
import type { Chain } from '../chains/Chain.ts'
import type { Gate } from '../proposals/Gate.ts'
import type { Heard } from '../provenance/Provenance.ts'
import type { Session } from '../sessions/Session.ts'
import type { StorageCaps } from '../sessions/Storage.ts'
import type { Store } from '../store/openStore.ts'
import { createDeclaredTools } from '../tools/createDeclaredTools.ts'
import { createDocumentTools } from '../tools/createDocumentTools.ts'
import { createTools } from '../tools/createTools.ts'
import { createDeclaredHost, type DeclaredTools } from './createDeclaredHost.ts'
import { createToolHost, refuseMoreProposals } from './createToolHost.ts'
import { holdToScope, scopeOfTurn } from './toolScope.ts'

interface TurnTools {
  readonly clock: Clock.Clock
  readonly store: Store
  /** The store, for as long as the turn holds. */
  readonly fenced: Store
  readonly gate: Gate
  readonly caps: StorageCaps
  readonly declared?: DeclaredTools
}

/** Every tool that a turn may call: built-in ones and those of the app, within the scope of the turn. */
export function toolsOfTurn(
  { clock, fenced, store, gate, caps, declared }: TurnTools,
  {
    session,
    app,
    turnId,
    chain,
    userTexts,
  }: { session: Session; app: App; turnId: string; chain: Chain | undefined; userTexts: readonly string[] },
): ToolSet {
  const own = { ...gate, store: fenced }
  const maxProposals = caps.sessionProposals
  const heard: Heard[] = []
  const host = chain === undefined ? null : createToolHost(own, { session, chain, userTexts, maxProposals, turnId })
  const builtin =
    host === null
      ? {}
      : createTools(host, { allow: app.tools, nowS: () => BigInt(Math.floor(clock.nowMs() / 1000)), heard })
  const searching =
    declared === undefined || app.documentTools === undefined
      ? {}
      : createDocumentTools({ app: app.name, names: app.documentTools, search: declared.searchDocuments, heard })
  if (declared === undefined || (app.declared ?? []).length === 0)
    return holdToScope({ ...builtin, ...searching }, scopeOfTurn(store, { sid: session.sid, app }))
  const keyId = store
    .prepare<{ key_id: string | null }>(
      `select json_extract(turn_authority, '$.keyId') as key_id from sessions where sid = ?`,
    )
    .get(session.sid)?.key_id
  const declaredHost = createDeclaredHost(own, declared, {
    session,
    app,
    turnId,
    keyId: keyId ?? null,
    userTexts,
    host,
    heard,
    refuseMore: () => refuseMoreProposals(own, { session, maxProposals }),
  })
  const offered = (app.declared ?? []).filter(
    ({ call }) =>
      call.auth === null || handlesIn(call.auth.value).every((name) => declared.hasSecret(app, session, name)),
  )
  return holdToScope(
    { ...builtin, ...searching, ...createDeclaredTools(declaredHost, offered) },
    scopeOfTurn(store, { sid: session.sid, app }),
  )
}
