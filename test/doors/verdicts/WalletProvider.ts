import type { LocalChain } from '@countersign/chain'
import { createPublicClient, http, isHex, parseEther, toHex, type Hex, type WalletClient } from 'viem'

/** AgentKit's `ViemWalletProvider`, as its documentation describes it; its own package does not install in CI's time. */
export class WalletProvider {
  readonly #wallet: WalletClient
  readonly #chain: Pick<LocalChain, 'chainId' | 'rpcUrl'>
  constructor(wallet: WalletClient, chain: Pick<LocalChain, 'chainId' | 'rpcUrl'>) {
    this.#wallet = wallet
    this.#chain = chain
  }
  #account = () => {
    const { account } = this.#wallet
    if (account === undefined) throw new Error('The wallet has no account.')
    return account
  }
  getAddress = () => this.#account().address as string
  getNetwork = () => ({ protocolFamily: 'evm', chainId: String(this.#chain.chainId) })
  getName = () => 'wallet_provider'
  getBalance = () => this.getPublicClient().getBalance({ address: this.#account().address })
  getPublicClient = () => createPublicClient({ transport: http(this.#chain.rpcUrl) })
  signMessage = async (message: string | Uint8Array) => {
    const raw = typeof message === 'string' ? (isHex(message) ? message : toHex(message)) : message
    return this.#wallet.signMessage({ account: this.#account(), message: { raw } })
  }
  signTypedData = async (document: never) => this.#wallet.signTypedData(document)
  signTransaction = async (tx: { to?: Hex; value?: bigint; data?: Hex }) =>
    this.#wallet.signTransaction((await this.#wallet.prepareTransactionRequest(tx as never)) as never)
  sendTransaction = async (tx: { to: Hex; value?: bigint }) => this.#wallet.sendTransaction(tx as never)
  nativeTransfer = async (to: Hex, value: string) => this.sendTransaction({ to, value: parseEther(value) })
  sign = async (hash: Hex) => this.#account().sign?.({ hash } as never)
  waitForTransactionReceipt = async (hash: Hex) => this.getPublicClient().waitForTransactionReceipt({ hash })
  exportWallet = async () => 'the key'
}
