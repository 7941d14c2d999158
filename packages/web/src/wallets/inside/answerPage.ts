import { failureOf, REQUESTS, walletError, type FromFrame, type Opening, type ToFrame } from '../OptionalWallet.ts'

/** Asks a chain through the page. */
export type Rpc = (chainId: number, method: string, params: unknown) => Promise<unknown>

/** What a wallet's adapter is given. */
export interface Surroundings {
  readonly opening: Opening
  readonly rpc: Rpc
  readonly show: (isShown: boolean) => void
  readonly emit: (event: 'accountsChanged' | 'chainChanged' | 'disconnect', value: unknown) => void
}

/** A wallet inside of its frame. */
export interface Adapter {
  connect(): Promise<readonly string[]>
  switchChain(chainId: number): Promise<void>
  /** `personal_sign`, `eth_signTypedData_v4` or `eth_sendTransaction`, as the page asked it. */
  request(method: string, params: readonly unknown[]): Promise<unknown>
}

/** The frame's end of the port; a part of `MessagePort`. */
export interface InnerPort {
  postMessage(message: FromFrame): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  start(): void
}

/** Answers the page over a port, from its first message on. Methods that are not listed do not reach the adapter. */
export function answerPage(port: InnerPort, start: (surroundings: Surroundings) => Promise<Adapter>): void {
  let adapter: Promise<Adapter> | null = null
  let chainIds: readonly number[] = []
  let lastId = 0
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()

  const rpc: Rpc = (chainId, method, params) => {
    lastId += 1
    const id = lastId
    port.postMessage({ kind: 'rpc', id, chainId, method, params })
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
  }

  async function run(method: string, params: unknown): Promise<unknown> {
    if (adapter === null || !REQUESTS.has(method)) throw walletError(4200, 'This wallet cannot do that.')
    const wallet = await adapter
    if (method === 'eth_requestAccounts') return wallet.connect()
    if (!Array.isArray(params)) throw walletError(-32602, 'The parameters are not a list.')
    if (method !== 'wallet_switchEthereumChain') return wallet.request(method, params)
    const chainId = Number((params[0] as { chainId?: unknown } | undefined)?.chainId)
    if (!chainIds.includes(chainId)) throw walletError(4902, 'This chain is not served here.')
    await wallet.switchChain(chainId)
    return null
  }

  const hear = ({ data }: { readonly data: unknown }): void => {
    const message = data as ToFrame
    if (message.kind === 'open') {
      chainIds = message.chainIds
      adapter = start({
        opening: message,
        rpc,
        show: (isShown) => port.postMessage({ kind: 'show', isShown }),
        emit: (event, value) => port.postMessage({ kind: 'event', event, value }),
      })
      // Whoever asks next hears why.
      adapter.catch(() => undefined)
    } else if (message.kind === 'answer') {
      const asked = waiting.get(message.id)
      waiting.delete(message.id)
      if (message.error === undefined) asked?.resolve(message.result)
      else asked?.reject(walletError(message.error.code, message.error.message))
    } else {
      const { id, method, params } = message
      run(method, params).then(
        (result) => port.postMessage({ kind: 'answer', id, result }),
        (error: unknown) => port.postMessage({ kind: 'answer', id, error: failureOf(error) }),
      )
    }
  }
  port.addEventListener('message', hear)
  port.start()
}
