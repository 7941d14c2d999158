import { Address, Hex } from '@countersign/base'
import { never, refused, inFlavor } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'
import type { AccountShape } from './AccountShape.ts'
import { guardAccountWith } from './guardAccount.ts'
import { isData } from './handedOut.ts'
import { guardProviderWith, type ProviderShape, type RequestArguments } from './guardProvider.ts'

type Action = (...args: readonly unknown[]) => unknown

/** A viem `WalletClient`, by its shape. */
export interface ClientShape {
  readonly account?: (AccountShape | { readonly type: 'json-rpc'; readonly address: string }) | undefined
  readonly chain?: { readonly id: number } | undefined
  readonly pollingInterval?: number
  readonly request: ProviderShape['request']
  readonly sendTransaction: Action
  readonly signMessage: Action
}

const NEVER: Readonly<Record<string, string>> = {
  signAuthorization: 'it hands the account to other code',
  prepareAuthorization: 'it hands the account to other code',
  grantPermissions: 'it lets somebody else sign',
  requestPermissions: 'it lets somebody else ask the wallet',
  requestExecutionPermissions: 'it lets somebody else sign',
  addChain: 'it points the wallet at another node',
}
const PLAIN = [
  'key',
  'name',
  'type',
  'uid',
  'batch',
  'cacheTime',
  'ccipRead',
  'pollingInterval',
  'dataSuffix',
  'experimental_blockTag',
]

/**
 * A viem client whose account and whose transport are guarded: it has the actions of a wallet client and of a public client,
 * made anew over both, so that none of them leads past the guard. Actions that were added to the unguarded client stay there.
 */
export function guardClientWith<C extends ClientShape>(
  inner: C,
  { gate, chainId }: { readonly gate: Gate; readonly chainId: () => Promise<number> },
): C {
  const raw = inner.account
  // Read once: an account that is exchanged later is not the one that was guarded.
  const signed = new Set<string>()
  const isLocal = raw !== undefined && raw.type !== 'json-rpc'
  // A copy, read once: whoever is handed it changes no chain that something is judged for.
  const chain = inner.chain === undefined ? undefined : Object.freeze({ ...inner.chain })
  const ownChain = async (): Promise<number> => chain?.id ?? chainId()
  const guardOther = (account: AccountShape): AccountShape =>
    rememberSigned(guardAccountWith(account, { gate, chainId: ownChain }), signed)
  const account =
    raw === undefined
      ? raw
      : raw.type === 'json-rpc'
        ? Object.freeze({ address: raw.address, type: raw.type })
        : guardOther(raw as AccountShape)
  const isJudged = (bytes: unknown): boolean => typeof bytes === 'string' && signed.has(bytes.toLowerCase())
  const provider = guardProviderWith(
    { request: (args) => inner.request(args) },
    { gate, judged: { isJudged, isLocal } },
  )
  const request = async (args: RequestArguments): Promise<unknown> => {
    try {
      return await provider.request(args)
    } catch (error) {
      throw await inFlavor(error, 'viem')
    }
  }
  let opened: Promise<Readonly<Record<string, unknown>>> | null = null
  const open = (): Promise<Readonly<Record<string, unknown>>> =>
    (opened ??= openGuarded({ chain, account, pollingInterval: inner.pollingInterval, request }))

  /** Whatever account an action names, it is guarded: this one, one of the same address, or another one. */
  const argumentOf = (argument: unknown): unknown => {
    if (typeof argument !== 'object' || argument === null || !('account' in argument)) return argument
    const named = argument.account as AccountShape | string | null | undefined
    if (named === undefined) return argument
    if (named === null) throw refused('an action without an account is not judged')
    const address = typeof named === 'string' ? named : named.address
    if (account !== undefined && Address.isEqual(address, account.address)) return { ...argument, account }
    if (typeof named === 'string' || (named.type as string) === 'json-rpc') return argument
    return { ...argument, account: guardOther(named) }
  }
  const actionOf =
    (path: readonly string[]): Action =>
    async (...args) => {
      const name = path.join('.')
      try {
        const why = NEVER[path.at(-1) ?? '']
        if (why !== undefined && !gate.allow.has(name)) throw never(name, why)
        const [first] = args as readonly [{ readonly experimental_fallback?: unknown } | undefined]
        if (name.startsWith('sendCalls') && first?.experimental_fallback !== true && !gate.allow.has(name))
          throw never(name, 'a wallet would take the batch apart; send its calls one by one')
        let found: unknown = await open()
        for (const part of path) found = (found as Readonly<Record<string, unknown>> | undefined)?.[part]
        if (typeof found !== 'function') throw never(name, 'the guard does not know it')
        return (await (found as Action)(...args.map(argumentOf))) as unknown
      } catch (error) {
        throw await inFlavor(error, 'viem')
      }
    }
  const proxyOf = (target: object, path: readonly string[], extra: Readonly<Record<string, unknown>>): object =>
    new Proxy(Object.freeze(Object.create(null) as object), {
      get(_target, name) {
        if (typeof name !== 'string' || name === 'then') return undefined
        if (path.length === 0) {
          if (Object.hasOwn(extra, name)) return extra[name]
          if (name === 'account') return account
          if (name === 'chain') return chain
          if (name === 'request') return request
          if (name === 'transport') return { request, type: 'guarded', name: 'guarded', key: 'guarded' }
          if (name === 'extend')
            return (decorate: (client: unknown) => Readonly<Record<string, unknown>>) =>
              proxyOf(target, [], { ...extra, ...decorate(proxyOf(target, [], extra)) })
          if (PLAIN.includes(name)) {
            const value = Reflect.get(target, name) as unknown
            return isData(value) ? structuredClone(value) : undefined
          }
        }
        const found = Reflect.get(target, name) as unknown
        if (typeof found === 'object' && found !== null) return proxyOf(found, [...path, name], {})
        return typeof found === 'function' || path.length === 0 ? actionOf([...path, name]) : undefined
      },
      has: (_target, name) => Reflect.has(target, name),
    })
  return proxyOf(inner, [], {}) as C
}

/** Notes the bytes that an account signed after its judgement, so that sending them is not judged a second time. */
function rememberSigned(account: AccountShape, signed: Set<string>): AccountShape {
  const sign = account.signTransaction as (...args: readonly unknown[]) => Promise<string>
  if (account.type === 'smart') return account
  return Object.freeze({
    ...account,
    signTransaction: async (...args: readonly unknown[]) => {
      const bytes = Hex.parse(await sign(...args))
      signed.add(bytes)
      return bytes
    },
  }) as AccountShape
}

async function openGuarded({
  chain,
  account,
  pollingInterval,
  request,
}: {
  readonly chain: ClientShape['chain']
  readonly account: ClientShape['account']
  readonly pollingInterval: number | undefined
  readonly request: ProviderShape['request']
}): Promise<Readonly<Record<string, unknown>>> {
  const { createWalletClient, custom, publicActions } = await import('viem')
  const client = createWalletClient({
    ...(account === undefined ? {} : { account: account as never }),
    ...(chain === undefined ? {} : { chain: chain as never }),
    ...(pollingInterval === undefined ? {} : { pollingInterval }),
    // What was refused once is not asked again.
    transport: custom({ request } as never, { retryCount: 0 }),
  })
  return client.extend(publicActions) as unknown as Readonly<Record<string, unknown>>
}
