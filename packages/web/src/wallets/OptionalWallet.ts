/**
 * Wallets that an operator installs beside the page. Each runs in a frame of its own, without an origin and under a policy
 * of its own: it sees neither the page, its cookie nor its storage. Page and frame speak over a port, in what stands here.
 */
export type WalletId = 'walletconnect' | 'para'

export const NAMES: Readonly<Record<WalletId, string>> = { walletconnect: 'WalletConnect', para: 'Para' }

/** What a wallet is started with. Nothing of it is secret: the operator publishes it to every browser. */
export interface Settings {
  /** The project id of WalletConnect, or the publishable API key of Para. */
  readonly key: string
  /** Of Para; null elsewhere. */
  readonly environment: string | null
}

export interface Opening {
  readonly kind: 'open'
  readonly settings: Settings
  readonly chainIds: readonly number[]
  /** The chain to begin with. */
  readonly chainId: number
  readonly language: string
  readonly page: { readonly name: string; readonly url: string }
}

export interface Failure {
  readonly code: number
  readonly message: string
}

/** From the page into the frame. */
export type ToFrame =
  | Opening
  | { readonly kind: 'request'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly result?: unknown; readonly error?: Failure }

/** From the frame to the page. */
export type FromFrame =
  | { readonly kind: 'answer'; readonly id: number; readonly result?: unknown; readonly error?: Failure }
  /** The frame asks the chain through the page, so that it needs no provider of its own. */
  | {
      readonly kind: 'rpc'
      readonly id: number
      readonly chainId: number
      readonly method: string
      readonly params: unknown
    }
  /** Whether its owner has something to read or press in the frame. */
  | { readonly kind: 'show'; readonly isShown: boolean }
  | {
      readonly kind: 'event'
      readonly event: 'accountsChanged' | 'chainChanged' | 'disconnect'
      readonly value: unknown
    }

/** What a page may ask a wallet in a frame. Everything else is answered 4200, and the frame hears nothing of it. */
export const REQUESTS: ReadonlySet<string> = new Set([
  'eth_requestAccounts',
  'personal_sign',
  'eth_signTypedData_v4',
  'eth_sendTransaction',
  'wallet_switchEthereumChain',
])

/** What a frame may ask the chain: what is needed to complete a transaction, and to send what its owner signed. */
export const READS: ReadonlySet<string> = new Set([
  'eth_getTransactionCount',
  'eth_estimateGas',
  'eth_gasPrice',
  'eth_maxPriorityFeePerGas',
  'eth_getBlockByNumber',
  'eth_sendRawTransaction',
])

/** An error as wallets report it (EIP-1193). */
export function walletError(code: number, message: string): Error & { readonly code: number } {
  return Object.assign(new TypeError(message), { code })
}

/** What went wrong, as it crosses the port: a code and a short text, whatever was thrown. */
export function failureOf(error: unknown): Failure {
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as {
    code?: unknown
    message?: unknown
  }
  return {
    code: typeof code === 'number' && Number.isSafeInteger(code) ? code : -32603,
    message: typeof message === 'string' ? message.slice(0, 200) : 'The wallet gave no reason.',
  }
}
