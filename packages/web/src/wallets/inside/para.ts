import {
  createWalletClient,
  custom,
  defineChain,
  hashMessage,
  hashTypedData,
  hexToBytes,
  isAddressEqual,
  keccak256,
  recoverAddress,
  serializeTransaction,
  type Address,
  type Hex,
  type TransactionSerializable,
} from 'viem'
import { toAccount } from 'viem/accounts'
import { walletError } from '../OptionalWallet.ts'
import type { Adapter, Surroundings } from './answerPage.ts'

/** Where its owner stands on the way to an account. */
export interface AuthState {
  readonly stage: 'verify' | 'signup' | 'login' | 'done'
  readonly loginUrl?: string
  readonly passkeyUrl?: string
  readonly passwordUrl?: string
  readonly pinUrl?: string
}

/** What is used of `ParaWeb` of `@getpara/web-sdk`, and nothing else of it: see `bans.test.ts`. */
export interface Para {
  isFullyLoggedIn(): Promise<boolean>
  signUpOrLogIn(asked: { readonly auth: { readonly email: string } }): Promise<AuthState>
  verifyNewAccount(asked: { readonly verificationCode: string }): Promise<AuthState>
  waitForLogin(asked: object): Promise<unknown>
  waitForSignup(asked: object): Promise<unknown>
  waitForWalletCreation(asked: object): Promise<unknown>
  getWalletsByType(type: 'EVM'): readonly { readonly id: string; readonly address?: string }[]
  signMessage(asked: { readonly walletId: string; readonly messageBase64: string }): Promise<Signed>
  signTransaction(asked: {
    readonly walletId: string
    readonly rlpEncodedTxBase64: string
    readonly chainId: string
  }): Promise<Signed>
}

/** A signature in hex without `0x`; anything else is no signature. */
export type Signed = { readonly signature?: string }

/** What the owner is asked on the way to an account. */
export interface ParaPanel {
  ask(what: 'email' | 'code'): Promise<string>
  /** A page of Para, which the owner opens in a window of its own. */
  link(url: string): void
  clear(): void
}

/**
 * An account that Para keeps. Para signs without a window of its own where its policy allows, so the card is the last place
 * where a person looks; each signature is checked against the account before it leaves the frame.
 */
export async function createPara(
  para: Para,
  { opening, rpc, show, emit }: Surroundings,
  panel: ParaPanel,
): Promise<Adapter> {
  let { chainId } = opening
  let wallet: { readonly id: string; readonly address: Address } | null = null

  async function logIn(): Promise<void> {
    if (await para.isFullyLoggedIn()) return
    show(true)
    try {
      let state = await para.signUpOrLogIn({ auth: { email: await panel.ask('email') } })
      if (state.stage === 'verify' && state.loginUrl === undefined)
        state = await para.verifyNewAccount({ verificationCode: await panel.ask('code') })
      const url = state.loginUrl ?? state.passkeyUrl ?? state.passwordUrl ?? state.pinUrl
      if (url !== undefined) panel.link(portalUrl(url))
      if (state.stage === 'signup') {
        await para.waitForSignup({})
        await para.waitForWalletCreation({})
      } else if (state.stage !== 'done') await para.waitForLogin({})
    } finally {
      panel.clear()
      show(false)
    }
  }

  /** Signs a hash, and hands out nothing that is not this account's signature of it. */
  async function sign(hash: Hex): Promise<Hex> {
    const { id, address } = held()
    const { signature } = await para.signMessage({ walletId: id, messageBase64: base64(hash) })
    return checked(hash, `0x${signature ?? ''}`, address)
  }

  function held(): { readonly id: string; readonly address: Address } {
    if (wallet === null) throw walletError(4100, 'Connect the wallet first.')
    return wallet
  }

  async function signTransaction(transaction: TransactionSerializable): Promise<Hex> {
    const { id, address } = held()
    const unsigned = serializeTransaction(transaction)
    const { signature } = await para.signTransaction({
      walletId: id,
      rlpEncodedTxBase64: base64(unsigned),
      chainId: String(chainId),
    })
    const good = await checked(keccak256(unsigned), `0x${signature ?? ''}`, address)
    const yParity = Number.parseInt(good.slice(130), 16) % 27
    return serializeTransaction(transaction, { r: `0x${good.slice(2, 66)}`, s: `0x${good.slice(66, 130)}`, yParity })
  }

  async function send(asked: Record<string, unknown>): Promise<Hex> {
    const { address } = held()
    const chain = defineChain({
      id: chainId,
      name: String(chainId),
      nativeCurrency: { name: '', symbol: '', decimals: 18 },
      rpcUrls: { default: { http: [] } },
    })
    const account = toAccount({
      address,
      signMessage: ({ message }) => sign(hashMessage(message)),
      signTypedData: (document) => sign(hashTypedData(document)),
      signTransaction: (transaction) => signTransaction(transaction as TransactionSerializable),
    })
    const on = chainId
    const client = createWalletClient({
      account,
      chain,
      transport: custom({
        // Which chain it is was decided by the page; a provider that says otherwise is not asked.
        request: ({ method, params }) =>
          method === 'eth_chainId' ? Promise.resolve(`0x${on.toString(16)}`) : rpc(on, method, params),
      }),
    })
    const { to, value, data } = asked
    return client.sendTransaction({
      to: (to ?? null) as Address | null,
      value: typeof value === 'string' ? BigInt(value) : 0n,
      ...(typeof data === 'string' ? { data: data as Hex } : {}),
    })
  }

  return {
    async connect() {
      await logIn()
      const found = para.getWalletsByType('EVM').find(({ address }) => /^0x[0-9a-f]{40}$/i.test(address ?? ''))
      if (found === undefined) throw walletError(4100, 'Para has no account for this owner.')
      wallet = { id: found.id, address: found.address as Address }
      return [wallet.address]
    },
    async switchChain(next) {
      chainId = next
      emit('chainChanged', next)
    },
    async request(method, params) {
      const { address } = held()
      const [first, second] = params
      if (method === 'eth_sendTransaction') {
        const asked = first as Record<string, unknown>
        if (typeof asked['from'] === 'string' && !isAddressEqual(asked['from'] as Address, address))
          throw walletError(4100, 'This is for another account.')
        return send(asked)
      }
      const [account, text] = method === 'personal_sign' ? [second, first] : [first, second]
      if (typeof account !== 'string' || !isAddressEqual(account as Address, address))
        throw walletError(4100, 'This is for another account.')
      if (method === 'personal_sign') return sign(hashMessage({ raw: text as Hex }))
      // As the page wrote it, of an object: no field stands twice.
      if (method === 'eth_signTypedData_v4')
        return sign(hashTypedData(typeof text === 'string' ? JSON.parse(text) : text))
      throw walletError(4200, 'This wallet cannot do that.')
    },
  }
}

async function checked(hash: Hex, signature: Hex, address: Address): Promise<Hex> {
  const isSignature = /^0x[0-9a-f]{130}$/i.test(signature)
  const signer = isSignature ? await recoverAddress({ hash, signature }).catch(() => null) : null
  if (signer === null || !isAddressEqual(signer, address))
    throw walletError(-32603, 'Para gave no signature of this account.')
  return signature
}

/** Only a page of Para itself. */
function portalUrl(url: string): string {
  const { protocol, hostname } = new URL(url)
  const isPara = ['getpara.com', 'usecapsule.com'].some((each) => hostname === each || hostname.endsWith(`.${each}`))
  if (protocol !== 'https:' || !isPara) throw walletError(-32603, 'Para sent an address that is not its own.')
  return url
}

function base64(hex: Hex): string {
  return btoa(String.fromCharCode(...hexToBytes(hex)))
}
