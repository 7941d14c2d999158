import { Address, Hex } from '@countersign/base'
import { ofCalls, type FrozenCall } from '../Frozen.ts'
import { never, refused } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'
import { copyFields, readAddress, readAmount, readData, refuseOthers, type Fields } from './fields.ts'
import { handedOut, isData, takenIn } from './handedOut.ts'
import { shown, type AccountShape } from './AccountShape.ts'

type Any = (...args: readonly unknown[]) => Promise<unknown>

/** What prepares a user operation and signs nothing. */
const READS = [
  ...['getAddress', 'getNonce', 'getFactoryArgs', 'getStubSignature', 'isDeployed', 'encodeCalls', 'decodeCalls'],
]
const DATA = ['abi', 'entryPoint', 'factory', 'version']
const SIGNS = ['sign', 'signAuthorization', 'signMessage', 'signTransaction', 'signTypedData']

/**
 * A viem smart account: what it signs is a user operation, which is judged by the calls that its call data stands for and by the most
 * that it may pay. Its other signatures are valid for anything that the account accepts, so they are refused. It is made anew, of data
 * and of methods that sign nothing: its owner and its client stay behind.
 */
export function guardSmartAccount(
  inner: AccountShape,
  { gate, chainId }: { readonly gate: Gate; readonly chainId: () => Promise<number> },
): AccountShape {
  const from = Address.parse(inner.address)
  const account = inner as unknown as Readonly<Record<string, Any | undefined>>
  const { decodeCalls, encodeCalls, signUserOperation: sign } = account
  const between = { raw: inner, guarded: () => guarded }
  const refuse =
    (name: string) =>
    (...args: readonly unknown[]) =>
      shown('viem', async () => {
        const method = account[name]
        if (!gate.allow.has(name) || method === undefined)
          throw never(name, 'a smart account accepts such a signature for anything')
        return handedOut(await method.call(inner, ...args), name, between)
      })
  const signUserOperation = (value: unknown): Promise<unknown> =>
    shown('viem', async () => {
      // Copied before anything is waited for.
      const { callData, stated, feeWei, operation } = readOperation(value, { from, gate })
      if (decodeCalls === undefined || encodeCalls === undefined || sign === undefined)
        throw refused('the calls of this user operation cannot be read')
      const chain = Number(stated ?? (await chainId()))
      const own = (inner as { readonly client?: { readonly chain?: { readonly id?: unknown } } }).client?.chain?.id
      if (own !== undefined && own !== chain)
        throw refused(`chain ${chain} of the operation, chain ${Number(own)} of the account`)
      const decoded = (await decodeCalls.call(inner, callData)) as readonly Record<string, unknown>[]
      const calls = decoded.map(({ to, value: amount, data }): FrozenCall => ({
        ...{ to: readAddress(to, 'a recipient'), value: readAmount(amount, 'a value') ?? 0n, data: readData(data) },
        ...{ gas: null, maxFeePerGas: null },
      }))
      // An account that reads no more than the calls may run more: other code as itself, or what stands behind them.
      const again = await encodeCalls.call(
        inner,
        calls.map(({ to, value: amount, data }) => ({ to, value: amount, data })),
      )
      if (typeof again !== 'string' || again.toLowerCase() !== callData)
        throw refused('its call data says more than its calls')
      const frozen = { ...ofCalls({ chainId: chain, from }, calls, null), feeWei }
      const signed = await gate.run(frozen, () => sign.call(inner, { ...operation, chainId: chain }))
      return handedOut(signed, 'signUserOperation', between)
    })
  const reads = READS.flatMap((name) => {
    const method = account[name]
    if (typeof method !== 'function') return []
    return [
      [
        name,
        (...args: readonly unknown[]) => handedOut(method.apply(inner, takenIn(args, between) as never), name, between),
      ],
    ]
  })
  const estimate = (account['userOperation'] as { readonly estimateGas?: Any } | undefined)?.estimateGas
  const guarded: AccountShape = Object.freeze({
    ...Object.fromEntries(
      DATA.flatMap((name) => (name in inner && isData(account[name]) ? [[name, structuredClone(account[name])]] : [])),
    ),
    ...Object.fromEntries(reads),
    ...(estimate === undefined
      ? {}
      : {
          userOperation: Object.freeze({
            estimateGas: (...args: readonly unknown[]) => handedOut(estimate(...args), 'estimateGas', between),
          }),
        }),
    ...Object.fromEntries(SIGNS.filter((name) => name in inner).map((name) => [name, refuse(name)])),
    ...{ address: inner.address, type: 'smart', signUserOperation },
  }) as unknown as AccountShape
  return guarded
}

/** Gas of a user operation, in the words of entry points 0.6 to 0.9. */
const GAS = ['callGasLimit', 'verificationGasLimit', 'preVerificationGas'] as const
const PAYMASTER_GAS = ['paymasterVerificationGasLimit', 'paymasterPostOpGasLimit'] as const
const BYTES = ['signature', 'paymasterData', 'paymasterSignature'] as const
/** What a bundler client keeps beside the operation; it is not signed and not handed on. */
const BESIDE = ['account', 'calls', 'parameters', 'paymasterContext', 'entryPointAddress', 'stateOverride', 'nonceKey']
/** They deploy the account, or give it other code. */
const DEPLOYS = ['initCode', 'factory', 'factoryData', 'authorization']

interface Operation {
  readonly callData: Hex.Hex
  readonly stated: bigint | null
  /** The most that it may pay, in wei: all of its gas at its highest price, as the entry point asks for it before (ERC-4337, "Required prefund"). */
  readonly feeWei: bigint
  /** What is signed: written from what was read, and from nothing else. */
  readonly operation: Fields
}

function readOperation(
  value: unknown,
  { from, gate }: { readonly from: Address.Address; readonly gate: Gate },
): Operation {
  const given = copyFields(value, Object.keys((value ?? {}) as object))
  refuseOthers(given, [
    ...[
      'sender',
      'nonce',
      'callData',
      'chainId',
      'maxFeePerGas',
      'maxPriorityFeePerGas',
      'paymaster',
      'paymasterAndData',
    ],
    ...[...GAS, ...PAYMASTER_GAS, ...BYTES, ...BESIDE, ...DEPLOYS],
  ])
  const isStated = (name: string): boolean => given[name] !== undefined && given[name] !== null && given[name] !== '0x'
  if (DEPLOYS.some(isStated)) throw refused('a user operation that deploys or changes the account is not judged')
  const sender = readAddress(given['sender'], 'its sender') ?? from
  if (!Address.isEqual(sender, from)) throw refused(`it is from ${sender}, and the account is ${from}`)
  const amount = (name: string): bigint => {
    const found = readAmount(given[name], `its ${name}`)
    if (found === null) throw refused(`its ${name} is not stated, so the most that it may pay is not known`)
    return found
  }
  const paymaster = readPaymaster(given, isStated)
  if (paymaster !== null && !gate.paymasters.has(paymaster.toLowerCase()))
    throw refused(`the paymaster ${paymaster} is not named in "paymasters"`)
  const gas = Object.fromEntries(GAS.map((name) => [name, amount(name)]))
  const paymasterGas = Object.fromEntries(
    (isStated('paymaster') ? PAYMASTER_GAS : []).map((name) => [name, readAmount(given[name], `its ${name}`) ?? 0n]),
  )
  const sum = Object.values({ ...gas, ...paymasterGas }).reduce((total, each) => total + each, 0n)
  // Entry point 0.6 asks for the gas of verification three times where there is a paymaster.
  const again = isStated('paymasterAndData') ? 2n * amount('verificationGasLimit') : 0n
  const maxFeePerGas = amount('maxFeePerGas')
  const callData = readData(given['callData'])
  return {
    ...{ callData, stated: readAmount(given['chainId'], 'its chain id'), feeWei: (sum + again) * maxFeePerGas },
    operation: {
      ...{ sender: from, nonce: amount('nonce'), callData, maxFeePerGas },
      ...{ maxPriorityFeePerGas: amount('maxPriorityFeePerGas'), ...gas, ...paymasterGas },
      ...(given['initCode'] === '0x' ? { initCode: '0x' } : {}),
      ...(given['paymasterAndData'] == null ? {} : { paymasterAndData: readData(given['paymasterAndData']) }),
      ...(isStated('paymaster') ? { paymaster } : {}),
      ...Object.fromEntries(
        BYTES.filter((name) => name === 'signature' || isStated('paymaster')).flatMap((name) =>
          given[name] == null ? [] : [[name, readData(given[name])]],
        ),
      ),
    },
  }
}

/** Who pays instead of the account: a field of its own since entry point 0.7, the first 20 bytes of `paymasterAndData` before. */
function readPaymaster(given: Fields, isStated: (name: string) => boolean): Address.Address | null {
  if (!isStated('paymasterAndData'))
    return isStated('paymaster') ? readAddress(given['paymaster'], 'its paymaster') : null
  if (isStated('paymaster')) throw refused('"paymaster" beside "paymasterAndData": it is not clear who pays')
  return readAddress(readData(given['paymasterAndData']).slice(0, 42), 'its paymaster')
}
