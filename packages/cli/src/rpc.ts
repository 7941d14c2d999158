import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Address, Redacted } from '@countersign/base'
import { Command } from 'commander'
import { ApiRefusedError } from './callApi.ts'
import type { Io } from './io.ts'
import { readServer } from './serverPlace.ts'
import { UsageError } from './UsageError.ts'

interface Options {
  readonly server?: string
  readonly port: string
  readonly chainId?: string
  readonly owner?: string
}

/** The most of a request that is handed on, in bytes; the server takes no more. */
const MAX_BODY = 1024 * 1024
/** A send may wait for its owner. */
const TIMEOUT_MS = 30_000

/** `countersign rpc`: an RPC URL on this machine for programs that take only a URL; it adds the key. */
export function rpcCommand(io: Io): Command {
  return new Command('rpc')
    .option('--server <url>', 'the Countersign server (COUNTERSIGN_SERVER); key from COUNTERSIGN_API_KEY')
    .option('--port <n>', 'where to listen on 127.0.0.1; 0 picks a free port', '8546')
    .option('--chain-id <n>', "the chain; without it the server's only one")
    .option('--owner <address>', 'owner mode: sends become proposals that this account answers')
    .addHelpText(
      'after',
      `
It prints {"url"} as one line and runs until it is ended. Whoever reaches this port uses the key, so it listens on
127.0.0.1 alone, and refuses browsers.

Example:
  COUNTERSIGN_SERVER=https://gateway.example COUNTERSIGN_API_KEY=sk-… countersign rpc --chain-id 8453 --owner 0x…`,
    )
    .action(async (options: Options) => {
      await serve(io, options)
    })
}

async function serve(io: Io, options: Options): Promise<void> {
  const place = readServer(io.env, options.server)
  if (place === null) throw new UsageError('There is no server.', 'Give --server URL, or COUNTERSIGN_SERVER.')
  if (place.key === null) throw new UsageError('There is no API key.', 'Set COUNTERSIGN_API_KEY.')
  const port = Number(options.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError('--port is not a port.', 'Give a number from 0 to 65535.')
  if (options.owner !== undefined && !Address.isAddress(options.owner))
    throw new UsageError('--owner is not an address.', 'Write 0x and 40 hex digits.')
  const chainId = options.chainId ?? String(await onlyChain(place.url))
  if (!/^[1-9]\d{0,14}$/.test(chainId))
    throw new UsageError('--chain-id is not a chain id.', 'Give a number such as 8453.')
  const target = `${place.url}/rpc/${chainId}`
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${Redacted.reveal(place.key)}`,
    ...(options.owner === undefined ? {} : { 'x-countersign-owner': options.owner }),
  }
  const server = createServer((request, response) => void answer(request, response, { target, headers }))
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code = 'an error' }: NodeJS.ErrnoException) => {
      const what = code === 'EADDRINUSE' ? 'is in use' : `may not be used here (${code})`
      reject(
        new UsageError(`Port ${port} on 127.0.0.1 ${what}.`, 'Choose another port with --port; 0 picks a free one.'),
      )
    })
    server.listen(port, '127.0.0.1', resolve)
  })
  io.out(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
}

/** The chain of a server that serves one. @throws {UsageError} and, where nothing answers, {ApiRefusedError} */
async function onlyChain(url: string): Promise<number> {
  let chains: { chain_id: number }[]
  const response = await fetch(`${url}/api/config`, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => {
    throw new ApiRefusedError(0, null)
  })
  try {
    chains = ((await response.json()) as { chains: { chain_id: number }[] }).chains
  } catch {
    throw new UsageError('The server does not say which chains it serves.', 'Give --chain-id, and check --server.')
  }
  const [first, ...more] = chains
  if (first === undefined || more.length > 0)
    throw new UsageError(
      'The server serves more than one chain.',
      `Give --chain-id: ${chains.map((chain) => chain.chain_id).join(', ')}.`,
    )
  return first.chain_id
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { target, headers }: { target: string; headers: Record<string, string> },
): Promise<void> {
  const refuse = (status: number, error: string): void => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error, code: 'rpc:proxy:refused', hint: '', request_id: null }))
  }
  // A page of any site could reach this port, and would use the key.
  const { host = '', origin } = request.headers
  if (origin !== undefined || !/^(?:127\.0\.0\.1|localhost)(?::\d{1,5})?$/.test(host))
    return refuse(403, 'This port is for programs of this machine.')
  if (request.method !== 'POST') return refuse(405, 'Send JSON-RPC with POST.')
  try {
    const parts: Buffer[] = []
    let size = 0
    for await (const part of request as AsyncIterable<Buffer>) {
      size += part.length
      if (size > MAX_BODY) return refuse(413, 'The request is too large.')
      parts.push(part)
    }
    const answered = await fetch(target, {
      method: 'POST',
      redirect: 'error',
      headers,
      body: Buffer.concat(parts),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    response.writeHead(answered.status, {
      'content-type': answered.headers.get('content-type') ?? 'application/json',
    })
    response.end(Buffer.from(await answered.arrayBuffer()))
  } catch {
    refuse(502, 'The Countersign server does not answer.')
  }
}
