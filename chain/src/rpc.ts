import { encodeDeployData, type Abi, type Address, type Hex } from 'viem'
import { loadArtifact } from './artifacts.ts'

/** One JSON-RPC call to the local chain. Errors carry the node's message. */
export type Rpc = <T = unknown>(method: string, params?: readonly unknown[]) => Promise<T>

/** Makes a JSON-RPC caller for a loopback node. */
export function createRpc(url: string): Rpc {
  let id = 0
  return async <T>(method: string, params: readonly unknown[] = []): Promise<T> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }),
    })
    const body = (await response.json()) as { result: T; error?: { message: string } }
    if (body.error !== undefined) throw new Error(`${method}: ${body.error.message}`)
    return body.result
  }
}

/** Sends a transaction from an unlocked account and waits until it is mined; a revert throws. */
export async function send(
  rpc: Rpc,
  transaction: { from: Address; to?: Address; data?: Hex; value?: bigint },
): Promise<{ transactionHash: Hex; contractAddress: Address | null; gasUsed: Hex; blockNumber: Hex }> {
  const { value, ...rest } = transaction
  const hash = await rpc<Hex>('eth_sendTransaction', [
    { ...rest, gas: '0xe00000', ...(value === undefined ? {} : { value: `0x${value.toString(16)}` }) },
  ])
  for (;;) {
    const receipt = await rpc<{
      status: Hex
      transactionHash: Hex
      contractAddress: Address | null
      gasUsed: Hex
      blockNumber: Hex
    } | null>('eth_getTransactionReceipt', [hash])
    if (receipt === null) {
      // Interval mining: the block has not come yet.
      await new Promise((resolve) => setTimeout(resolve, 20))
      continue
    }
    if (receipt.status !== '0x1')
      throw new Error(`The set-up transaction to ${transaction.to ?? 'a new contract'} reverted.`)
    return receipt
  }
}

/** Deploys an artifact by name and returns where it is. */
export async function deploy(rpc: Rpc, from: Address, name: string, args: readonly unknown[] = []): Promise<Address> {
  const artifact = loadArtifact(name)
  const data = encodeDeployData({ abi: artifact.abi as Abi, bytecode: artifact.bytecode, args: args as unknown[] })
  const receipt = await send(rpc, { from, data })
  if (receipt.contractAddress === null) throw new Error(`${name} was not created.`)
  return receipt.contractAddress
}
