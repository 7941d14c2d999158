/**
 * `npm run licences [-- --json | --check]`: which licence every package has that our published packages bring along.
 * Read from package-lock.json and the packages' own manifests; nothing is asked of the network.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** Licences that ask no more of whoever ships Countersign (Apache-2.0) than notices. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  // Copyleft of single files, which are shipped unchanged.
  'MPL-2.0',
  'Python-2.0',
])
/**
 * Why a package with another licence may be there. The local chain deploys the bytecode of these contracts; it is data that
 * lies in files of its own beside the command, with its licence in THIRD-PARTY-LICENSES.txt, and nothing is linked with it.
 * The Business Source License of `v3-core` became GPL-2.0-or-later on 2023-04-01 (its LICENSE, "Change Date").
 */
const CONTRACTS = new Set([
  '@uniswap/lib',
  '@uniswap/v2-core',
  '@uniswap/v2-periphery',
  '@uniswap/v3-core',
  '@uniswap/v3-periphery',
  'canonical-weth',
])

interface Entry {
  readonly version?: string
  readonly license?: string
  readonly link?: boolean
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

interface Found {
  readonly name: string
  readonly version: string
  readonly licence: string
  readonly isAllowed: boolean
}

const lock = (JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Entry> })
  .packages

/** Where Node finds a package that another one asks for; null where an optional one is not in the lock. */
function placeOf(name: string, from: string): string | null {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const place = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`
    if (lock[place] !== undefined) return place
    if (at === '') return null
    if (!at.includes('/node_modules/')) at = ''
    if (at === '' && lock[`node_modules/${name}`] !== undefined) return `node_modules/${name}`
  }
}

/** All that the published packages bring along. */
function shipped(): Found[] {
  const published = Object.keys(lock).filter((place) => /^packages\/[^/]+$/.test(place) || place === 'chain')
  const seen = new Set<string>()
  const queue = published.map((place) => ({ place, of: lock[place] }))
  const found = new Map<string, Found>()
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { dependencies = {}, optionalDependencies = {} } = next.of ?? {}
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const place = placeOf(name, next.place)
      const entry = place === null ? undefined : lock[place]
      if (place === null || entry === undefined || seen.has(place)) continue
      seen.add(place)
      if (entry.link === true) continue
      queue.push({ place, of: entry })
      const licence = entry.license ?? licenceIn(place)
      found.set(place, { name, version: entry.version ?? '?', licence, isAllowed: isAllowed(name, licence) })
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

function licenceIn(place: string): string {
  const path = join(root, place, 'package.json')
  if (!existsSync(path)) return 'unknown'
  const { license, licenses } = JSON.parse(readFileSync(path, 'utf8')) as { license?: unknown; licenses?: unknown }
  const [first] = Array.isArray(licenses) ? (licenses as { type?: unknown }[]) : []
  return typeof license === 'string' ? license : typeof first?.type === 'string' ? first.type : 'unknown'
}

/** `A OR B` is allowed when either is, `A AND B` when both are. */
function isAllowed(name: string, licence: string): boolean {
  if (CONTRACTS.has(name)) return true
  const plain = licence.replace(/^\(|\)$/g, '')
  if (plain.includes(' AND ')) return plain.split(' AND ').every((each) => ALLOWED.has(each))
  return plain.split(' OR ').some((each) => ALLOWED.has(each))
}

const all = shipped()
const others = all.filter((each) => !each.isAllowed)
if (process.argv.includes('--json')) console.log(JSON.stringify(all, null, 2))
else if (!process.argv.includes('--check')) {
  const counts = new Map<string, number>()
  for (const { licence } of all) counts.set(licence, (counts.get(licence) ?? 0) + 1)
  for (const [licence, count] of [...counts].sort((a, b) => b[1] - a[1]))
    console.log(`${String(count).padStart(4)}  ${licence}`)
}
for (const { name, version, licence } of others)
  console.error(`${name} ${version}: ${licence} is not on the list of tools/licences.ts`)
process.exitCode = others.length === 0 ? 0 : 1
