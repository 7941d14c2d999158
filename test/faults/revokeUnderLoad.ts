import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock, Redacted } from '@countersign/base'
import { KeyLimit, openKeyring } from '@countersign/server'
import { NO_LIMITS } from './calls.ts'
import { spawnGate, type GateProcess } from './spawnGate.ts'

export interface RevocationFigures {
  readonly requests: number
  readonly accepted: number
  /** Accepted although they began after the revocation was answered. */
  readonly late: number
  /** Revocations whose answer did not name every process. */
  readonly unconfirmed: number
  /** How long each revocation took to be answered, in milliseconds. */
  readonly tookMs: number[]
  /** With one process standing still: how long, and what the answer said. */
  readonly frozen: {
    readonly ms: number
    readonly confirmed: string
    readonly lapsed: number
    readonly acceptedAfter: number
  }
}

/**
 * Several processes on one store, keys in constant use at all of them; each key is revoked at one, and from the answer
 * on nobody may take it. Then one process is stopped (SIGSTOP) and another key revoked.
 */
export async function revokeUnderLoad({
  keys: count,
  processes,
}: {
  keys: number
  processes: number
}): Promise<RevocationFigures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-fence-'))
  const gates: GateProcess[] = []
  let isOver = false
  try {
    for (let i = 0; i < processes; i += 1) gates.push(await spawnGate({ dataDir, limits: NO_LIMITS }))
    const [admin] = await issueIn(dataDir, 1, { scopes: ['admin'] })
    const keys = await issueIn(dataDir, count)
    const revoke = (gate: GateProcess, id: string) =>
      get(gate.url, admin?.text ?? '', { path: `/api/admin/keys/${id}/revoke`, method: 'POST' })
    const answered = new Set<string>()
    let [requests, accepted, late, unconfirmed] = [0, 0, 0, 0]
    const use = async (): Promise<void> => {
      // oxlint-disable-next-line no-unmodified-loop-condition -- set from outside
      while (!isOver) {
        const key = keys[Math.floor(Math.random() * keys.length)] as (typeof keys)[number]
        const gate = gates[Math.floor(Math.random() * processes)] as GateProcess
        const wasAnswered = answered.has(key.id)
        const { status } = await get(gate.url, key.text)
        requests += 1
        if (status !== 200) continue
        accepted += 1
        if (wasAnswered) late += 1
      }
    }
    const users = Array.from({ length: 8 * processes }, use)
    const tookMs: number[] = []
    await new Promise((resolve) => setTimeout(resolve, 300))
    for (const [i, key] of keys.entries()) {
      const answer = await revoke(gates[i % processes] as GateProcess, key.id)
      answered.add(key.id)
      const said = JSON.parse(answer.body) as { confirmed: string; lapsed_instances: number }
      if (said.confirmed !== `${processes}/${processes}` || said.lapsed_instances !== 0) unconfirmed += 1
      tookMs.push(answer.ms)
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
    isOver = true
    await Promise.all(users)

    const [fresh] = await issueIn(dataDir, 1)
    const last = gates.at(-1) as GateProcess
    await get(last.url, fresh?.text ?? '')
    last.child.kill('SIGSTOP')
    const answer = await revoke(gates[0] as GateProcess, fresh?.id ?? '')
    last.child.kill('SIGCONT')
    let acceptedAfter = 0
    for (const gate of gates) if ((await get(gate.url, fresh?.text ?? '')).status === 200) acceptedAfter += 1
    const said = JSON.parse(answer.body) as { confirmed: string; lapsed_instances: number }
    return {
      requests,
      accepted,
      late,
      unconfirmed,
      tookMs,
      frozen: { ms: answer.ms, confirmed: said.confirmed, lapsed: said.lapsed_instances, acceptedAfter },
    }
  } finally {
    isOver = true
    for (const gate of gates) await gate.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** One request on kept-alive connections: status, body and how long it took. */
export function get(
  url: string,
  key: string | null,
  { path = '/api/key', method = 'GET' }: { path?: string; method?: string } = {},
): Promise<{ status: number; ms: number; body: string }> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now()
    const headers = key === null ? {} : { 'aomi-app-key': key }
    const made = httpRequest(url + path, { agent, method, headers, timeout: 10_000 }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, ms: performance.now() - startMs, body }))
    })
    made.on('error', reject)
    made.on('timeout', () => made.destroy(new Error('no answer in ten seconds')))
    made.end()
  })
}

/** Issues keys in a data directory, as the command line does. */
export async function issueIn(
  dataDir: string,
  count: number,
  input: { scopes?: readonly ['admin']; limits?: readonly string[] } = {},
): Promise<{ id: string; text: string }[]> {
  const keyring = await openKeyring({ dataDir, env: {}, clock: Clock.system })
  try {
    const made = []
    for (let i = 0; i < count; i += 1) {
      const { id, key } = await keyring.issue({
        app: 'acme',
        label: '',
        ...(input.scopes === undefined ? {} : { scopes: input.scopes }),
        ...(input.limits === undefined ? {} : { limits: KeyLimit.parseAll(input.limits) }),
      })
      made.push({ id, text: Redacted.reveal(key) })
    }
    return made
  } finally {
    await keyring.close()
  }
}
