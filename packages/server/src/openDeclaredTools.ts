import type { App } from './apps/App.ts'
import { inEnvironment } from './apps/SecretName.ts'
import type { Chain } from './chains/Chain.ts'
import { listCalls, listLedger } from './proposals/listLedger.ts'
import type { Registry } from './provenance/Provenance.ts'
import { loadSession } from './sessions/sessions.ts'
import type { Store } from './store/openStore.ts'
import { createToolRunner } from './tools/createToolRunner.ts'
import type { DeclaredTools } from './turns/createDeclaredHost.ts'

/** What the tools of apps are run with. A part of `compose.ts`, which calls it. */
export function openDeclaredTools(
  { store, apps, chains }: { store: Store; apps: ReadonlyMap<string, App>; chains: ReadonlyMap<number, Chain> },
  env: NodeJS.ProcessEnv,
): DeclaredTools {
  const valueOf = (app: App, name: string): string | null =>
    app.by === 'key' || app.secrets?.find((slot) => slot.name === name)?.from !== 'operator'
      ? null
      : inEnvironment(env, app.name, name)
  const secretsOf: DeclaredTools['secretsOf'] = async (app) =>
    new Map(
      (app.secrets ?? []).flatMap(({ name }) => {
        const value = valueOf(app, name)
        return value === null ? [] : [[name, value] as const]
      }),
    )
  const runner = createToolRunner({
    apps,
    secretsOf,
    registryOf: (app) => registryOf(app, chains),
    async ledgerOf(sid) {
      const session = loadSession(store, { sid })
      return [...(await listCalls(store.read, session)), ...(await listLedger(store.read, session))]
    },
  })
  return { runner, secretsOf, hasSecret: (app, _sid, name) => valueOf(app, name) !== null }
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
