import { Chain, chainOf, createSimulator, mismatch, openRpc, type Mismatch } from '@countersign/simulator'
import { Command } from 'commander'
import { chainRecords } from './configuredChains.ts'
import { readRpcUrl } from './inputs.ts'
import type { Io } from './io.ts'
import { UsageError } from './UsageError.ts'

interface Options {
  readonly chains?: string
  readonly rpcUrl?: string
  readonly json?: boolean
}

/** Exit codes of `countersign chain check`, beside those every error has. */
const EXIT = { agrees: 0, mismatches: 11 } as const

/** `countersign chain`: what is known of a chain, and whether the chain agrees. */
export function chainCommand(io: Io): Command {
  return new Command('chain')
    .addCommand(
      new Command('check')
        .description('read the record of a chain, then ask the chain: id, code, tokens, routers, recent transactions')
        .argument('<id>', 'the number of the chain, such as 8453')
        .option('--chains <dir>', 'folder of <id>.yaml files (COUNTERSIGN_CHAINS_DIR)')
        .option('--rpc-url <url>', 'JSON-RPC provider (or COUNTERSIGN_RPC_<id>, or the variable that the file names)')
        .option('--json', 'print {ok, mismatches, probe} as one JSON object')
        .addHelpText('after', '\nExit codes: 0 agrees, 11 mismatches, 2 the file is not valid, 8 provider unreachable.')
        .action(async (id: string, options: Options) => io.exit(await check(io, id, options))),
    )
    .addCommand(
      new Command('show')
        .description('print what is known of a chain, and where each fact comes from')
        .argument('<id>', 'the number of the chain, such as 8453')
        .option('--chains <dir>', 'folder of <id>.yaml files (COUNTERSIGN_CHAINS_DIR)')
        .option('--json', 'print it as one JSON object')
        .action((id: string, options: Options) => {
          const chain = recordOf(io, id, options)
          io.out(options.json === true ? JSON.stringify(chain) : shown(chain))
        }),
    )
}

function recordOf(io: Io, text: string, options: Options): Chain.Chain {
  if (!/^[1-9]\d{0,15}$/.test(text))
    throw new UsageError(`"${text.slice(0, 30)}" is not a chain id.`, 'Give a positive whole number, such as 8453.')
  const id = Number(text)
  const env = options.chains === undefined ? io.env : { ...io.env, COUNTERSIGN_CHAINS_DIR: options.chains }
  return chainRecords(env).get(id) ?? chainOf(id)
}

async function check(io: Io, text: string, options: Options): Promise<number> {
  const chain = recordOf(io, text, options)
  const url = rpcUrlOf(io, chain, options.rpcUrl)
  const found = await ask(chain, url)
  const isOk = found.mismatches.length === 0 && found.probe?.answer !== 'differs'
  if (options.json === true) io.out(JSON.stringify({ ok: isOk, ...found }))
  else {
    for (const { file, line, field, file_says, chain_says } of found.mismatches)
      io.out(`${file}:${line}: ${field}: the file says ${file_says}, the chain says ${chain_says}`)
    if (found.probe !== null)
      io.out(`Probe: ${found.probe.answer}${found.probe.note === null ? '' : ` (${found.probe.note})`}`)
    if (isOk) io.out(`The record of ${chain.name} (${chain.id}) agrees with the chain.`)
  }
  return isOk ? EXIT.agrees : EXIT.mismatches
}

interface Found {
  readonly mismatches: readonly Mismatch[]
  readonly probe: { readonly answer: string; readonly note: string | null; readonly [more: string]: unknown } | null
}

/** @throws {BaseError} of kind `upstream` when the chain does not answer. */
async function ask(chain: Chain.Chain, url: string): Promise<Found> {
  const upstream = openRpc({ urls: [url], timeoutMs: 15_000, quorum: 1, chainId: null })
  try {
    const [id] = await upstream.batch([{ method: 'eth_chainId', params: [] }])
    const own = id?.ok === true ? Number(id.result) : null
    if (own !== chain.id) {
      const wrong = { place: chain.places['id'], field: 'id', says: String(chain.id), chainSays: String(own ?? 'none') }
      return { mismatches: [mismatch(chain, wrong)], probe: null }
    }
  } finally {
    await upstream.close()
  }
  const simulator = await createSimulator({ chainId: chain.id, chain, rpcUrls: [url], hasSpares: false })
  try {
    const mismatches = await simulator.compareRecord()
    const { engine, probed } = await simulator.probe()
    return {
      mismatches,
      probe: {
        answer: probed?.answer ?? engine.probe,
        engine: engine.kind,
        note: probed?.note ?? engine.why,
        replayed: probed?.replayed ?? 0,
        difference: probed?.difference ?? null,
      },
    }
  } finally {
    await simulator.close()
  }
}

function rpcUrlOf(io: Io, chain: Chain.Chain, flag: string | undefined): string {
  if (flag !== undefined) return readRpcUrl('--rpc-url', flag)
  for (const name of [`COUNTERSIGN_RPC_${chain.id}`, ...chain.rpcEnv, 'COUNTERSIGN_RPC_URL']) {
    const url = io.env[name] ?? ''
    if (url !== '') return readRpcUrl(name, url.split(',')[0]?.trim() ?? '')
  }
  throw new UsageError(
    `There is no RPC URL for chain ${chain.id}.`,
    `Give --rpc-url https://…, or set COUNTERSIGN_RPC_${chain.id}.`,
  )
}

/** Each fact on a line, with its source. */
function shown(chain: Chain.Chain): string {
  const from = (place: Chain.Place | undefined): string =>
    place === undefined ? (chain.record === null ? 'viem' : 'default') : `${place.source} ${place.file}:${place.line}`
  const { coin, engine, blocks, places } = chain
  const rows: (readonly [string, string, string])[] = [
    ['name', `${chain.name} (${chain.id})`, from(places['name'])],
    ['record', chain.record ?? 'none', ''],
    [
      'coin',
      coin === null
        ? 'none'
        : `${coin.symbol}, ${coin.decimals} decimals${coin.wrapped === null ? '' : `, wrapped ${coin.wrapped}`}`,
      from(places['coin']),
    ],
    ['explorer', chain.explorer ?? 'none', from(places['explorer'])],
    [
      'engine',
      `${engine.kind ?? 'by the probe'}${engine.profile === null ? '' : `, profile ${engine.profile}`}`,
      from(places['engine']),
    ],
    [
      'fees',
      chain.l1Fee === null ? 'gas times price' : `gas times price, and data by the oracle ${chain.l1Fee.oracle}`,
      from(places['fees']),
    ],
    ['blocks', blocks.seconds === null ? 'unknown time' : `every ${blocks.seconds} s`, from(places['blocks'])],
    ...chain.tokens.map(
      (token) =>
        [
          'token',
          `${token.symbol} ${token.address}, ${token.decimals} decimals${token.isCanonical ? ', canonical' : ''}`,
          from(token.at),
        ] as const,
    ),
    ...chain.contracts.map(
      (each) => ['contract', `${each.name} ${each.address}, ${each.kind}`, from(each.at)] as const,
    ),
    ...chain.exchanges.map((each) => ['exchange', `${each.kind} ${each.router}`, from(each.at)] as const),
  ]
  return rows
    .map(([key, value, source]) => `${key.padEnd(9)} ${value}${source === '' ? '' : `  [${source}]`}`)
    .join('\n')
}
