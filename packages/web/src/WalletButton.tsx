import { CountersignError, type PublicConfig } from '@countersign/sdk'
import { useRef, useState } from 'react'
import { useConnect, useConnection, useConnectors, useDisconnect, useSignMessage } from 'wagmi'
import { problemText, type SessionView } from './useSession.ts'
import { walletErrorText } from './words.ts'

/** Connects a wallet that announced itself (EIP-6963). Names are what wallets say of themselves. */
export function WalletButton({ session, config }: { session: SessionView; config: PublicConfig }) {
  const connection = useConnection()
  const connectors = useConnectors()
  const connect = useConnect()
  const disconnect = useDisconnect()
  const dialog = useRef<HTMLDialogElement>(null)
  const signMessage = useSignMessage()
  const [problem, setProblem] = useState<string | null>(null)

  if (connection.isConnected) {
    const { address = '0x', chainId = 0 } = connection
    const isProven = session.signedIn?.toLowerCase() === address.toLowerCase()
    const signIn = (): void => {
      setProblem(null)
      session
        .signIn({ address, chainId }, (message) => signMessage.mutateAsync({ message }))
        .catch((error: unknown) =>
          setProblem(error instanceof CountersignError ? problemText(error) : walletErrorText(error)),
        )
    }
    return (
      <div className="flex min-w-0 flex-wrap items-center justify-end gap-2">
        <span className="address hidden sm:inline" data-testid="account">
          {`${address.slice(0, 8)}…${address.slice(-6)}`}
        </span>
        <span className={`text-sm ${isProven ? 'text-good' : 'text-quiet'}`} data-testid="account-status">
          {isProven ? 'signed in' : session.signedIn === null ? 'claimed, not proven' : 'another account signed in'}
        </span>
        {session.signedIn === null && (
          <button type="button" className="button" onClick={signIn}>
            Sign in
          </button>
        )}
        {problem !== null && (
          <span role="alert" className="text-sm text-bad">
            {problem}
          </span>
        )}
        <button type="button" className="button" onClick={() => disconnect.mutate({})}>
          Disconnect
        </button>
      </div>
    )
  }
  return (
    <>
      <button
        type="button"
        className="button border-transparent bg-accent text-on-accent"
        onClick={() => dialog.current?.showModal()}
      >
        Connect wallet
      </button>
      <dialog
        ref={dialog}
        aria-labelledby="connect-title"
        className="m-auto w-[min(26rem,calc(100vw-2rem))] rounded-xl border border-line bg-sheet p-5 text-ink"
      >
        <h2 id="connect-title" className="text-lg font-semibold">
          Connect a wallet
        </h2>
        <p className="mt-1 text-sm text-quiet">Connecting shows your address to this page. It can move nothing.</p>
        <ul className="mt-4 space-y-2">
          {connectors.map((connector) => (
            <li key={connector.uid}>
              <button
                type="button"
                className="button flex w-full items-center gap-3 text-left"
                onClick={() => {
                  setProblem(null)
                  connect.mutate(
                    { connector },
                    {
                      onError: (error) => setProblem(walletErrorText(error)),
                      onSuccess: ({ accounts, chainId }) => {
                        dialog.current?.close()
                        const local = config.chains.find((chain) => chain.local && chain.chain_id === chainId)
                        const [account] = accounts
                        if (local !== undefined && account !== undefined && connector.id === TEST_WALLET_ID) {
                          void session.client
                            .faucet(account, local.chain_id)
                            .catch(() => setProblem('The faucet did not answer.'))
                        }
                      },
                    },
                  )
                }}
              >
                {connector.icon !== undefined && <img src={connector.icon} alt="" className="size-6 rounded" />}
                <span>{connector.name}</span>
              </button>
            </li>
          ))}
        </ul>
        {connectors.length === 0 && (
          <p className="mt-4 text-sm">No wallet announced itself. Install one in this browser, then reload the page.</p>
        )}
        {problem !== null && (
          <p role="alert" className="mt-3 text-sm text-bad">
            {problem}
          </p>
        )}
        <button type="button" className="button mt-4 w-full" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </dialog>
    </>
  )
}

const TEST_WALLET_ID = 'invalid.countersign.test-wallet'
