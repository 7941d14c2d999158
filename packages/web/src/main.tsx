import { createClient, type PublicConfig } from '@countersign/sdk'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { defineChain } from 'viem'
import { createConfig, http, WagmiProvider, type CreateConnectorFn } from 'wagmi'
import { App } from './App.tsx'
import { appIn, enterFrame, isFramed } from './embed.ts'
import { proposalIn } from './proposalIn.ts'
import { questions } from './Questions.tsx'
import './styles.css'
import type { SigningRequest } from './testWallet.ts'
import { problemText } from './useSession.ts'
import { speakAsAsked } from './text/text.ts'

const root = createRoot(document.getElementById('root') as HTMLElement)

async function start(): Promise<void> {
  const isReach = window.location.pathname === '/reach'
  // Whoever follows a link of a message needs no wallet.
  const reach = isReach ? await import('./reach/LinkPage.tsx') : null
  const link = reach?.linkIn(window.location.hash) ?? null
  if (reach !== null && link !== null) {
    await speakAsAsked()
    return root.render(<reach.LinkPage link={link} />)
  }
  await enterFrame()
  const app = appIn(window.location.pathname)
  const client = createClient({ baseUrl: '', sessionId: crypto.randomUUID(), isOwnPage: true, app })
  // The cookie is this page's credential. A browser that keeps none without TLS has only the session id, as any client.
  const [config, hasCookie] = await Promise.all([client.config(), client.enter(), speakAsAsked()])
  for (const chain of config.chains.filter((each) => each.local)) {
    // Loaded only where it exists: a page for a real chain never sees it.
    const { announceTestWallet } = await import('./testWallet.ts')
    announceTestWallet({ chainId: chain.chain_id, rpcPath: chain.rpc_path, confirm })
  }
  // Only where the operator installed one, and only on a page of our own: a frame in a frame shows nobody's address.
  if (config.wallets !== undefined && !isFramed())
    (await import('./wallets/announceWallets.ts')).announceWallets(config)
  const reachPage = isReach ? await import('./reach/ReachPage.tsx') : null
  const asked = proposalIn(window.location.pathname)
  const proposalPage = asked === null ? null : await import('./ProposalPage.tsx')
  root.render(
    <StrictMode>
      <WagmiProvider config={wagmiConfig(config)}>
        <QueryClientProvider client={new QueryClient()}>
          {reachPage !== null ? (
            <reachPage.ReachPage config={config} hasCookie={hasCookie} />
          ) : asked === null || proposalPage === null ? (
            <App config={config} hasCookie={hasCookie} />
          ) : (
            <proposalPage.ProposalPage id={asked} config={config} hasCookie={hasCookie} />
          )}
        </QueryClientProvider>
      </WagmiProvider>
    </StrictMode>,
  )
}

/** Wallets by EIP-6963 only: no key, no network, no SDK; optional ones stand in frames and announce themselves so, too. Reads go through this origin. */
function wagmiConfig(config: PublicConfig) {
  const chains = config.chains.map((chain) =>
    defineChain({
      id: chain.chain_id,
      name: chain.name,
      nativeCurrency: {
        name: chain.native_symbol,
        symbol: chain.native_symbol,
        decimals: chain.native?.decimals ?? 18,
      },
      rpcUrls: { default: { http: [new URL(chain.rpc_path, window.location.href).href] } },
    }),
  )
  const [first, ...rest] = chains
  if (first === undefined) throw new Error('No chain is configured.')
  return createConfig({
    chains: [first, ...rest],
    connectors: [] as CreateConnectorFn[],
    multiInjectedProviderDiscovery: true,
    transports: Object.fromEntries(chains.map((chain) => [chain.id, http()])),
  })
}

function confirm(request: SigningRequest): Promise<boolean> {
  return new Promise((resolve) =>
    questions.dispatchEvent(new CustomEvent('ask', { detail: { request, answer: resolve } })),
  )
}

start().catch((error: unknown) => {
  root.render(
    <main className="p-8">
      <h1 className="text-lg font-bold">Countersign</h1>
      <p role="alert" className="mt-2">
        {problemText(error)}
      </p>
    </main>,
  )
})
