import { walletError } from '../OptionalWallet.ts'
import type { Adapter, Surroundings } from './answerPage.ts'

export interface Session {
  readonly topic: string
  readonly namespaces: Readonly<Record<string, { readonly accounts: readonly string[] }>>
}

/** What is used of `SignClient` of `@walletconnect/sign-client`, and nothing else of it. */
export interface SignClient {
  connect(proposal: {
    readonly optionalNamespaces: Readonly<
      Record<string, { readonly chains: string[]; readonly methods: string[]; readonly events: string[] }>
    >
  }): Promise<{ readonly uri?: string | undefined; readonly approval: () => Promise<Session> }>
  request(asked: {
    readonly topic: string
    readonly chainId: string
    readonly request: { readonly method: string; readonly params: unknown }
  }): Promise<unknown>
  on(event: 'session_delete' | 'session_expire' | 'session_event', listener: (event: never) => void): unknown
}

/** What a paired wallet is asked for. `eth_sign` and `eth_signTransaction` are not: both sign what nobody can read. */
const METHODS = ['personal_sign', 'eth_signTypedData_v4', 'eth_sendTransaction']

/**
 * A wallet on another device, paired by a code that its owner scans.
 *
 * @param showCode - Shows the pairing code; with null takes it away.
 */
export async function createWalletConnect(
  client: SignClient,
  { opening, show, emit }: Surroundings,
  showCode: (uri: string | null) => void,
): Promise<Adapter> {
  let session: Session | null = null
  let { chainId } = opening

  const end = (event: { readonly topic?: string }): void => {
    if (session === null || event.topic !== session.topic) return
    session = null
    emit('disconnect', null)
  }
  client.on('session_delete', end)
  client.on('session_expire', end)
  client.on('session_event', (event: { topic: string; params?: { event?: { name?: string } } }) => {
    if (event.topic === session?.topic && event.params?.event?.name === 'accountsChanged')
      emit('accountsChanged', accountsOn(session, chainId))
  })

  return {
    async connect() {
      if (session !== null) return accountsOn(session, chainId)
      const { uri, approval } = await client.connect({
        optionalNamespaces: {
          eip155: {
            chains: opening.chainIds.map((id) => `eip155:${id}`),
            methods: [...METHODS],
            events: ['accountsChanged', 'chainChanged'],
          },
        },
      })
      if (uri !== undefined) showCode(uri)
      show(true)
      try {
        session = await approval()
      } catch {
        throw walletError(4001, 'The wallet did not agree to connect.')
      } finally {
        showCode(null)
        show(false)
      }
      // The wallet says on which of the chains it has an account.
      const served = opening.chainIds.find((id) => accountsOn(session, id).length > 0)
      if (served === undefined) throw walletError(4902, 'The wallet has no account on a chain of this server.')
      if (accountsOn(session, chainId).length === 0) chainId = served
      emit('chainChanged', chainId)
      return accountsOn(session, chainId)
    },
    async switchChain(next) {
      if (accountsOn(session, next).length === 0)
        throw walletError(4902, 'The wallet has no account on this chain. Connect it again and choose the chain there.')
      chainId = next
      emit('chainChanged', chainId)
      emit('accountsChanged', accountsOn(session, chainId))
    },
    async request(method, params) {
      if (session === null) throw walletError(4900, 'The wallet is not connected.')
      if (!METHODS.includes(method)) throw walletError(4200, 'This wallet cannot do that.')
      return client.request({ topic: session.topic, chainId: `eip155:${chainId}`, request: { method, params } })
    },
  }
}

/** Accounts of a session on one chain: `eip155:1:0x…` says both. */
function accountsOn(session: Session | null, chainId: number): string[] {
  const all = session?.namespaces['eip155']?.accounts ?? []
  return all.flatMap((each) => {
    const [, chain, address] = each.split(':')
    return chain === String(chainId) && address !== undefined ? [address] : []
  })
}
