/** Two server processes, as people start them, on one data directory: they serve one chain under one id, or not at all. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'countersign.mjs')
const scratch = mkdtempSync(join(tmpdir(), 'countersign-two-'))
const running: Serving[] = []
let other: LocalChain
beforeAll(async () => {
  // Deployed anew: chains that start from the saved state share their first blocks.
  other = await startLocalChain({ cacheDir: null })
})
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop()
})
afterAll(async () => {
  await other.close()
  rmSync(scratch, { recursive: true, force: true })
})

interface Serving {
  readonly child: ChildProcess
  readonly out: string
  readonly err: string
  /** Null while it runs. */
  readonly code: number | null
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** `countersign serve` in a process of its own. Resolves when it is ready, or has ended. */
async function serve(dataDir: string, env: Record<string, string> = {}): Promise<Serving> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0', '--data-dir', join(scratch, dataDir)], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const ended = once(child, 'close')
  const serving: Serving = {
    child,
    get out() {
      return out
    },
    get err() {
      return err
    },
    get code() {
      return child.exitCode
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill(signal)
      await ended
    },
  }
  running.push(serving)
  while (child.exitCode === null && !out.includes('Stop with Ctrl+C')) {
    await Promise.race([ended, once(child.stdout, 'data')])
  }
  if (child.exitCode !== null) await ended
  return serving
}

test('promise: a second process with a chain of its own is refused, and told how to share the first one’s', async () => {
  const first = await serve('shared')
  expect(first.code, first.err).toBeNull()
  const second = await serve('shared')
  expect(second.code, second.out).toBe(2)
  expect(second.err).toMatch(
    /^Another process already serves chain 31337 from this data directory, on a chain of its own\. /,
  )
  expect(second.err.trim().split('\n')).toHaveLength(1)
  const setting = /COUNTERSIGN_RPC_31337=(http:\/\/127\.0\.0\.1:\d+)/.exec(second.err)?.[1]
  const sharing = await serve('shared', { COUNTERSIGN_RPC_31337: setting ?? '' })
  expect(sharing.code, sharing.err).toBeNull()
})

test('promise: a process whose provider serves another chain under the same id is refused', async () => {
  const first = await serve('provider')
  expect(first.code, first.err).toBeNull()
  const second = await serve('provider', { COUNTERSIGN_RPC_31337: other.rpcUrl })
  expect(second.code, second.out).toBe(2)
  expect(second.err).toMatch(/^Another process already serves chain 31337 from this data directory/)
  expect(second.err).not.toContain(other.rpcUrl)
})

test('promise: a process that was killed keeps no other out: the next one waits for its lease and starts', async () => {
  const first = await serve('killed')
  await first.stop('SIGKILL')
  const second = await serve('killed')
  expect(second.code, second.err).toBeNull()
})

test('promise: of two that start together, one serves', async () => {
  // The store is made first: two processes that make one together may wait for each other.
  await (await serve('together')).stop()
  const both = await Promise.all([serve('together'), serve('together')])
  expect(new Set(both.map(({ code }) => code)), both.map(({ err }) => err).join()).toEqual(new Set([2, null]))
})
