/** In the place of `@coinbase/agentkit`, whose dependencies take minutes to install: the methods of its viem provider. */
import { registerHooks } from 'node:module'
import { parseEther } from 'viem'

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@coinbase/agentkit' ? { url: import.meta.url, shortCircuit: true } : next(specifier, context),
})

export class ViemWalletProvider {
  #wallet
  constructor(wallet) {
    this.#wallet = wallet
  }
  getAddress() {
    return this.#wallet.account.address
  }
  nativeTransfer(to, ether) {
    return this.#wallet.sendTransaction({ to, value: parseEther(ether) })
  }
}
