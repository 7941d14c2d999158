import { Address, Hex } from '@countersign/base'
import { ofCalls, type FrozenCall } from '../Frozen.ts'
import { never, refused } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'
import { readAddress, readAmount, readData } from './fields.ts'
import { shown, type AccountShape } from './AccountShape.ts'

type Any = (...args: readonly unknown[]) => Promise<unknown>

/**
 * A viem smart account: what it signs is a user operation, which is judged by the calls that its call data stands for. Its
 * other signatures are valid for anything that the account accepts, so they are refused.
 */
export function guardSmartAccount(
  inner: AccountShape,
  { gate, chainId }: { readonly gate: Gate; readonly chainId: () => Promise<number> },
): AccountShape {
  const from = Address.parse(inner.address)
  const account = inner as unknown as Readonly<Record<string, Any | undefined>>
  const refuse =
    (name: string) =>
    (...args: readonly unknown[]) =>
      shown('viem', async () => {
        const method = account[name]
        if (!gate.allow.has(name) || method === undefined)
          throw never(name, 'a smart account accepts such a signature for anything')
        return method.call(inner, ...args)
      })
  const signUserOperation = (operation: unknown): Promise<unknown> =>
    shown('viem', async () => {
      const copy = { ...(operation as Record<string, unknown>) }
      if (copy['authorization'] !== undefined || copy['factory'] != null || copy['initCode'] != null)
        throw refused('a user operation that deploys or changes the account is not judged')
      if (copy['paymaster'] != null) throw refused('a user operation with a paymaster is not judged')
      const { decodeCalls, signUserOperation: sign } = account
      if (decodeCalls === undefined || sign === undefined)
        throw refused('the calls of this user operation cannot be read')
      const data = Hex.parse(String(copy['callData']))
      const decoded = (await decodeCalls.call(inner, data)) as readonly Record<string, unknown>[]
      const calls = decoded.map(({ to, value, data: bytes }): FrozenCall => ({
        ...{ to: readAddress(to, 'a recipient'), value: readAmount(value, 'a value') ?? 0n, data: readData(bytes) },
        ...{ gas: null, maxFeePerGas: null },
      }))
      const place = { chainId: Number(copy['chainId'] ?? (await chainId())), from }
      return gate.run(ofCalls(place, calls, null), () => sign.call(inner, copy))
    })
  return new Proxy(inner, {
    get(target, name) {
      if (name === 'signUserOperation') return signUserOperation
      if (typeof name === 'string' && name.startsWith('sign')) return refuse(name)
      return Reflect.get(target, name, target) as unknown
    },
  })
}
