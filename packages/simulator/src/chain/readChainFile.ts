import type { Address, Hex } from '@countersign/base'
import { isScalar } from 'yaml'
import {
  DEFAULT_PROBE,
  type Chain,
  type Contract,
  type Exchange,
  type Place,
  type Prices,
  type ProbePlan,
  type Token,
} from './Chain.ts'
import { YamlReader, type Fault } from './YamlReader.ts'

/** An entry of a list, and whether it stands in the place of what was known. */
export type Entry<T> = T & { readonly isReplacing: boolean }

/** One file as it stands: only what it says. */
export interface ChainFile {
  readonly file: string
  readonly id: number
  readonly facts: Partial<
    Pick<
      Chain,
      'name' | 'coin' | 'rpcEnv' | 'explorer' | 'engine' | 'l1Fee' | 'isChangedOutside' | 'blocks' | 'prices' | 'probe'
    >
  >
  readonly tokens: readonly Entry<Token>[]
  readonly contracts: readonly Entry<Contract>[]
  readonly exchanges: readonly Entry<Exchange>[]
  readonly places: Readonly<Record<string, Place>>
  /** Keys at which `replace: true` stands. */
  readonly replaces: ReadonlySet<string>
}

const KEYS = 'id name coin rpc explorer engine fees state blocks tokens contracts exchanges prices probe'.split(' ')

/**
 * Reads a chain's file: the shape of the shipped records and of the operator's. Nothing is asked of a chain.
 *
 * @param of.file - How the file is named in faults and places.
 * @param of.id - By the file's name.
 * @returns The file, or every fault in it.
 */
export function readChainFile(
  text: string,
  of: { readonly file: string; readonly id: number; readonly source: 'shipped' | 'file' },
): { readonly file: ChainFile } | { readonly faults: readonly Fault[] } {
  const read = new FileReader(text, of)
  const file = read.whole()
  return read.yaml.faults.length > 0 || file === null ? { faults: read.yaml.faults } : { file }
}

class FileReader {
  readonly yaml: YamlReader
  readonly #of: { readonly file: string; readonly id: number; readonly source: 'shipped' | 'file' }
  readonly #replaces = new Set<string>()
  readonly #places: Record<string, Place> = {}

  constructor(text: string, of: { readonly file: string; readonly id: number; readonly source: 'shipped' | 'file' }) {
    this.#of = of
    this.yaml = new YamlReader(text)
  }

  whole(): ChainFile | null {
    const { yaml } = this
    if (yaml.root === null) return null
    refuseSecrets(yaml, yaml.root)
    const root = yaml.entries(yaml.root, 'the file', KEYS) ?? new Map<string, null>()
    for (const [key, node] of root) this.#places[key] = this.#at(node)
    const id = root.has('id') ? yaml.number(root.get('id'), '"id"', { least: 1, most: Number.MAX_SAFE_INTEGER }) : null
    if (!root.has('id')) yaml.refuse(yaml.root, 'The key "id" is missing: the number of the chain.')
    if (id !== null && id !== this.#of.id)
      yaml.refuse(root.get('id'), `The file is named for chain ${this.#of.id}, and its id says ${id}.`)
    const given = <T>(key: string, take: (node: unknown) => T | null): T | undefined =>
      root.has(key) ? (take(root.get(key)) ?? undefined) : undefined
    const coin = root.has('coin') ? this.#coin(root.get('coin')) : undefined
    const facts = defined({
      name: given('name', (node) => yaml.text(node, '"name"', { max: 48 })),
      rpcEnv: given('rpc', (node) => this.#rpc(node)),
      explorer: given('explorer', (node) => this.#explorer(node)),
      engine: given('engine', (node) => this.#engine(node)),
      l1Fee: given('fees', (node) => this.#fees(node)),
      isChangedOutside: given('state', (node) => this.#state(node)),
      blocks: given('blocks', (node) => this.#blocks(node)),
      prices: given('prices', (node) => this.#prices(node)),
      probe: given('probe', (node) => this.#probe(node)),
    })
    const tokens = this.#each(root.get('tokens'), 'tokens', (node) => this.#token(node))
    this.#refuseTwoCanonical(tokens)
    return {
      file: this.#of.file,
      id: this.#of.id,
      facts: coin === undefined ? facts : { ...facts, coin },
      tokens,
      contracts: this.#each(root.get('contracts'), 'contracts', (node) => this.#contract(node)),
      exchanges: this.#each(root.get('exchanges'), 'exchanges', (node) => this.#exchange(node)),
      places: this.#places,
      replaces: this.#replaces,
    }
  }

  #at(node: unknown): Place {
    return { source: this.#of.source, file: this.#of.file, line: this.yaml.lineOf(node) }
  }

  /** The entries of a mapping that may say `replace: true`. */
  #map(node: unknown, key: string, keys: readonly string[]): Map<string, unknown> | null {
    const entries = this.yaml.entries(node, `"${key}"`, [...keys, 'replace'])
    if (entries?.has('replace') === true && this.yaml.flag(entries.get('replace'), `"${key}.replace"`) === true)
      this.#replaces.add(key)
    return entries
  }

  #each<T>(node: unknown, key: string, take: (node: unknown) => T | null): readonly T[] {
    if (node === undefined) return []
    return this.yaml.list(node, `"${key}"`).flatMap((each) => take(each) ?? [])
  }

  #coin(node: unknown): Chain['coin'] | undefined {
    if (this.yaml.isNull(node)) return null
    const of = this.#map(node, 'coin', ['symbol', 'decimals', 'wrapped', 'token'])
    if (of === null) return undefined
    const symbol = this.#symbol(of.get('symbol') ?? node, '"coin.symbol"')
    const decimals = this.yaml.number(of.get('decimals') ?? node, '"coin.decimals"', { most: 36 })
    const wrapped = of.has('wrapped') ? this.yaml.address(of.get('wrapped'), '"coin.wrapped"') : null
    const token = of.has('token') ? this.#coinToken(of.get('token'), decimals) : null
    if (symbol === null || decimals === null) return undefined
    return { symbol, decimals, wrapped, isNamed: true, ...(token === null ? {} : { token }) }
  }

  /** The token that is the coin as well. */
  #coinToken(node: unknown, most: number | null): { address: Address.Address; decimals: number } | null {
    const of = this.yaml.entries(node, '"coin.token"', ['address', 'decimals'])
    if (of === null) return null
    const address = this.yaml.address(of.get('address') ?? node, '"coin.token.address"')
    const decimals = this.yaml.number(of.get('decimals') ?? node, '"coin.token.decimals"', { most: most ?? 36 })
    return address === null || decimals === null ? null : { address, decimals }
  }

  #symbol(node: unknown, what: string): string | null {
    const symbol = this.yaml.text(node, what, { max: 20 })
    if (symbol === null || /^[\p{L}\p{N}.$₮+/-]+$/u.test(symbol)) return symbol
    return this.yaml.refuse(node, `${what} must be one word of letters and digits.`)
  }

  #rpc(node: unknown): readonly string[] {
    return this.#each(node, 'rpc', (each) => {
      if (isScalar(each)) return this.yaml.refuse(each, NO_URL)
      const env = this.yaml.entries(each, '"rpc"', ['env'])?.get('env')
      const name = env === undefined ? null : this.yaml.text(env, '"rpc.env"')
      if (name !== null && /^[A-Z][A-Z0-9_]*$/.test(name)) return name
      return name === null ? null : this.yaml.refuse(env, NO_URL)
    })
  }

  #explorer(node: unknown): string | null {
    const text = this.yaml.text(node, '"explorer"', { max: 200 })
    if (text === null) return null
    const url = URL.canParse(text) ? new URL(text) : null
    if (url?.protocol !== 'https:' && url?.hostname !== '127.0.0.1' && url?.hostname !== 'localhost')
      return this.yaml.refuse(node, '"explorer" must be an https URL, such as https://basescan.org.')
    return text.replace(/\/+$/, '')
  }

  #engine(node: unknown): Chain['engine'] | null {
    const of = this.#map(node, 'engine', ['kind', 'fork', 'profile', 'accept'])
    if (of === null) return null
    const { yaml } = this
    const kind = of.has('kind')
      ? yaml.oneOf(of.get('kind'), '"engine.kind"', ['local', 'node', 'not-modelled'] as const)
      : null
    if (of.has('fork')) yaml.text(of.get('fork'), '"engine.fork"', { max: 30 })
    const profile = of.has('profile')
      ? yaml.oneOf(of.get('profile'), '"engine.profile"', ['ethereum', 'op', 'scroll', 'linea'] as const)
      : null
    const accept = of.has('accept') ? yaml.oneOf(of.get('accept'), '"engine.accept"', ['warn', 'block'] as const) : null
    return { kind, profile, accept, why: null }
  }

  #fees(node: unknown): Chain['l1Fee'] {
    const of = this.#map(node, 'fees', ['l1'])
    if (of?.has('l1') !== true) return null
    const l1 = this.yaml.entries(of.get('l1'), '"fees.l1"', ['oracle', 'call'])
    if (l1 === null) return null
    const oracle = this.yaml.address(l1.get('oracle') ?? node, '"fees.l1.oracle"')
    const call = this.yaml.oneOf(l1.get('call') ?? node, '"fees.l1.call"', ['getL1Fee'] as const)
    return oracle === null || call === null ? null : { oracle, call }
  }

  #state(node: unknown): boolean | null {
    const outside = this.yaml.entries(node, '"state"', ['outside_transactions'])?.get('outside_transactions')
    return outside === undefined ? null : this.yaml.flag(outside, '"state.outside_transactions"')
  }

  #blocks(node: unknown): Chain['blocks'] | null {
    const of = this.yaml.entries(node, '"blocks"', ['seconds', 'final_after'])
    if (of === null) return null
    const { yaml } = this
    const seconds = of.has('seconds')
      ? yaml.number(of.get('seconds'), '"blocks.seconds"', { least: 0.01, most: 3_600, isWhole: false })
      : null
    const finalAfter = of.has('final_after')
      ? yaml.number(of.get('final_after'), '"blocks.final_after"', { most: 10_000 })
      : null
    return { seconds, finalAfter: finalAfter ?? 12 }
  }

  #token(node: unknown): Entry<Token> | null {
    const of = this.#entry(node, 'tokens', ['symbol', 'name', 'address', 'decimals', 'canonical', 'usd'])
    if (of === null) return null
    const { yaml } = this
    const symbol = this.#symbol(of.get('symbol') ?? node, '"symbol"')
    const address = yaml.address(of.get('address') ?? node, `"address" of ${symbol ?? 'a token'}`)
    const decimals = yaml.number(of.get('decimals') ?? node, `"decimals" of ${symbol ?? 'a token'}`, { most: 77 })
    const name = of.has('name') ? yaml.text(of.get('name'), '"name"', { max: 60 }) : symbol
    const isCanonical = of.has('canonical') ? yaml.flag(of.get('canonical'), '"canonical"') : false
    const usd = of.has('usd') ? yaml.number(of.get('usd'), '"usd"', { least: 1, most: 1 }) : null
    if (symbol === null || address === null || decimals === null) return null
    const at = this.#at(of.get('address') ?? node)
    const isReplacing = this.#isReplacing(of)
    return { symbol, address, decimals, name: name ?? symbol, isCanonical: isCanonical ?? false, usd, at, isReplacing }
  }

  #contract(node: unknown): Entry<Contract> | null {
    const of = this.#entry(node, 'contracts', ['name', 'address', 'kind', 'code_hash'])
    if (of === null) return null
    const { yaml } = this
    const name = yaml.text(of.get('name') ?? node, '"name" of a contract', { max: 48 })
    const address = yaml.address(of.get('address') ?? node, `"address" of ${name ?? 'a contract'}`)
    const kind = of.has('kind')
      ? yaml.oneOf(of.get('kind'), '"kind"', ['token', 'spender', 'infrastructure', 'contact'] as const)
      : ('infrastructure' as const)
    const codeHash = of.has('code_hash') ? this.#hash(of.get('code_hash')) : null
    if (name === null || address === null || kind === null) return null
    return { name, address, kind, codeHash, at: this.#at(of.get('address')), isReplacing: this.#isReplacing(of) }
  }

  #hash(node: unknown): Hex.Hex | null {
    const text = this.yaml.text(node, '"code_hash"')
    if (text === null || /^0x[0-9a-fA-F]{64}$/.test(text)) return (text?.toLowerCase() ?? null) as Hex.Hex | null
    return this.yaml.refuse(node, '"code_hash" must be \'0x\' and 64 hex digits: the keccak256 of the runtime code.')
  }

  #exchange(node: unknown): Entry<Exchange> | null {
    const of = this.#entry(node, 'exchanges', ['kind', 'router', 'factory', 'quoter', 'quoter_abi', 'fees'])
    if (of === null) return null
    const { yaml } = this
    const kind = yaml.oneOf(of.get('kind') ?? node, '"kind" of an exchange', ['uniswap-v2', 'uniswap-v3'] as const)
    const router = yaml.address(of.get('router') ?? node, '"router"')
    const optional = (key: string): Address.Address | null =>
      of.has(key) ? yaml.address(of.get(key), `"${key}"`) : null
    const [factory, quoter] = [optional('factory'), optional('quoter')]
    const quoterAbi = of.has('quoter_abi')
      ? yaml.oneOf(of.get('quoter_abi'), '"quoter_abi"', ['v1', 'v2'] as const)
      : null
    const fees = this.#each(of.get('fees'), 'fees', (fee) => yaml.number(fee, 'a fee', { most: 1_000_000 }))
    if (kind === 'uniswap-v3' && quoter === null && !of.has('quoter'))
      yaml.refuse(node, 'An exchange of kind uniswap-v3 must name its "quoter".')
    if (kind === null || router === null) return null
    const at = this.#at(of.get('router'))
    return { kind, router, factory, quoter, quoterAbi, fees, at, isReplacing: this.#isReplacing(of) }
  }

  #entry(node: unknown, key: string, keys: readonly string[]): Map<string, unknown> | null {
    return this.yaml.entries(node, `"${key}"`, [...keys, 'replace'])
  }

  #isReplacing(of: ReadonlyMap<string, unknown>): boolean {
    return of.has('replace') && this.yaml.flag(of.get('replace'), '"replace"') === true
  }

  #prices(node: unknown): Prices | null {
    const of = this.#map(node, 'prices', ['order', 'oracle', 'tool'])
    if (of === null) return null
    const { yaml } = this
    const order = of.has('order')
      ? this.#each(of.get('order'), 'prices.order', (each) =>
          yaml.oneOf(each, '"prices.order"', ['pool', 'oracle', 'tool'] as const),
        )
      : (['pool', 'oracle', 'tool'] as const)
    const oracle = of.has('oracle')
      ? yaml.entries(of.get('oracle'), '"prices.oracle"', ['kind', 'address', 'max_age'])
      : null
    const tool = of.has('tool') ? yaml.entries(of.get('tool'), '"prices.tool"', ['name', 'max_age']) : null
    const kind = oracle === null ? null : yaml.oneOf(oracle.get('kind') ?? node, '"kind" of the oracle', ['aave-v3'])
    const address = oracle === null ? null : yaml.address(oracle.get('address') ?? node, '"prices.oracle.address"')
    const name = tool === null ? null : yaml.text(tool.get('name') ?? node, '"prices.tool.name"', { max: 64 })
    const age = (from: Map<string, unknown> | null, usual: number): number =>
      from?.has('max_age') === true ? (yaml.duration(from.get('max_age'), '"max_age"') ?? usual) : usual
    return {
      order,
      oracle: kind === null || address === null ? null : { kind: 'aave-v3', address, maxAgeMs: age(oracle, 3_600_000) },
      tool: name === null ? null : { name, maxAgeMs: age(tool, 60_000) },
    }
  }

  #probe(node: unknown): ProbePlan | null {
    const of = this.yaml.entries(node, '"probe"', ['blocks', 'transactions', 'every', 'strict'])
    if (of === null) return null
    const { yaml } = this
    const number = (key: string, usual: number, most: number): number =>
      of.has(key) ? (yaml.number(of.get(key), `"probe.${key}"`, { least: 1, most }) ?? usual) : usual
    return {
      blocks: number('blocks', DEFAULT_PROBE.blocks, 64),
      transactions: number('transactions', DEFAULT_PROBE.transactions, 200),
      everyMs: of.has('every')
        ? (yaml.duration(of.get('every'), '"probe.every"') ?? DEFAULT_PROBE.everyMs)
        : DEFAULT_PROBE.everyMs,
      isStrict: of.has('strict') ? (yaml.flag(of.get('strict'), '"probe.strict"') ?? true) : true,
    }
  }

  #refuseTwoCanonical(tokens: readonly Entry<Token>[]): void {
    const canonical = new Map<string, Token>()
    for (const token of tokens.filter((each) => each.isCanonical)) {
      const key = token.symbol.toLowerCase()
      const other = canonical.get(key)
      if (other !== undefined)
        this.yaml.faults.push({
          line: token.at.line,
          because: `Two tokens are canonical for ${token.symbol}: ${other.address} and ${token.address}. Mark one.`,
        })
      canonical.set(key, token)
    }
  }
}

const NO_URL =
  '"rpc" names environment variables that hold URLs: [{ env: COUNTERSIGN_RPC_8453 }]. A file holds no RPC URL.'

/** URLs that carry a secret: credentials, a query, or a path segment that looks like a key. The URL is not repeated. */
function refuseSecrets(yaml: YamlReader, node: unknown): void {
  const { items, value } = node as { items?: readonly unknown[]; value?: unknown; key?: unknown }
  for (const item of items ?? []) {
    const { key } = item as { key?: unknown }
    refuseSecrets(yaml, key === undefined ? item : (item as { value?: unknown }).value)
  }
  if (typeof value !== 'string' || !/^\w+:\/\//.test(value) || !URL.canParse(value)) return
  const url = new URL(value)
  const hasKey = url.pathname.split('/').some((segment) => /^[\w-]{20,}$/.test(segment))
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '' || hasKey)
    yaml.refuse(node, 'A URL in this file carries a key. Put the URL into an environment variable and name that.')
}

function defined<T extends object>(facts: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
