import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { BaseError } from '@countersign/base'
import { Command, InvalidArgumentError } from 'commander'
import type { Io } from '../io.ts'
import { UsageError } from '../UsageError.ts'
import { writeText } from './files.ts'

// A scan loads this file for its options, and fetches nothing.
const load = createRequire(import.meta.url)

type Snapshot = Awaited<ReturnType<typeof import('@countersign/scanner').loadSnapshot>>

/** OSV's data dumps, one zip an ecosystem (google.github.io/osv.dev/data, "Data dumps"). */
const DUMPS = 'https://osv-vulnerabilities.storage.googleapis.com'
const ECOSYSTEMS = ['npm', 'PyPI', 'crates.io', 'Go', 'RubyGems']

/** The largest dump, npm's, is below a fifth of it. */
const BYTES_MAX = 1 << 30
const TIMEOUT_S = 900

/** `countersign scan osv fetch`: the one part of scanning that uses a network, and only when it is asked to. */
export function osvCommand(io: Io): Command {
  const fetchCommand = new Command('fetch')
    .description("download OSV's known vulnerabilities and compact them to a snapshot for scan --osv")
    .requiredOption('--out <file>', 'where to write the snapshot (.json or .json.gz)')
    .option('--url <url>', 'a zip of OSV records; repeat for more (default: the dumps of every ecosystem)', collect, [])
    .option('--timeout <seconds>', 'for all downloads', String(TIMEOUT_S))
    .addHelpText('after', '\nExit codes: 0 written, 2 bad usage or input, 8 a download failed (nothing is written).')
    .action(async (options: { out: string; url: readonly string[]; timeout: string }) => {
      const timeoutS = Number(options.timeout)
      if (!Number.isSafeInteger(timeoutS) || timeoutS < 1 || timeoutS > 86_400)
        throw new UsageError(`--timeout ${options.timeout} is not valid.`, 'Give whole seconds, 1 to 86400.')
      const urls = options.url.length > 0 ? options.url : ECOSYSTEMS.map((name) => `${DUMPS}/${name}/all.zip`)
      writeSnapshot(io, await download(urls.map(allowed), timeoutS * 1_000, io), options.out)
    })
  return new Command('osv').description('known vulnerabilities for --osv').addCommand(fetchCommand)
}

/** Writes a snapshot compacted, and says what is in it. */
export function writeSnapshot(io: Io, osv: Snapshot, file: string): void {
  const text = JSON.stringify(osv)
  const { gzipSync } = load('node:zlib') as typeof import('node:zlib')
  writeText(file, file.endsWith('.gz') ? gzipSync(text, { level: 9 }) : `${text}\n`)
  const packages = Object.entries(osv.packages).map(
    ([ecosystem, byName]) => `${Object.keys(byName).length} ${ecosystem}`,
  )
  io.out(`${file}: ${osv.records} records as of ${osv.as_of}; packages: ${packages.join(', ') || 'none'}.`)
}

async function download(urls: readonly URL[], timeoutMs: number, io: Io): Promise<Snapshot> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-osv-'))
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    for (const [i, url] of urls.entries()) await save(url, join(folder, `${i}.zip`), signal)
    const { loadSnapshot } = await import('@countersign/scanner')
    const snapshot = await loadSnapshot(folder)
    if (snapshot.records === 0) throw new FetchError(urls[0]?.href ?? '', 'it holds no records')
    io.err(`${urls.length} downloads read.`)
    return snapshot
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function save(url: URL, file: string, signal: AbortSignal): Promise<void> {
  try {
    const answer = await fetch(url, { signal })
    // Where a redirection led is held to the same rule.
    allowed(answer.url)
    if (!answer.ok || answer.body === null) throw new FetchError(url.href, `the server answered ${answer.status}`)
    const { Readable, Transform } = await import('node:stream')
    const { pipeline } = await import('node:stream/promises')
    let bytes = 0
    const bounded = new Transform({
      transform(chunk: Buffer, _, done) {
        bytes += chunk.length
        if (bytes > BYTES_MAX) done(new FetchError(url.href, `it is larger than ${BYTES_MAX} bytes`))
        else done(null, chunk)
      },
    })
    await pipeline(Readable.fromWeb(answer.body as never), bounded, createWriteStream(file), { signal })
  } catch (error) {
    if (error instanceof BaseError) throw error
    throw new FetchError(url.href, signal.aborted ? 'it took too long' : 'the connection failed', error)
  }
}

/** HTTPS, or a server on this machine. */
function allowed(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  const isLocal = url !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  if (url === null || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal)))
    throw new UsageError(`${text.slice(0, 200)} is not an HTTPS address.`, 'Give https://… to a zip of OSV records.')
  return url
}

function collect(value: string, previous: readonly string[]): string[] {
  if (value === '') throw new InvalidArgumentError('It is empty.')
  return [...previous, value]
}

export class FetchError extends BaseError {
  override readonly name = 'cli.FetchError'
  constructor(url: string, why: string, cause?: unknown) {
    super(`${url.slice(0, 200)} cannot be fetched: ${why}.`, {
      code: 'cli:osv:unreachable',
      kind: 'upstream',
      hint: 'Run it again later, or give --url with a mirror.',
      cause,
    })
  }
}
