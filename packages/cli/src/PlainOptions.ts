import type { SimulateOptions } from './SimulateOptions.ts'

/** Options of `countersign simulate` that a server can follow, by what stands after each. */
const TAKEN: Readonly<Record<string, 'value' | 'values' | 'flag'>> = {
  '--server': 'value',
  '--chain-id': 'value',
  '--from': 'value',
  '--tx': 'values',
  '--typed-data': 'value',
  '--state-overrides': 'value',
  '--json': 'flag',
  '--no-receipt': 'flag',
}

/**
 * Reads the plainest way to write `simulate` for a server: each option once, a space, its value. Anything else is null, and
 * the whole command reads it: it knows every way, and says what is wrong. What is read here means the same there.
 *
 * @param argv - What stands after `simulate`.
 */
export function parse(argv: readonly string[]): SimulateOptions | null {
  const given = new Map<string, string>()
  const tx: string[] = []
  for (let i = 0; i < argv.length; i += 1) {
    const name = argv[i] ?? ''
    const kind = Object.hasOwn(TAKEN, name) ? TAKEN[name] : undefined
    if (kind === undefined || given.has(name)) return null
    if (kind === 'flag') {
      given.set(name, '')
      continue
    }
    i += 1
    const value = argv[i]
    if (value === undefined || value.startsWith('-')) return null
    if (kind === 'values') tx.push(value)
    else given.set(name, value)
  }
  const from = given.get('--from')
  if (from === undefined) return null
  const optional = {
    server: '--server',
    chainId: '--chain-id',
    typedData: '--typed-data',
    stateOverrides: '--state-overrides',
  }
  return {
    ...{ from, tx, fallbackRpcUrl: [], quorum: '1', block: 'latest', lookAhead: true, dataDir: '', receiptTtl: '' },
    receipt: !given.has('--no-receipt'),
    ...(given.has('--json') ? { json: true } : {}),
    ...Object.fromEntries(
      Object.entries(optional).flatMap(([field, name]) => (given.has(name) ? [[field, given.get(name)]] : [])),
    ),
  }
}
