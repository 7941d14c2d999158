// An AgentKit wallet whose account is guarded: whatever an action provider sends is judged first.
import { ViemWalletProvider } from '@coinbase/agentkit'
import { guard } from '@countersign/guard'
import { createWalletClient, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

const [to, ether] = process.argv.slice(2)
const { RPC_URL: rpcUrl, CHAIN_ID: chainId, PRIVATE_KEY: key, COUNTERSIGN_SERVER, COUNTERSIGN_API_KEY } = process.env
const chain = {
  id: Number(chainId),
  name: `Chain ${chainId}`,
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [rpcUrl] } },
}
const account = guard(privateKeyToAccount(key), {
  server: COUNTERSIGN_SERVER,
  key: COUNTERSIGN_API_KEY,
  onWaiting: ({ url }) => console.error(`Waiting for the owner: ${url}`),
})
// Give rpcUrl: without it AgentKit reads from a public provider.
export const wallet = new ViemWalletProvider(createWalletClient({ account, chain, transport: http(rpcUrl) }), {
  rpcUrl,
})
// const agent = await AgentKit.from({ walletProvider: wallet, actionProviders: […] })

try {
  console.log(await wallet.nativeTransfer(to, ether))
} catch (error) {
  console.error(error.shortMessage ?? error.message)
  process.exitCode = 1
}
