import { askChainsOf } from './askChainsOf.ts'
import type { App } from './apps/App.ts'
import type { Chain } from './chains/Chain.ts'
import { listCalls, listLedger } from './proposals/listLedger.ts'
import type { OpenApps } from './openApps.ts'
import type { Registry } from './provenance/Provenance.ts'
import type { Session } from './sessions/Session.ts'
import { loadSession } from './sessions/sessions.ts'
import type { Store } from './store/openStore.ts'
import { createToolRunner } from './tools/createToolRunner.ts'
import type { DeclaredTools } from './turns/createDeclaredHost.ts'

/** What the tools of apps are run with. A part of `compose.ts`, which calls it. */
export function openDeclaredTools({
  store,
  apps,
  chains,
  secrets,
  documents,
  secretOf,
}: Pick<OpenApps, 'secrets' | 'documents' | 'secretOf'> & {
  store: Store
  apps: ReadonlyMap<string, App>
  chains: ReadonlyMap<number, Chain>
}): DeclaredTools {
  documents.useChains((app) => askChainsOf(apps.get(app), chains))
  const valueOf = (app: App, session: Session | null, name: string): string | null => {
    const slot = app.secrets?.find((each) => each.name === name)
    if (slot === undefined) return null
    if (slot.from === 'operator') return secretOf(app, name)
    // Whoever asks outside of a session has nobody's secrets.
    return session === null ? null : secrets.users(app.name, name, session)
  }
  const secretsOf: DeclaredTools['secretsOf'] = async (app, sid) => {
    const session = sid === null ? null : loadSession(store, { sid })
    return new Map(
      (app.secrets ?? []).flatMap(({ name }) => {
        const value = valueOf(app, session, name)
        return value === null ? [] : [[name, value] as const]
      }),
    )
  }
  const runner = createToolRunner({
    apps,
    secretsOf,
    registryOf: (app) => registryOf(app, chains),
    async ledgerOf(sid) {
      if (sid === null) return []
      const session = loadSession(store, { sid })
      return [...(await listCalls(store.read, session)), ...(await listLedger(store.read, session))]
    },
  })
  return {
    runner,
    secretsOf,
    searchDocuments: (app, asked) => documents.search(app, asked),
    hasSecret: (app, session, name) => valueOf(app, session, name) !== null,
  }
}

/** What the chains of an app call by name. */
function registryOf(app: App, chains: ReadonlyMap<number, Chain>): Registry {
  const own = [...chains.values()].filter(({ chainId }) => app.chains?.includes(chainId) ?? true)
  return {
    nativeSymbol: own[0]?.nativeSymbol ?? 'ETH',
    tokens: own.flatMap(({ tokens }) => tokens),
    contracts: own.flatMap(({ contracts }) => contracts),
  }
}
