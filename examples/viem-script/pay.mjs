// Pays an account. What the key signs is simulated first, and stays within the limits.
import { guard } from '@countersign/guard'
import { createWalletClient, http, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

const [to, ether] = process.argv.slice(2)
const { RPC_URL: rpcUrl, CHAIN_ID: chainId, PRIVATE_KEY: key } = process.env
const chain = {
  id: Number(chainId),
  name: `Chain ${chainId}`,
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [rpcUrl] } },
}

const account = guard(privateKeyToAccount(key), {
  simulator: { rpcUrl, chainId: Number(chainId) },
  limits: [
    { native: true, per_call: '1', per_day: '3' },
    { fee: true, per_call: '0.01' },
  ],
})
const wallet = createWalletClient({ account, chain, transport: http(rpcUrl) })
try {
  console.log(await wallet.sendTransaction({ to, value: parseEther(ether) }))
  process.exit(0)
} catch (error) {
  console.error(error.shortMessage ?? error.message)
  process.exit(1)
}
