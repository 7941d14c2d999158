/**
 * Makes `chain/data/names.json`, what chains without a record of ours are called, from `viem/chains`:
 * `node tools/build-chains.ts`. viem defines 750 chains, which take seconds to load, so the program never does.
 */
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

interface Definition {
  readonly id: number
  readonly name: string
  readonly nativeCurrency: { readonly symbol: string; readonly decimals: number }
  readonly blockExplorers?: { readonly default: { readonly url: string } }
  readonly testnet?: boolean
}

const target = join(import.meta.dirname, '../packages/simulator/src/chain/data/names.json')
const require = createRequire(join(import.meta.dirname, '../packages/simulator/package.json'))
const { version } = require('viem/package.json') as { version: string }
const all = (await import(pathToFileURL(require.resolve('viem/chains')).href)) as Record<string, Definition>

const byId = new Map<number, Definition>()
for (const definition of Object.values(all)) {
  if (typeof definition !== 'object' || typeof definition.id !== 'number') continue
  const known = byId.get(definition.id)
  // An id that several share belongs to the one that is no test network.
  if (known === undefined || (known.testnet === true && definition.testnet !== true))
    byId.set(definition.id, definition)
}
const lines = [...byId.values()]
  .toSorted((a, b) => a.id - b.id)
  .map(({ id, name, nativeCurrency: { symbol, decimals }, blockExplorers }) => {
    const url = blockExplorers?.default.url.replace(/\/+$/, '') ?? null
    return `"${id}":${JSON.stringify([name, symbol, decimals, url?.startsWith('https://') === true ? url : null])}`
  })
writeFileSync(
  target,
  `{\n"source":${JSON.stringify({ name: 'viem', version, license: 'MIT' })},\n"chains":{\n${lines.join(',\n')}\n}}\n`,
)
