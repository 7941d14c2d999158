import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Clock, Redacted } from '@countersign/base'
import { BOMBS, startLocalChain, type LocalChain } from '@countersign/chain'
import { openKeyring } from '@countersign/server'
import { percentile, spawnGate } from '../../../test/faults/spawnGate.ts'
import { median, row, type Result } from '../Result.ts'
import { ATTACKS, type Arms } from './attack.ts'
import { openLoop, type Shot } from './load.ts'
import { cpuMsOf } from './yardsticks.ts'

/** What the neighbour asks for while it is measured, and for how long: few enough that a core has time for others. */
const PER_S = 100
const PHASE_MS = 2_000
/** The same of a neighbour that simulates. */
const SIMULATING = { perS: 20, phaseMs: 4_000 }
/** Between an attack and the quiet after it: what was under way comes to its end. */
const SETTLE_MS = 200
/** Quiet (the attacker is stopped), attacked, attacked, quiet, and so on: what disturbs the machine disturbs both. */
const ROUNDS = 6
const BAR = 2

/** One attack, round by round. */
interface Measured {
  readonly quiet: number[][]
  readonly attacked: number[][]
  /** What the server's process computed, in milliseconds a second; null where that cannot be read. */
  readonly quietCpuMsPerS: number | null
  readonly attackedCpuMsPerS: number | null
  readonly wrong: number
}

/**
 * Whether one tenant feels it when another caller attacks: the p99 of a keyed neighbour's requests while an attack runs,
 * over the same in the quiet next to it, in one run on one server with its default limits. The ratio is the median over
 * the rounds; beside it stands what the server computes, which a busy machine does not blur.
 */
export async function neighbours(
  result: Result,
  log: (text: string) => void,
  kinds?: readonly string[],
): Promise<void> {
  const ratios: { kind: string; ratio: number }[] = []
  for (const [kind, { says }] of Object.entries(ATTACKS)) {
    if (kinds !== undefined && !kinds.includes(kind)) continue
    const measured = await measure(kind)
    const [before, under] = [
      row(
        { case: `neighbour, quiet (${kind})`, subject: 'ours', metric: 'latency', unit: 'ms' },
        measured.quiet.flat(),
      ),
      row(
        { case: `neighbour, under ${kind}`, subject: 'ours', metric: 'latency', unit: 'ms' },
        measured.attacked.flat(),
      ),
    ]
    result.rows.push(before, under)
    const perRound = measured.attacked.map((each, i) => p99(each) / p99(measured.quiet[i] ?? []))
    const ratio = median(perRound)
    ratios.push({ kind, ratio })
    result.ratios.push({
      case: says,
      metric: 'p99, median of rounds',
      subject: 'attacked',
      over: 'quiet',
      value: ratio,
      above1: 'slower',
    })
    const cpu = [measured.quietCpuMsPerS, measured.attackedCpuMsPerS].map((each) => each?.toFixed(0) ?? '?')
    log(
      `${says}: p50 ${before.p50} → ${under.p50} ms, p99 ${before.p99} → ${under.p99} ms, ${ratio.toFixed(2)} times (rounds ${perRound.map((each) => each.toFixed(2)).join(', ')}); the server computes ${cpu.join(' → ')} ms a second; refused to the neighbour: ${measured.wrong}`,
    )
    if (measured.wrong > 0)
      result.bars.push({ name: `neighbour refused under ${kind}`, value: measured.wrong, target: '0', holds: false })
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

const p99 = (samples: readonly number[]): number => percentile(samples, 0.99)

async function measure(kind: string): Promise<Measured> {
  const isSimulating = ATTACKS[kind]?.isNeighbourSimulating === true
  const { perS, phaseMs } = isSimulating ? SIMULATING : { perS: PER_S, phaseMs: PHASE_MS }
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-neighbours-'))
  const keyring = await openKeyring({ dataDir, env: {}, clock: Clock.system })
  const issue = async (app: string) => Redacted.reveal((await keyring.issue({ app, label: '' })).key)
  const [key, attackersKey] = [await issue('neighbour'), await issue('attacker')]
  await keyring.close()
  const modelPort = await freePort()
  const chain = isSimulating ? await startLocalChain() : null
  const arms: Arms = { key: attackersKey, bombs: chain === null ? [] : await placeBombs(chain), senders: SENDERS }
  const gate = await spawnGate({
    dataDir,
    ...(chain === null ? {} : { chain: { chainId: chain.chainId, rpcUrl: chain.rpcUrl }, limits: { key: [] } }),
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
    const shots: Shot[] = isSimulating
      ? payments({ port, key })
      : [
          { bytes: head('/api/key'), status: 200 },
          { bytes: head('/api/state'), status: 200 },
        ]
    const phase = (forMs = phaseMs) => openLoop(port, shots, { perS, forMs, connections: 16 })
    // A process that has just started still compiles.
    await phase(4_000)
    attacker = spawn(
      process.execPath,
      [join(import.meta.dirname, 'attack.ts'), kind, gate.url, String(modelPort), JSON.stringify(arms)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    if (attacker.stdout !== null) await once(attacker.stdout, 'data')
    const [quiet, attacked]: [number[][], number[][]] = [[], []]
    const cpuMs: [number | null, number | null] = [0, 0]
    let wrong = 0
    const measured = async (isAttacked: boolean): Promise<void> => {
      attacker?.kill(isAttacked ? 'SIGCONT' : 'SIGSTOP')
      await sleep(SETTLE_MS)
      const before = cpuMsOf(gate.child)
      const { latenciesMs, errors } = await phase()
      const took = before === null ? null : (cpuMsOf(gate.child) ?? 0) - before
      const at = isAttacked ? 1 : 0
      cpuMs[at] = took === null || cpuMs[at] === null ? null : cpuMs[at] + took
      ;(isAttacked ? attacked : quiet).push(latenciesMs)
      wrong += errors
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      // The other one first each time.
      await measured(round % 2 === 1)
      await measured(round % 2 === 0)
    }
    const inASecond = (spentMs: number | null) => (spentMs === null ? null : (spentMs * 1_000) / (ROUNDS * phaseMs))
    return { quiet, attacked, quietCpuMsPerS: inASecond(cpuMs[0]), attackedCpuMsPerS: inASecond(cpuMs[1]), wrong }
  } finally {
    attacker?.kill('SIGKILL')
    await gate.stop()
    await chain?.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Accounts that simulate; the first is the neighbour's. */
const SENDERS = Array.from({ length: 50 }, (_, i) => `0x${(0xfa0000 + i).toString(16).padStart(40, '1')}`)

/** Puts hostile code on the chain, and says where; gives the senders money. */
async function placeBombs(chain: LocalChain): Promise<string[]> {
  for (const sender of SENDERS) await chain.rpc('anvil_setBalance', [sender, '0xffffffffffffffffffff'])
  const placed: string[] = []
  for (const [i, code] of Object.values(BOMBS).entries()) {
    const at = `0x${(0xabc0000 + i).toString(16).padStart(40, 'e')}`
    await chain.rpc('anvil_setCode', [at, code])
    placed.push(at)
  }
  return placed
}

/** Simulations of payments, of another amount each. */
function payments({ port, key }: { port: number; key: string }): Shot[] {
  return Array.from({ length: 200 }, (_, i) => {
    const body = JSON.stringify({
      from: SENDERS[0],
      transactions: [{ to: `0x${'22'.repeat(20)}`, value: String(i) }],
    })
    const head = `POST /api/simulate HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-API-Key: ${key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
    return { bytes: Buffer.from(head + body), status: 200 }
  })
}

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
