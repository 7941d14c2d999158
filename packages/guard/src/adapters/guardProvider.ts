import { Address } from '@countersign/base'
import { bytesOf, ofCalls, type FrozenCall } from '../Frozen.ts'
import { never, refused } from '../GuardRefusedError.ts'
import type { Gate } from '../gate/Gate.ts'
import { signDocument, signText, textOf } from './documents.ts'
import { copyFields, readAddress, readAmount, readRequest, refuseOthers, writeRequest, type Fields } from './fields.ts'
import { calledBack, handedOut, type Between } from './handedOut.ts'
import { sendJudged } from './judgedTransaction.ts'

export interface RequestArguments {
  readonly method: string
  readonly params?: readonly unknown[] | object
}

/** An EIP-1193 provider, by its shape. */
export interface ProviderShape {
  request(args: RequestArguments): Promise<unknown>
  on?(event: string, listener: (...args: readonly unknown[]) => void): unknown
  removeListener?(event: string, listener: (...args: readonly unknown[]) => void): unknown
}

/** Reads, and what changes only what the wallet shows. */
const PASS =
  /^(?:eth_(?:accounts|requestAccounts|chainId|blockNumber|getBlock\w*|getBalance|getCode|getStorageAt|getProof|getTransaction\w*|getUncle\w*|call|estimateGas|createAccessList|gasPrice|maxPriorityFeePerGas|feeHistory|blobBaseFee|getLogs|syncing|simulateV1|new\w*Filter|getFilter\w*|uninstallFilter|subscribe|unsubscribe|protocolVersion|coinbase)|net_version|net_listening|web3_clientVersion|web3_sha3|wallet_(?:getCallsStatus|showCallsStatus|getCapabilities|getPermissions|switchEthereumChain|watchAsset))$/
const NEVER: Readonly<Record<string, string>> = {
  eth_sign: 'a bare hash can be anything',
  eth_signTransaction: 'the bytes could be sent by anybody at any time',
  eth_signTypedData: 'this version hides what is signed',
  eth_signTypedData_v1: 'this version hides what is signed',
  eth_signTypedData_v3: 'this version hides what is signed',
  wallet_sendTransaction: 'it is another name of eth_sendTransaction',
  wallet_grantPermissions: 'it lets somebody else sign',
  wallet_requestPermissions: 'it lets somebody else ask the wallet',
  eth_sign7702Authorization: 'it hands the account to other code',
  wallet_addEthereumChain: 'it points the wallet at another node',
  personal_sendTransaction: 'it is another name of eth_sendTransaction',
}

/** What the other side of the provider would sign. */
const ASKS_WALLET = ['eth_sendTransaction', 'eth_signTypedData_v4', 'personal_sign']

/** How a transport sees what an account signed: bytes that were judged already pass. */
export interface Judged {
  readonly isJudged: (raw: unknown) => boolean
  /** Whether the account signs in this process, so that the other side of the provider has none. */
  readonly isLocal: boolean
}

/** What asks the wallet, after it was judged. */
class JudgedRequests {
  readonly #inner: ProviderShape
  readonly #gate: Gate
  readonly #judged: Judged | null

  constructor(inner: ProviderShape, gate: Gate, judged: Judged | null) {
    this.#inner = inner
    this.#gate = gate
    this.#judged = judged
  }

  #ask(method: string, params: readonly unknown[] = []): Promise<unknown> {
    return this.#inner.request({ method, params })
  }

  async #chain(): Promise<number> {
    return Number(await this.#ask('eth_chainId'))
  }

  async request(args: RequestArguments): Promise<unknown> {
    let copy: RequestArguments
    try {
      // Before anything is read: a getter answers here once, and never again.
      copy = structuredClone({ method: args.method, params: args.params ?? [] })
    } catch {
      throw refused('the request cannot be copied')
    }
    const { method } = copy
    if (typeof method !== 'string') throw refused('the method is not named')
    const params: readonly unknown[] = Array.isArray(copy.params) ? copy.params : [copy.params]
    if (PASS.test(method) || this.#gate.allow.has(method)) return this.#inner.request(copy)
    if (this.#judged?.isLocal === true && ASKS_WALLET.includes(method))
      throw never(method, 'the account of this client signs in this process, and the node has none of its own')
    switch (method) {
      case 'eth_sendTransaction':
        return this.#sendTransaction(params[0])
      case 'wallet_sendCalls':
        if (this.#judged?.isLocal === true)
          throw Object.assign(new Error('The method wallet_sendCalls is not offered here.'), { code: -32601 })
        return this.#sendCalls(params[0])
      case 'eth_signTypedData_v4':
        return this.#signTyped(params)
      case 'personal_sign':
        return this.#signPersonal(params)
      case 'eth_sendRawTransaction':
      case 'eth_sendRawTransactionSync': {
        if (this.#judged?.isJudged(params[0]) === true) return this.#inner.request(copy)
        const send = (raw: string): Promise<unknown> =>
          this.#inner.request({ method, params: [raw, ...params.slice(1)] })
        return sendJudged(this.#gate, { raw: params[0], chainId: await this.#chain(), from: null, send })
      }
      default:
        throw never(method.slice(0, 60), NEVER[method] ?? 'the guard does not know it')
    }
  }

  async #sendTransaction(value: unknown): Promise<unknown> {
    const request = readRequest(value)
    const chainId = await this.#chainFor(request.chainId)
    const from = await this.#accountFor(request.from)
    const forwarded = {
      ...{ from, ...writeRequest(request, { gas: 'gas', amount: quantity }), chainId: quantity(BigInt(chainId)) },
    }
    return this.#gate.run(ofCalls({ chainId, from }, [request.call], request.nonce), () =>
      this.#ask('eth_sendTransaction', [forwarded]),
    )
  }

  async #sendCalls(value: unknown): Promise<unknown> {
    const given = copyFields(value, Object.keys((value ?? {}) as object))
    refuseOthers(given, ['version', 'id', 'from', 'chainId', 'calls', 'atomicRequired', 'capabilities'])
    refuseCapabilities(given['capabilities'])
    const chainId = await this.#chainFor(given['chainId'])
    const from = await this.#accountFor(given['from'])
    const list = given['calls']
    if (!Array.isArray(list) || list.length === 0) throw refused('there are no calls to judge')
    const calls = list.map((entry: unknown) => {
      const fields = copyFields(entry, Object.keys((entry ?? {}) as object))
      refuseOthers(fields, ['to', 'value', 'data', 'capabilities'])
      refuseCapabilities(fields['capabilities'])
      const { to, value: amount, data } = fields
      return readRequest({ to, value: amount, data }).call
    })
    const { version, id, atomicRequired } = given
    if (version != null && typeof version !== 'string') throw refused('the field "version" is not text')
    if (id != null && typeof id !== 'string') throw refused('the field "id" is not text')
    if (atomicRequired != null && typeof atomicRequired !== 'boolean')
      throw refused('the field "atomicRequired" is neither true nor false')
    const forwarded = {
      version: version ?? '2.0.0',
      ...(id == null ? {} : { id }),
      ...{ from, chainId: quantity(BigInt(chainId)), atomicRequired: atomicRequired ?? true },
      calls: calls.map(forwardedCall),
    }
    return this.#gate.run(ofCalls({ chainId, from }, calls, null), () => this.#ask('wallet_sendCalls', [forwarded]))
  }

  async #signTyped([who, document]: readonly unknown[]): Promise<unknown> {
    const from = await this.#accountFor(who)
    return signDocument(this.#gate, {
      ...{ value: document, chainId: await this.#chain(), from },
      sign: (copy) => this.#ask('eth_signTypedData_v4', [from, JSON.stringify(copy)]),
    })
  }

  async #signPersonal([data, who]: readonly unknown[]): Promise<unknown> {
    const from = await this.#accountFor(who)
    const bytes = bytesOf(data)
    const text = bytes === null ? (typeof data === 'string' ? data : null) : textOf(bytes)
    return signText(this.#gate, {
      ...{ value: text ?? { raw: data }, name: 'personal_sign', chainId: await this.#chain(), from },
      sign: (words) => this.#ask('personal_sign', [`0x${Buffer.from(words, 'utf8').toString('hex')}`, from]),
    })
  }

  async #chainFor(named: unknown): Promise<number> {
    const actual = await this.#chain()
    const given = readAmount(named, 'its chain id')
    if (given !== null && Number(given) !== actual)
      throw refused(`chain ${given} of the request, chain ${actual} of the provider`)
    return actual
  }

  /** Only an account that the wallet offers: it is the one that signs. */
  async #accountFor(named: unknown): Promise<Address.Address> {
    const accounts = (await this.#ask('eth_accounts')) as readonly unknown[]
    const wanted = readAddress(named, 'the account') ?? readAddress(accounts[0], 'the account')
    if (wanted === null) throw refused('the wallet offers no account')
    if (!accounts.some((each) => typeof each === 'string' && Address.isEqual(each, wanted)))
      throw refused(`the wallet does not offer the account ${wanted}`)
    return wanted
  }
}

/** A provider of which every request that signs or sends was judged; all other names are refused. */
export function guardProviderWith(
  inner: ProviderShape,
  { gate, judged }: { readonly gate: Gate; readonly judged?: Judged },
): ProviderShape {
  const requests = new JudgedRequests(inner, gate, judged ?? null)
  const between: Between = { raw: inner, guarded: () => guarded }
  // Emitters answer themselves, and call listeners with themselves as `this` and with events that name them. What a listener throws
  // would end some programs, so such an event is left out of what it is given.
  const listeners = new WeakMap<object, Listener>()
  const listenerOf = (listener: Listener): Listener => {
    const known = listeners.get(listener) ?? (calledBack(listener, between, () => undefined) as Listener)
    listeners.set(listener, known)
    return known
  }
  const guarded: ProviderShape = Object.freeze({
    request: async (args: RequestArguments) => handedOut(requests.request(args), 'request', between),
    on: (event: string, listener: Listener) => {
      inner.on?.(event, listenerOf(listener))
      return guarded
    },
    removeListener: (event: string, listener: Listener) => {
      inner.removeListener?.(event, listenerOf(listener))
      return guarded
    },
  })
  return guarded
}

type Listener = (...args: readonly unknown[]) => void

/** An optional capability may be ignored by the wallet, so it is left out; a required one is not judged. */
function refuseCapabilities(value: unknown): void {
  const entries = Object.entries((value ?? {}) as Record<string, unknown>)
  const required = entries.find(([, each]) => (each as { readonly optional?: unknown } | null)?.optional !== true)
  if (required !== undefined) throw refused(`the capability "${required[0].slice(0, 40)}" is not judged`)
}

function forwardedCall({ to, value, data }: FrozenCall): Fields {
  return { ...(to === null ? {} : { to }), value: quantity(value), data }
}

function quantity(amount: bigint): string {
  return `0x${amount.toString(16)}`
}
