/**
 * What the JSON-RPC door does with each method. What stands in no class is not offered: a name that is not known could sign,
 * mine or read another account's secrets.
 */
export type MethodClass = 'pass' | 'judge' | 'own' | 'propose' | 'status' | 'never' | 'absent'

/** Reads that go to a provider, with the most parameters that each takes. */
const PASS: Readonly<Record<string, number>> = {
  eth_blobBaseFee: 0,
  eth_blockNumber: 0,
  eth_call: 2,
  eth_chainId: 0,
  eth_createAccessList: 2,
  eth_estimateGas: 2,
  eth_feeHistory: 3,
  eth_gasPrice: 0,
  eth_getBalance: 2,
  eth_getBlockByHash: 2,
  eth_getBlockByNumber: 2,
  eth_getBlockReceipts: 1,
  eth_getBlockTransactionCountByHash: 1,
  eth_getBlockTransactionCountByNumber: 1,
  eth_getCode: 2,
  eth_getFilterChanges: 1,
  eth_getFilterLogs: 1,
  eth_getLogs: 1,
  eth_getProof: 3,
  eth_getStorageAt: 3,
  eth_getTransactionByBlockHashAndIndex: 2,
  eth_getTransactionByBlockNumberAndIndex: 2,
  eth_getTransactionByHash: 1,
  eth_getTransactionCount: 2,
  eth_getTransactionReceipt: 1,
  eth_maxPriorityFeePerGas: 0,
  eth_newBlockFilter: 0,
  eth_newFilter: 1,
  eth_newPendingTransactionFilter: 0,
  eth_simulateV1: 2,
  eth_syncing: 0,
  eth_uninstallFilter: 1,
  net_version: 0,
}

/** What is refused whatever the mode, and why. */
export const NEVER: Readonly<Record<string, string>> = {
  eth_sign: 'it signs a bare hash, which can be anything',
  eth_signTransaction: 'a signed transaction could be sent at any time, past every check',
  eth_signTypedData: 'it is the first version, which wallets show without its types',
  eth_signTypedData_v3: 'use eth_signTypedData_v4',
  wallet_grantPermissions: 'it hands the account to a key that nobody asks again',
  eth_sign7702Authorization: 'it hands the account to other code',
}

const CLASSES: ReadonlyMap<string, MethodClass> = new Map<string, MethodClass>([
  ...Object.keys(PASS).map((name) => [name, 'pass'] as const),
  ...Object.keys(NEVER).map((name) => [name, 'never'] as const),
  ['eth_sendRawTransaction', 'judge'],
  ['eth_sendRawTransactionSync', 'judge'],
  ['eth_accounts', 'own'],
  ['eth_requestAccounts', 'own'],
  ['web3_clientVersion', 'own'],
  ['eth_sendTransaction', 'propose'],
  ['wallet_sendCalls', 'propose'],
  ['eth_signTypedData_v4', 'propose'],
  ['personal_sign', 'propose'],
  ['wallet_getCallsStatus', 'status'],
  ['wallet_getCapabilities', 'status'],
])

export function classOf(method: string): MethodClass {
  return CLASSES.get(method) ?? 'absent'
}

/** Every method with its class, for the reference and its test. */
export function listed(): readonly (readonly [name: string, of: MethodClass])[] {
  return [...CLASSES]
}

/** The most parameters that a read takes. */
export function maxParams(method: string): number {
  return PASS[method] ?? 0
}

/** The scope that a class of methods needs. */
export function scopeOf(of: MethodClass): 'read' | 'propose' | null {
  switch (of) {
    case 'pass':
      return 'read'
    case 'judge':
    case 'propose':
    case 'status':
      return 'propose'
    case 'own':
    case 'never':
    case 'absent':
      return null
  }
}

/** What one call costs, in units, beside the request. */
export function unitsOf(method: string): number {
  const of = classOf(method)
  if (of === 'judge' || of === 'propose') return 10
  return [
    'eth_call',
    'eth_estimateGas',
    'eth_getLogs',
    'eth_getProof',
    'eth_simulateV1',
    'eth_createAccessList',
    'eth_feeHistory',
  ].includes(method)
    ? 5
    : 1
}
