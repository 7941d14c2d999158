import {
  READS,
  REQUESTS,
  walletError,
  failureOf,
  type Failure,
  type FromFrame,
  type Opening,
  type ToFrame,
} from './OptionalWallet.ts'

/** The port to a frame; a part of `MessagePort`. */
export interface Port {
  postMessage(message: ToFrame): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  start(): void
  close(): void
}

export interface FrameWalletOptions {
  /** Puts the frame into the page and waits for its port. Only called when its owner connects. */
  readonly open: () => Promise<Port>
  /** Takes the frame away again. */
  readonly close: () => void
  readonly show: (isShown: boolean) => void
  readonly opening: Opening
  /** Asks a chain through the page's own origin. */
  readonly rpc: (chainId: number, method: string, params: unknown) => Promise<unknown>
}

type Listener = (value: unknown) => void

/**
 * A wallet (EIP-1193) whose code runs in a frame. Nothing is loaded before its owner connects. What the frame says is
 * checked before the page believes it: accounts are addresses, signatures and hashes are hex, and methods that are not
 * listed reach neither side.
 */
export function createFrameWallet({ open, close, show, opening, rpc }: FrameWalletOptions) {
  const listeners = new Map<string, Set<Listener>>()
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let frame: Promise<Port> | null = null
  /** The end of the frame that is open now; what any other says is nobody's. */
  let held: Port | null = null
  let accounts: readonly string[] = []
  let chainId = opening.chainId
  let lastId = 0

  const emit = (event: string, value: unknown): void => listeners.get(event)?.forEach((each) => each(value))

  function hear(port: Port, message: FromFrame): void {
    switch (message.kind) {
      case 'answer': {
        const asked = waiting.get(message.id)
        waiting.delete(message.id)
        if (message.error === undefined) return asked?.resolve(message.result)
        const { code, message: text } = failureOf(message.error)
        return asked?.reject(walletError(code, text))
      }
      case 'rpc':
        return void answerRead(port, message)
      case 'show':
        return show(message.isShown === true)
      case 'event':
        return noteEvent(message.event, message.value)
    }
  }

  async function answerRead(
    port: Port,
    { id, chainId: on, method, params }: FromFrame & { kind: 'rpc' },
  ): Promise<void> {
    const answer: { result?: unknown; error?: Failure } =
      READS.has(method) && opening.chainIds.includes(on)
        ? await rpc(on, method, params).then(
            (result) => ({ result }),
            (error: unknown) => ({ error: failureOf(error) }),
          )
        : { error: { code: 4200, message: 'Not for this frame.' } }
    port.postMessage({ kind: 'answer', id, ...answer })
  }

  function noteEvent(event: string, value: unknown): void {
    if (event === 'accountsChanged') {
      accounts = addressesIn(value)
      emit('accountsChanged', accounts)
    } else if (event === 'chainChanged' && typeof value === 'number' && opening.chainIds.includes(value)) {
      chainId = value
      emit('chainChanged', hexOf(value))
    } else if (event === 'disconnect') forget()
  }

  /** The frame is gone, and with it whatever it held: what waits for it has failed. */
  function forget(): void {
    frame = null
    held?.close()
    held = null
    accounts = []
    close()
    for (const asked of waiting.values()) asked.reject(walletError(4001, 'The wallet was closed.'))
    waiting.clear()
    emit('accountsChanged', [])
  }

  async function ask(method: string, params: unknown): Promise<unknown> {
    frame ??= open().then((port) => {
      held = port
      port.addEventListener('message', ({ data }) => port === held && hear(port, data as FromFrame))
      port.start()
      port.postMessage(opening)
      return port
    })
    // What did not load can be tried again.
    const port = await frame.catch((error: unknown) => {
      frame = null
      throw error
    })
    lastId += 1
    const id = lastId
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      port.postMessage({ kind: 'request', id, method, params })
    })
  }

  async function request({ method, params }: { method: string; params?: unknown }): Promise<unknown> {
    if (method === 'eth_accounts') return accounts
    if (method === 'eth_chainId') return hexOf(chainId)
    if (method === 'wallet_revokePermissions') {
      if (frame !== null) forget()
      return null
    }
    if (!REQUESTS.has(method)) throw walletError(4200, 'This wallet cannot do that.')
    if (method === 'eth_requestAccounts') {
      accounts = addressesIn(await ask(method, params))
      if (accounts.length === 0) throw walletError(4001, 'The wallet gave no account.')
      return accounts
    }
    if (accounts.length === 0) throw walletError(4100, 'Connect the wallet first.')
    const answer = await ask(method, params)
    if (method === 'wallet_switchEthereumChain') return null
    if (typeof answer !== 'string' || !/^0x[0-9a-f]{64,8192}$/i.test(answer))
      throw walletError(-32603, 'The wallet gave no signature.')
    return answer
  }

  return {
    request,
    on(event: string, listener: Listener) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener))
    },
    removeListener(event: string, listener: Listener) {
      listeners.get(event)?.delete(listener)
    },
    /** The owner closed the frame. */
    cancel: forget,
  }
}

function addressesIn(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return []
  return value.filter((each): each is string => typeof each === 'string' && /^0x[0-9a-f]{40}$/i.test(each)).slice(0, 20)
}

const hexOf = (value: number): string => `0x${value.toString(16)}`
