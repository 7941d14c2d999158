import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock, Redacted } from '@countersign/base'
import { openKeyring } from '@countersign/server'
import { spawnGate } from '../../../test/faults/spawnGate.ts'
import { row, type Result } from '../Result.ts'
import { ATTACKS } from './attack.ts'
import { openLoop, type Shot } from './load.ts'

/** What the neighbour asks for while it is measured, and for how long: few enough that a core has time for others. */
const PER_S = 100
const PHASE_MS = 1_000
/** Attacked, quiet (the attacker is stopped), attacked, and so on: what disturbs the machine disturbs both. */
const ROUNDS = 8
const BAR = 2

/**
 * Whether one tenant feels it when another caller attacks: the p99 of a keyed neighbour's requests while an attack runs,
 * over the same in the quiet before it, in one run on one server with its default limits.
 */
export async function neighbours(result: Result, log: (text: string) => void): Promise<void> {
  const ratios: { kind: string; ratio: number }[] = []
  for (const [kind, { says }] of Object.entries(ATTACKS)) {
    const { quiet, attacked, wrong } = await measure(kind)
    const [before, under] = [
      row({ case: `neighbour, quiet (${kind})`, subject: 'ours', metric: 'latency', unit: 'ms' }, quiet),
      row({ case: `neighbour, under ${kind}`, subject: 'ours', metric: 'latency', unit: 'ms' }, attacked),
    ]
    result.rows.push(before, under)
    const ratio = under.p99 / before.p99
    ratios.push({ kind, ratio })
    result.ratios.push({ case: says, metric: 'p99', subject: 'attacked', over: 'quiet', value: ratio })
    log(`${says}: p99 ${before.p99} → ${under.p99} ms, ${ratio.toFixed(2)} times; refused to the neighbour: ${wrong}`)
    if (wrong > 0)
      result.bars.push({ name: `neighbour refused under ${kind}`, value: wrong, target: '0', holds: false })
  }
  const worst = ratios.toSorted((a, b) => b.ratio - a.ratio)[0]
  const value = worst?.ratio ?? Number.NaN
  result.bars.push({
    name: `neighbour's p99 under attack over quiet, worst of ${ratios.length} (${worst?.kind ?? ''})`,
    value,
    target: `<= ${BAR}`,
    holds: value <= BAR,
  })
}

async function measure(kind: string): Promise<{ quiet: number[]; attacked: number[]; wrong: number }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-neighbours-'))
  const keyring = await openKeyring({ dataDir, env: {}, clock: Clock.system })
  const key = Redacted.reveal((await keyring.issue({ app: 'neighbour', label: '' })).key)
  await keyring.close()
  const modelPort = await freePort()
  const gate = await spawnGate({
    dataDir,
    env: { COUNTERSIGN_MODEL_BASE_URL: `http://127.0.0.1:${modelPort}/v1`, COUNTERSIGN_MODEL: 'misbehaving' },
  })
  let attacker: ChildProcess | null = null
  try {
    const port = Number(new URL(gate.url).port)
    const id = randomUUID()
    const made = await fetch(`${gate.url}/api/sessions?app=neighbour`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'x-session-id': id, 'content-type': 'application/json' },
      body: '{}',
    })
    if (made.status !== 200) throw new Error(`the neighbour's session was answered with ${made.status}`)
    const head = (path: string): Buffer =>
      Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-API-Key: ${key}\r\nX-Session-Id: ${id}\r\n\r\n`)
    const shots: Shot[] = [
      { bytes: head('/api/key'), status: 200 },
      { bytes: head('/api/state'), status: 200 },
    ]
    const phase = (forMs = PHASE_MS) => openLoop(port, shots, { perS: PER_S, forMs, connections: 16 })
    // A process that has just started still compiles.
    await phase(4_000)
    const quiet: number[] = [...(await phase()).latenciesMs]
    attacker = spawn(process.execPath, [join(import.meta.dirname, 'attack.ts'), kind, gate.url, String(modelPort)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (attacker.stdout !== null) await once(attacker.stdout, 'data')
    const attacked: number[] = []
    let wrong = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const under = await phase()
      attacker.kill('SIGSTOP')
      const between = await phase()
      attacker.kill('SIGCONT')
      attacked.push(...under.latenciesMs)
      quiet.push(...between.latenciesMs)
      wrong += under.errors + between.errors
    }
    return { quiet, attacked, wrong }
  } finally {
    attacker?.kill('SIGKILL')
    await gate.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
