import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { ServerOptions } from '@countersign/server'
import { storeOfTests } from '../postgres/databaseOf.ts'
import { SERVER_FLAGS } from '../../packages/cli/bin/boundHeap.mjs'
import type { ServedChain } from './serveGate.ts'

export interface GateProcess {
  readonly url: string
  readonly child: ChildProcess
  /** Ends it as an operator would; SIGKILL when it does not. */
  stop(): Promise<void>
}

/** Starts one more server process on a data directory, with Node as `countersign serve` has it. */
export async function spawnGate({
  inside = [],
  ...options
}: Pick<ServerOptions, 'dataDir' | 'limits' | 'host'> & {
  env?: Record<string, string>
  chain?: ServedChain
  /** A command that runs it somewhere else, such as `ip netns exec NAME`. */
  inside?: readonly string[]
}): Promise<GateProcess> {
  const env = { ...(await storeOfTests(options.dataDir)), ...options.env }
  const [command, ...args] = [...inside, process.execPath, ...SERVER_FLAGS, join(import.meta.dirname, 'serveGate.mjs')]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  child.stdin?.end(JSON.stringify({ ...options, env }))
  const url = await new Promise<string>((resolve, reject) => {
    let out = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      const line = /^(\{.*\})\n/.exec(out)?.[1]
      if (line !== undefined) resolve((JSON.parse(line) as { url: string }).url)
    })
    child.once('exit', (code) => reject(new Error(`the server process ended with ${code}: ${errors.slice(0, 2_000)}`)))
  })
  return {
    url,
    child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGCONT')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await gone
      clearTimeout(timer)
    },
  }
}

/** The p-th share of samples, such as 0.99. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
