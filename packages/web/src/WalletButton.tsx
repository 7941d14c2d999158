import { CountersignError, type PublicConfig } from '@countersign/sdk'
import { useRef, useState } from 'react'
import { useConnect, useConnection, useConnectors, useDisconnect, useSignMessage } from 'wagmi'
import { isFramed } from './embed.ts'
import * as Amount from './card/Amount.ts'
import { problemText, type SessionView } from './useSession.ts'
import { walletErrorText } from './words.ts'
import { t } from './text/text.ts'

/** The connected account; before that, the button that connects a wallet which announced itself (EIP-6963). */
export function Account({ session, config }: { session: SessionView; config: PublicConfig }) {
  const { address, isConnected } = useConnection()
  if (!isConnected || address === undefined) return <Connect session={session} config={config} />
  const isProven = session.signedIn?.toLowerCase() === address.toLowerCase()
  const status = isProven
    ? t().page.signedIn
    : session.signedIn === null
      ? t().page.notSignedIn
      : t().page.signedInAs(Amount.short(session.signedIn))
  return (
    <p className="flex shrink-0 items-center gap-2 rounded-xl border border-line px-2 py-1 md:px-2.5">
      <span className="address whitespace-nowrap" data-testid="account" title={address}>
        {Amount.short(address)}
      </span>
      <span
        className={`hidden text-sm whitespace-nowrap xl:inline ${isProven ? 'text-good' : 'text-quiet'}`}
        data-testid="account-status"
      >
        {status}
      </span>
    </p>
  )
}

/** Sign in and disconnect, where a wallet is connected. */
export function AccountActions({
  session,
  setProblem,
}: {
  session: SessionView
  setProblem: (text: string | null) => void
}) {
  const { address, isConnected } = useConnection()
  const disconnect = useDisconnect()
  const signIn = useSignIn(session, setProblem)
  if (!isConnected || address === undefined) return null
  return (
    <>
      {session.signedIn === null && signIn !== null && (
        <button type="button" className="button" onClick={signIn}>
          {t().page.signIn}
        </button>
      )}
      <button type="button" className="button" onClick={() => disconnect.mutate({})}>
        {t().page.disconnect}
      </button>
    </>
  )
}

/** Signs in with the connected wallet; null where none is connected. */
export function useSignIn(session: SessionView, setProblem: (text: string | null) => void): (() => void) | null {
  const { address, chainId, isConnected } = useConnection()
  const signMessage = useSignMessage()
  if (!isConnected || address === undefined) return null
  return () => {
    setProblem(null)
    session
      .signIn({ address, chainId: chainId ?? 0 }, (message) => signMessage.mutateAsync({ message }))
      .catch((error: unknown) =>
        setProblem(error instanceof CountersignError ? problemText(error) : walletErrorText(error)),
      )
  }
}

/** Names are what wallets say of themselves. */
function Connect({ session, config }: { session: SessionView; config: PublicConfig }) {
  const connectors = useConnectors()
  const connect = useConnect()
  const dialog = useRef<HTMLDialogElement>(null)
  const [problem, setProblem] = useState<string | null>(null)

  function use(connector: (typeof connectors)[number]): void {
    setProblem(null)
    // A promise, because this component is gone once the account shows: its callbacks would never run.
    connect
      .mutateAsync({ connector })
      .then(async ({ accounts, chainId }) => {
        dialog.current?.close()
        const local = config.chains.find((chain) => chain.local && chain.chain_id === chainId)
        const [account] = accounts
        if (local === undefined || account === undefined || connector.id !== TEST_WALLET_ID) return
        await session.client.faucet(account, local.chain_id).catch(() => undefined)
      })
      .catch((error: unknown) => setProblem(walletErrorText(error)))
  }

  return (
    <>
      <button
        type="button"
        className="button border-transparent bg-accent px-3 whitespace-nowrap text-on-accent md:px-4"
        onClick={() => dialog.current?.showModal()}
      >
        {t().page.connectWallet}
      </button>
      <dialog ref={dialog} aria-labelledby="connect-title" className="panel w-[min(26rem,calc(100vw-2rem))]">
        <h2 id="connect-title" className="text-lg font-semibold">
          {t().connect.title}
        </h2>
        <p className="mt-1 text-sm text-quiet">{t().connect.about}</p>
        <ul className="mt-4 space-y-2">
          {connectors.map((connector) => (
            <li key={connector.uid}>
              <button
                type="button"
                className="button flex w-full items-center gap-3 text-left"
                onClick={() => use(connector)}
              >
                {connector.icon !== undefined && <img src={connector.icon} alt="" className="size-6 rounded" />}
                <span>{connector.name}</span>
              </button>
            </li>
          ))}
        </ul>
        {connectors.length === 0 && (
          <p className="mt-4 text-sm [overflow-wrap:anywhere]">{t().connect.none(window.location.origin)}</p>
        )}
        {connectors.length === 0 && isFramed() && (
          // Many wallets announce themselves to pages, and not to frames in them.
          <a className="button mt-3" href={window.location.pathname} target="_blank" rel="noopener">
            {t().connect.ownTab}
          </a>
        )}
        {problem !== null && (
          <p role="alert" className="mt-3 text-sm text-bad">
            {problem}
          </p>
        )}
        <div className="panel-foot">
          <button type="button" className="button w-full" onClick={() => dialog.current?.close()}>
            {t().connect.close}
          </button>
        </div>
      </dialog>
    </>
  )
}

const TEST_WALLET_ID = 'invalid.countersign.test-wallet'
