import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import * as viemChains from 'viem/chains'
import { usdc } from 'viem/tokens'
import * as Chain from './Chain.ts'
import { chainName, chainOf, ChainFileError, readChains, shippedIds } from './records.ts'

const BASE_USDC = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
const OTHER = '0x1111111111111111111111111111111111111111'

const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })))

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'chains-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** The faults of files, each as `name:line: because`. */
function faultsOf(files: Readonly<Record<string, string>>): readonly string[] {
  const folder = folderOf(files)
  try {
    readChains(folder)
    return []
  } catch (error) {
    if (!(error instanceof ChainFileError)) throw error
    return error.message.split('\n').map((line) => line.replace(`${folder}/`, ''))
  }
}

const read = (text: string, id = 8453): Chain.Chain => {
  const chain = readChains(folderOf({ [`${id}.yaml`]: text })).get(id)
  if (chain === undefined) throw new Error('the file was not read')
  return chain
}

interface ViemChain {
  readonly id: number
  readonly nativeCurrency: { readonly symbol: string; readonly decimals: number }
  readonly contracts?: { readonly multicall3?: { readonly address: string } }
}

describe('shipped records', () => {
  test('cover the chains that users need first, each with its coin as viem has it', () => {
    expect(shippedIds()).toEqual([
      1, 10, 56, 100, 130, 137, 324, 480, 4217, 5042, 8453, 31337, 42161, 43114, 59144, 84532, 534352, 11155111,
    ])
    for (const id of shippedIds()) {
      const chain = chainOf(id)
      expect(chain.record).toBe('shipped')
      const known = (Object.values(viemChains) as ViemChain[]).find((each) => each.id === id)
      if (known === undefined || chain.coin === null) continue
      expect(chain.coin.symbol.toUpperCase(), `${id}`).toBe(known.nativeCurrency.symbol.toUpperCase())
      expect(chain.coin.decimals, `${id}`).toBe(known.nativeCurrency.decimals)
    }
  })

  test('name Circle’s own USDC as viem has it, wherever it exists', () => {
    const addresses = (usdc as unknown as { addresses: Readonly<Record<string, string>> }).addresses
    for (const id of shippedIds()) {
      const found = Chain.tokenBySymbol(chainOf(id), 'usdc')
      if (addresses[id] !== undefined && id !== 5042)
        expect(found, `${id}`).toMatchObject({ token: { address: addresses[id] } })
      if (addresses[id] === undefined && found !== null && 'token' in found) expect([56, 534352]).toContain(id)
    }
  })

  test('promise: a symbol that only bridged tokens bear is ambiguous, and a symbol beside a canonical one is not', () => {
    expect(Chain.tokenBySymbol(chainOf(100), 'USDC')).toMatchObject({ ambiguous: [{ symbol: 'USDC' }] })
    for (const id of [10, 137, 42161]) {
      expect(
        chainOf(id).tokens.filter(({ symbol }) => symbol === 'USDC'),
        `${id}`,
      ).toHaveLength(2)
      expect(Chain.tokenBySymbol(chainOf(id), 'USDC'), `${id}`).toHaveProperty('token')
    }
    expect(Chain.tokenBySymbol(chainOf(1), 'NOSUCH')).toBeNull()
  })

  test('promise: the same address is another contract on another chain', () => {
    const named = (id: number, address: string): string | undefined =>
      chainOf(id).contracts.find((each) => each.address.toLowerCase() === address.toLowerCase())?.name
    const [v2, mainnetV2, lineaV2, quoter] = [
      '0x4752ba5DBc23f44D87826276BF6Fd6b1C372aD24',
      '0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D',
      '0x8702463e73f74d0b6765aBceb314Ef07aCb92650',
      '0x3d4e44Eb1374240CE5F1B871ab261CD16335B76a',
    ]
    for (const id of [8453, 42161, 56, 43114]) expect(named(id, v2)).toBe('Uniswap V2 router')
    expect(named(84532, v2)).toBeUndefined()
    expect(named(1, mainnetV2)).toBe('Uniswap V2 router')
    expect(named(480, mainnetV2)).toBe('Uniswap Universal Router 1.2')
    expect(named(59144, lineaV2)).toBe('Uniswap V2 router')
    for (const id of [84532, 5042]) expect(named(id, lineaV2), `${id}`).toMatch(/^Uniswap Universal Router/)
    expect(named(8453, quoter)).toBe('Uniswap V3 quoter')
    expect(named(59144, quoter)).toBe('Uniswap V3 router')
  })

  test('chains without a record have the name and the coin that viem gives, or none', () => {
    expect(chainOf(146)).toMatchObject({ name: 'Sonic', coin: { symbol: 'S' }, record: null, engine: { kind: null } })
    expect(chainOf(42220)).toMatchObject({ coin: { symbol: 'CELO' }, record: null, engine: { kind: 'node' } })
    expect(chainOf(4217).coin).toBeNull()
    expect(chainOf(987_654_321_000)).toMatchObject({ name: 'Chain 987654321000', coin: { isNamed: false } })
    expect([8453, 146, 987_654_321_000].map(chainName)).toEqual(['Base', 'Sonic', null])
  })

  test('every record says where its facts are from', () => {
    for (const id of shippedIds())
      expect(readFileSync(join(import.meta.dirname, 'data', `${id}.yaml`), 'utf8')).toMatch(/^# Sources: /)
  })
})

describe('the operator’s file', () => {
  test('adds to what is shipped', () => {
    const chain = read(`id: 8453
tokens:
  - { symbol: MINE, address: '${OTHER}', decimals: 18, canonical: true }
contracts:
  - { name: My vault, address: '0x2222222222222222222222222222222222222222', kind: spender }
exchanges:
  - { kind: uniswap-v2, router: '0x3333333333333333333333333333333333333333' }
rpc: [{ env: MY_BASE_RPC }]
`)
    expect(chain).toMatchObject({ record: 'file', name: 'Base', rpcEnv: ['MY_BASE_RPC'] })
    expect(Chain.tokenBySymbol(chain, 'mine')).toMatchObject({ token: { address: OTHER } })
    expect(Chain.tokenBySymbol(chain, 'USDC')).toMatchObject({ token: { address: BASE_USDC } })
    expect(chain.contracts.map(({ name }) => name)).toContain('My vault')
    // The first that has a pool is used, so the operator's own stands first.
    expect(chain.exchanges.map(({ kind }) => kind)).toEqual(['uniswap-v2', 'uniswap-v2', 'uniswap-v3'])
    expect(chain.exchanges[0]?.router).toBe('0x3333333333333333333333333333333333333333')
  })

  test('promise: speaking of a shipped token again takes nothing back from it', () => {
    const chain = read(`id: 8453\ntokens:\n  - { symbol: USDC, address: '${BASE_USDC}', decimals: 6 }\n`)
    expect(Chain.tokenBySymbol(chain, 'USDC')).toMatchObject({ token: { isCanonical: true, usd: 1 } })
  })

  test('promise: what contradicts a shipped address of the same name is refused with both values, unless it says replace', () => {
    const file = (more: string): string => `id: 8453
tokens:
  - { symbol: USDC, address: '${OTHER}', decimals: 6, canonical: true${more} }
`
    expect(faultsOf({ '8453.yaml': file('') })).toEqual([
      expect.stringMatching(new RegExp(`^8453.yaml:3: .*${OTHER}.*${BASE_USDC}.*replace: true`)) as string,
      expect.stringContaining('8453.yaml:3:') as string,
    ])
    const chain = read(file(', replace: true'))
    expect(Chain.tokenBySymbol(chain, 'USDC')).toMatchObject({ token: { address: OTHER } })
    expect(chain.tokens.map(({ address }) => address)).not.toContain(BASE_USDC)
  })

  test.each([
    ['contract', `contracts:\n  - { name: Permit2, address: '${OTHER}', kind: spender }`, 3, /0x1111.*0x0000/],
    ['engine', 'engine: { kind: node }', 2, /engine\.kind: the file says node, the shipped record says local/],
    ['profile', 'engine: { kind: local, profile: ethereum }', 2, /says ethereum, the shipped record says op/],
    [
      'wrapped coin',
      `coin: { symbol: ETH, decimals: 18, wrapped: '${OTHER}' }`,
      2,
      /coin\.wrapped: the file says 0x1111/,
    ],
    [
      'coin',
      'coin: { symbol: BASE, decimals: 18 }',
      2,
      /coin\.symbol: the file says BASE, the shipped record says ETH/,
    ],
    ['decimals', `tokens:\n  - { symbol: USDC, address: '${BASE_USDC}', decimals: 18 }`, 3, /says 18.*says 6/],
    ['fee oracle', `fees: { l1: { oracle: '${OTHER}', call: getL1Fee } }`, 2, /fees\.l1\.oracle/],
    ['price oracle', `prices: { oracle: { kind: aave-v3, address: '${OTHER}' } }`, 2, /prices\.oracle\.address/],
    [
      'quoter',
      `exchanges:\n  - { kind: uniswap-v3, router: '0x2626664c2603336E57B271c5C0b26F421741e481', quoter: '${OTHER}' }`,
      3,
      /quoter of the exchange/,
    ],
  ])('promise: a %s that contradicts the record is refused', (_what, text, line, because) => {
    const [fault, ...others] = faultsOf({ '8453.yaml': `id: 8453\n${text}\n` })
    expect(fault).toMatch(new RegExp(`^8453\\.yaml:${line}: `))
    expect(fault).toMatch(because)
    expect(others).toEqual([])
    // The same with `replace: true` is meant.
    const meant = text.replace(/ }( }| } })?$/, (end) =>
      text.includes('prices') || text.includes('fees')
        ? `${end.slice(0, -2)}, replace: true }`
        : `, replace: true${end}`,
    )
    expect(faultsOf({ '8453.yaml': `id: 8453\n${meant}\n` })).toEqual([])
  })

  test.each([
    ['an id that is not the file’s', 'id: 8454', 1, /named for chain 8453.*8454/],
    ['no id', 'name: Base', 1, /"id" is missing/],
    ['an unknown key', 'id: 8453\ntoken: []', 2, /Unknown key "token".*tokens/],
    [
      'an unknown key of an entry',
      `id: 8453\ntokens:\n  - { symbol: A, adress: '${OTHER}' }`,
      3,
      /Unknown key "adress"/,
    ],
    [
      'a wrong checksum',
      "id: 8453\ntokens:\n  - { symbol: A, decimals: 1, address: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA0291F' }",
      3,
      /EIP-55/,
    ],
    [
      'an address without quotes',
      `id: 8453\ntokens:\n  - { symbol: A, decimals: 1, address: ${OTHER} }`,
      3,
      /quotation marks/,
    ],
    [
      'two canonical tokens of one symbol',
      `id: 8453\ntokens:\n  - { symbol: A, decimals: 1, address: '${OTHER}', canonical: true }\n  - { symbol: a, decimals: 1, address: '0x2222222222222222222222222222222222222222', canonical: true }`,
      4,
      /canonical/,
    ],
    ['an RPC URL', 'id: 8453\nrpc: [https://rpc.invalid/]', 2, /environment variables/],
    [
      'a URL with a key in its path',
      'id: 8453\nexplorer: https://rpc.invalid/v2/abcdefghijklmnopqrstuvwx',
      2,
      /carries a key/,
    ],
    ['a URL with credentials', 'id: 8453\nexplorer: https://user:secret@explorer.invalid', 2, /carries a key/],
    ['a URL with a query', 'id: 8453\nexplorer: https://explorer.invalid/?apikey=1', 2, /carries a key/],
    ['an engine that does not exist', 'id: 8453\nengine: { kind: remote }', 2, /local, node, not-modelled/],
    ['allow as what to accept', 'id: 8453\nengine: { accept: allow }', 2, /warn, block/],
    ['a doubled key', 'id: 8453\nname: A\nname: B', 3, /unique/],
    ['what is not YAML', 'id: 8453\n  name: [', 1, /./],
    [
      'a V3 exchange without its quoter',
      `id: 8453\nexchanges:\n  - { kind: uniswap-v3, router: '${OTHER}' }`,
      3,
      /quoter/,
    ],
    ['an alias', 'id: 8453\nname: &a Base\ncoin: *a', 3, /keys and values/],
  ])('promise: %s is refused with its line', (_what, text, line, because) => {
    const faults = faultsOf({ '8453.yaml': `${text}\n` })
    expect(faults.join('\n')).toMatch(because)
    expect(faults[0]).toMatch(new RegExp(`^8453\\.yaml:${line}: `))
    // No fault repeats a secret.
    expect(faults.join('\n')).not.toMatch(/secret|apikey|abcdefghijklmnopqrstuvwx/)
  })

  test('every fault of every file is listed', () => {
    expect(
      faultsOf({
        '8453.yaml': 'id: 1\nnmae: Base\n',
        'base.yaml': 'id: 8453\n',
        '10.yaml': 'id: 10\n',
        'notes.txt': 'x',
      }),
    ).toHaveLength(3)
  })

  test('a chain that is shipped with nothing is whatever its file says', () => {
    const chain = read(
      'id: 7777\nname: Mine\ncoin: { symbol: MINE, decimals: 18 }\nengine: { kind: local, profile: ethereum }\n',
      7777,
    )
    expect(chain).toMatchObject({ name: 'Mine', coin: { symbol: 'MINE' }, engine: { kind: 'local' }, record: 'file' })
  })

  test('promise: reading a shipped record as the operator’s own file changes no fact', () => {
    for (const id of shippedIds()) {
      const text = readFileSync(join(import.meta.dirname, 'data', `${id}.yaml`), 'utf8')
      const strip = (chain: Chain.Chain): unknown =>
        JSON.parse(
          JSON.stringify({ ...chain, record: null, places: null }, (key, value: unknown) =>
            key === 'at' ? undefined : value,
          ),
        )
      expect(strip(read(text, id)), `${id}`).toEqual(strip(chainOf(id)))
    }
  })
})
