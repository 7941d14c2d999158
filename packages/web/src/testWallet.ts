import {
  createWalletClient,
  custom,
  hexToBigInt,
  hexToString,
  type Address,
  type EIP1193Provider,
  type Hex,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** What the test wallet asks its owner to confirm: a transaction, a document (EIP-712), or a text. */
export type SigningRequest =
  | {
      readonly kind: 'transaction'
      readonly to: string | null
      readonly value: bigint
      readonly data: Hex
      readonly gas: bigint | null
    }
  | {
      readonly kind: 'document'
      readonly document: { readonly primaryType: string; readonly domain: unknown; readonly message: unknown }
    }
  | { readonly kind: 'message'; readonly text: string }

/** Shows the request and resolves with the owner's answer. */
export type Confirm = (request: SigningRequest) => Promise<boolean>

const NAME = 'Countersign test wallet (local chain only)'

/** Only the letter T: an image that loads nothing. */
const ICON =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22%3E%3Crect width=%2232%22 height=%2232%22 rx=%226%22 fill=%22%238a5200%22/%3E%3Cpath d=%22M8 9h16M16 9v15%22 stroke=%22white%22 stroke-width=%223%22/%3E%3C/svg%3E'

/** Where the key waits out a reload: this tab only, gone when it closes, and worth nothing on any real chain. */
const KEY_SLOT = 'countersign.test-wallet'
/** Whether this page was allowed to see the account. */
const ALLOWED_SLOT = 'countersign.test-wallet.allowed'

/**
 * Announces a wallet whose key is made in this tab (EIP-6963), for the built-in local chain. The key is never sent
 * anywhere: transactions are signed here and only the signed bytes leave, through the page's own origin.
 */
export function announceTestWallet({
  chainId,
  rpcPath,
  confirm,
}: {
  chainId: number
  rpcPath: string
  confirm: Confirm
}): void {
  const provider = createProvider({ chainId, rpcPath, confirm })
  const detail = Object.freeze({
    info: Object.freeze({ uuid: crypto.randomUUID(), name: NAME, icon: ICON, rdns: 'invalid.countersign.test-wallet' }),
    provider,
  })
  const announce = (): void => void window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
  window.addEventListener('eip6963:requestProvider', announce)
  announce()
}

function createProvider({
  chainId,
  rpcPath,
  confirm,
}: {
  chainId: number
  rpcPath: string
  confirm: Confirm
}): EIP1193Provider {
  const account = privateKeyToAccount(loadKey())
  const node = async (method: string, params: unknown): Promise<unknown> => {
    const response = await fetch(rpcPath, {
      method: 'POST',
      // Our own page: what it sends is a card's of this browser.
      headers: { 'content-type': 'application/json', 'x-countersign-page': '1' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const body = (await response.json()) as { result?: unknown; error?: { code: number; message: string } }
    if (body.error !== undefined) throw rpcError(body.error.code, body.error.message)
    return body.result
  }
  const client = createWalletClient({
    account,
    transport: custom({ request: ({ method, params }) => node(method, params) }),
  })

  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    switch (method) {
      case 'eth_requestAccounts':
        sessionStorage.setItem(ALLOWED_SLOT, '1')
        return [account.address]
      case 'eth_accounts':
        return sessionStorage.getItem(ALLOWED_SLOT) === null ? [] : [account.address]
      case 'wallet_revokePermissions':
        sessionStorage.removeItem(ALLOWED_SLOT)
        return null
      case 'wallet_requestPermissions':
        sessionStorage.setItem(ALLOWED_SLOT, '1')
        return [{ parentCapability: 'eth_accounts' }]
      case 'eth_chainId':
        return `0x${chainId.toString(16)}`
      case 'wallet_switchEthereumChain':
        if (Number((params as [{ chainId: Hex }])[0].chainId) === chainId) return null
        throw rpcError(4902, 'The test wallet knows only the local chain.')
      case 'eth_sendTransaction': {
        const [tx] = params as [{ from?: Address; to?: Address; value?: Hex; data?: Hex; gas?: Hex }]
        if (tx.from !== undefined && tx.from.toLowerCase() !== account.address.toLowerCase())
          throw rpcError(4100, 'Not an account of this wallet.')
        const call = {
          kind: 'transaction',
          to: tx.to ?? null,
          value: tx.value === undefined ? 0n : hexToBigInt(tx.value),
          data: tx.data ?? '0x',
          gas: tx.gas === undefined ? null : hexToBigInt(tx.gas),
        } as const
        if (!(await confirm(call))) throw rpcError(4001, 'You rejected it in the wallet.')
        return client.sendTransaction({
          chain: null,
          to: call.to,
          value: call.value,
          data: call.data,
          ...(call.gas === null ? {} : { gas: call.gas }),
        })
      }
      case 'eth_signTypedData_v4': {
        const [from, text] = params as [Address, string]
        if (from.toLowerCase() !== account.address.toLowerCase()) throw rpcError(4100, 'Not an account of this wallet.')
        const document = JSON.parse(text) as { primaryType: string; domain: unknown; message: unknown }
        if (!(await confirm({ kind: 'document', document }))) throw rpcError(4001, 'You rejected it in the wallet.')
        return account.signTypedData(document as unknown as Parameters<typeof account.signTypedData>[0])
      }
      case 'personal_sign': {
        const [raw, signer] = params as [Hex, Address]
        if (signer.toLowerCase() !== account.address.toLowerCase())
          throw rpcError(4100, 'Not an account of this wallet.')
        if (!(await confirm({ kind: 'message', text: hexToString(raw) })))
          throw rpcError(4001, 'You rejected it in the wallet.')
        return account.signMessage({ message: { raw } })
      }
      case 'eth_sign':
        throw rpcError(4200, 'The test wallet signs transactions, typed data and sign-ins only.')
      default:
        return node(method, params)
    }
  }
  return { request, on: () => undefined, removeListener: () => undefined } as unknown as EIP1193Provider
}

function loadKey(): Hex {
  const kept = sessionStorage.getItem(KEY_SLOT)
  if (kept !== null && /^0x[0-9a-f]{64}$/.test(kept)) return kept as Hex
  const fresh = generatePrivateKey()
  sessionStorage.setItem(KEY_SLOT, fresh)
  return fresh
}

function rpcError(code: number, message: string): Error {
  return Object.assign(new Error(message), { code })
}
