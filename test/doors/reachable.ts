/** Walks everything that can be read from an object or got from its methods, as code that holds only this object can. */

/** They poll or wait until something happens; what they answer is no other object than that of their siblings. */
const WAITS = /^(?:watch|wait|poll|subscribe)|^_wait|Timeout$/
const HANG_MS = 500
const HASH = `0x${'ab'.repeat(32)}`

export interface Walk {
  /** Names to ask for beside those that an object shows: a proxy shows none. */
  readonly names: readonly string[]
  /** Argument lists that are harmless; `call` stands for a callback. */
  readonly tries: (call: (...args: readonly unknown[]) => void) => readonly (readonly unknown[])[]
  readonly depth: number
}

/** Every object that is reached, the one it began with included, by the path that led there. */
export async function reachable(root: object, { names, tries, depth }: Walk): Promise<ReadonlyMap<unknown, string>> {
  const found = new Map<unknown, string>()
  let layer = new Map<object, string>([[root, 'guarded']])
  for (let level = 0; level <= depth; level += 1) {
    const next = new Map<object, string>()
    const note = (value: unknown, path: string): void => {
      const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
      if (isObject && !found.has(value) && !layer.has(value)) next.set(value, path)
    }
    for (const [value, path] of layer) found.set(value, path)
    if (level < depth)
      await Promise.all(
        [...layer].map(([value, path]) => step(value, path, { names: level === 0 ? names : [], tries, note })),
      )
    layer = next
  }
  return found
}

async function step(
  value: object,
  path: string,
  { names, tries, note }: Pick<Walk, 'names' | 'tries'> & { readonly note: (value: unknown, path: string) => void },
): Promise<void> {
  if (value instanceof Map || value instanceof Set) for (const each of value.values()) note(each, `${path}.values()`)
  const works: Promise<unknown>[] = []
  for (const name of new Set([...keysOf(value), ...names])) {
    const at = `${path}.${String(name)}`
    let member: unknown
    try {
      member = Reflect.get(value, name)
    } catch {
      continue
    }
    note(Object.getOwnPropertyDescriptor(value, name)?.value, `${at} (descriptor)`)
    if (typeof member !== 'function') {
      note(member, at)
      continue
    }
    if (WAITS.test(String(name))) continue
    const call = function (this: unknown, ...args: readonly unknown[]): void {
      note(this, `${at} (this of its callback)`)
      for (const each of args) note(each, `${at} (given to its callback)`)
    }
    for (const args of tries(call))
      works.push(settled(() => Reflect.apply(member as () => unknown, value, args)).then((got) => note(got, `${at}()`)))
  }
  await Promise.all(works)
}

/** Its own names and those of its classes. */
function keysOf(value: object): readonly (string | symbol)[] {
  const keys: (string | symbol)[] = []
  for (let at: object | null = value; at !== null && at !== Object.prototype && at !== Function.prototype;) {
    if (!Array.isArray(at) && !(at instanceof Uint8Array)) keys.push(...Reflect.ownKeys(at))
    else if (Array.isArray(at)) keys.push(...Object.keys(at))
    at = Object.getPrototypeOf(at) as object | null
    if (at === Array.prototype || at === Promise.prototype || at === Map.prototype || at === Error.prototype) break
  }
  return keys.filter((key) => key !== 'constructor' && key !== 'arguments' && key !== 'caller' && key !== 'callee')
}

async function settled(work: () => unknown): Promise<unknown> {
  const hang = new Promise((resolve) => void setTimeout(resolve, HANG_MS).unref())
  try {
    return await Promise.race([work(), hang])
  } catch {
    return undefined
  }
}

/** One object that is a message, a hash, a transaction and a document in the words of every library. */
export function harmless(address: string, chainId: number) {
  const types = { Note: [{ name: 'text', type: 'string' }] }
  const document = { domain: { chainId }, types, primaryType: 'Note', message: { text: 'hi' } }
  const fees = { gas: 21_000n, maxFeePerGas: 1n, maxPriorityFeePerGas: 1n }
  const transaction = { to: address, value: 1n, data: '0x', nonce: 0, chainId, type: 'eip1559', ...fees }
  return (call: (...args: readonly unknown[]) => void): readonly (readonly unknown[])[] => [
    [],
    [address],
    [HASH],
    ['data', call],
    [call],
    [{ message: 'hi' }],
    [{ hash: HASH }],
    [document],
    [document.domain, types, document.message],
    [transaction],
    [{ to: address, value: 1n }],
    [{ ...transaction, type: 2, gas: undefined, gasLimit: 21_000n }],
    [address, '1'],
    [{ method: 'personal_sign', params: ['0x6869', address] }],
    [{ method: 'eth_sendTransaction', params: [{ from: address, to: address, value: '0x1' }] }],
    ['eth_sendTransaction', [{ from: address, to: address, value: '0x1' }]],
  ]
}
