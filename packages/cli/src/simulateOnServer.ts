import { parseCall } from '@countersign/simulator/request'
import { askServer, ServerError } from './askServer.ts'
import { parseChainId, readAddress, readFile, readJson, readJsonFile, TX_HINT } from './inputs.ts'
import type { Io } from './io.ts'
import { EXIT, type SimulateOptions } from './SimulateOptions.ts'
import { UsageError } from './UsageError.ts'

/**
 * `countersign simulate --server`: a running server does the work, so that this process starts in the time of Node itself.
 * Input is refused here as it would be without a server; anything but a report about this very request is an error.
 */
export async function simulateOnServer(io: Io, server: string, options: SimulateOptions): Promise<number> {
  refuseLocalOptions(options)
  const transactions = options.tx.map((text, i) => {
    const where = `--tx number ${i + 1}`
    const value = readJson(text, where, TX_HINT)
    parseCall(value, where)
    return value
  })
  const document = options.typedData === undefined ? null : readDocument(options.typedData)
  if (transactions.length === 0 && document === null)
    throw new UsageError(
      'There is nothing to simulate.',
      'Give at least one --tx \'{"to":"0x…","value":"…"}\', or a document with --typed-data FILE.',
    )
  const overrides = options.stateOverrides === undefined ? null : readJsonFile(options.stateOverrides)
  const from = readAddress('--from', options.from)
  const chainId = options.chainId === undefined ? null : parseChainId(options.chainId)
  const key = io.env['COUNTERSIGN_API_KEY'] ?? ''
  const { result } = await askServer(server, {
    path: '/api/simulate',
    key: key === '' ? null : key,
    body: {
      from,
      format: options.json === true ? 'report' : 'text',
      ...(transactions.length === 0 ? {} : { transactions }),
      ...(document === null ? {} : { typed_data: document }),
      ...(chainId === null ? {} : { chain_id: chainId }),
      ...(overrides === null ? {} : { state_overrides: overrides }),
      ...appOf(key),
    },
  })
  const report = readReport(result, {
    from,
    chainId,
    steps: document === null ? transactions.length : null,
    isAssumed: overrides !== null,
  })
  const { text, ...wire } = report
  if (options.json === true) io.out(JSON.stringify(wire))
  else io.out(typeof text === 'string' ? text : `Verdict: ${report.verdict}`)
  return EXIT[report.verdict]
}

/** A key names its app: `sk-<app>-…`. */
function appOf(key: string): { readonly app?: string } {
  const app = /^sk-([a-z0-9-]+)-[0-9a-f]+$/.exec(key)?.[1]
  return app === undefined ? {} : { app }
}

interface ServerReport extends Readonly<Record<string, unknown>> {
  readonly verdict: keyof typeof EXIT
}

/** @throws {ServerError} when it is no report about what was asked. */
function readReport(
  value: unknown,
  {
    from,
    chainId,
    steps,
    isAssumed,
  }: {
    readonly from: string
    readonly chainId: number | null
    readonly steps: number | null
    readonly isAssumed: boolean
  },
): ServerReport {
  const report = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const { verdict, findings, steps: ran, from: whose, chain_id: where } = report
  const isReport =
    (verdict === 'allow' || verdict === 'warn' || verdict === 'block') &&
    Array.isArray(findings) &&
    Array.isArray(ran) &&
    (steps === null || ran.length === steps) &&
    Array.isArray(report['state_overrides']) === isAssumed &&
    typeof whose === 'string' &&
    whose.toLowerCase() === from.toLowerCase() &&
    (chainId === null ? Number.isSafeInteger(where) : where === chainId)
  if (!isReport) throw new ServerError('answered something else than a report about this request')
  return report as ServerReport
}

/** What only a simulation in this process can do. */
const LOCAL_ONLY = [
  ['--fallback-rpc-url', (options) => options.fallbackRpcUrl.length > 0],
  ['--quorum', ({ quorum }) => quorum !== '1'],
  ['--verify-proofs', ({ verifyProofs }) => verifyProofs === true],
  ['--block', ({ block }) => block !== 'latest'],
  ['--known', ({ known }) => known !== undefined],
  ['--intent', ({ intent }) => intent !== undefined],
  ['--descriptors', ({ descriptors }) => descriptors !== undefined],
  ['--no-look-ahead', ({ lookAhead }) => !lookAhead],
  ['--timings', ({ timings }) => timings === true],
] as const satisfies readonly (readonly [string, (options: SimulateOptions) => boolean])[]

function refuseLocalOptions(options: SimulateOptions): void {
  const [name] = LOCAL_ONLY.find(([, isGiven]) => isGiven(options)) ?? []
  if (name !== undefined)
    throw new UsageError(`${name} cannot be used with a server.`, `Leave it out, or simulate here with --rpc-url.`)
}

function readDocument(path: string): Record<string, unknown> {
  const value = readJson(readFile(path), `The file ${path}`, 'Check that it is the right file, and whole.')
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (typeof fields['types'] !== 'object' || typeof fields['primaryType'] !== 'string')
    throw new UsageError(
      `The file ${path} is not an EIP-712 document, and a server simulates no other.`,
      'Simulate it here, with --rpc-url.',
    )
  return fields
}
