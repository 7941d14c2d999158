/**
 * One server process for the tests of several: keys, sessions, limits and streams, and a chain where one is given. Says its
 * URL as one line of JSON, and ends with its parent.
 */
import { readFileSync } from 'node:fs'
import { Redacted } from '@countersign/base'
import { startServer, type ServerOptions } from '@countersign/server'

/** A chain that answers already. */
export interface ServedChain {
  readonly chainId: number
  readonly rpcUrl: string
  /** Whether it is a chain of this process alone. Default true. */
  readonly isLocal?: boolean
}

const { chain, ...options } = JSON.parse(readFileSync(0, 'utf8')) as Pick<
  ServerOptions,
  'dataDir' | 'env' | 'limits'
> & { readonly chain?: ServedChain }
const server = await startServer({
  port: 0,
  chains: chain === undefined ? [] : [configOf(chain)],
  ...{ webRoot: null, logLevel: 'silent' },
  ...options,
})
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
process.on('SIGTERM', () => {
  void server.close().then(() => process.exit(0))
})
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) process.exit(0)
}, 1_000).unref()

function configOf({ chainId, rpcUrl, isLocal = true }: ServedChain): ServerOptions['chains'][number] {
  return {
    ...{ chainId, rpcUrl: Redacted.of(rpcUrl), name: 'Local', nativeSymbol: 'ETH', isLocal },
    ...{ explorerUrl: null, tokens: [], contracts: [], exchanges: [], faucet: null },
  }
}
