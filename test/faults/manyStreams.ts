import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { append, call, newSession, NO_CAPS, NO_LIMITS, openStream, pool, residentMiB, type Stream } from './calls.ts'
import { percentile, spawnGate } from './spawnGate.ts'

export interface StreamFigures {
  readonly sessions: number
  readonly createdPerS: number
  readonly openedPerS: number
  readonly appendedPerS: number
  readonly eventMs: { readonly p50: number; readonly p99: number }
  /** Events that were missing, came twice, or out of order, over all streams. */
  readonly wrong: number
  /** What sessions that were ended answered, other than 401 and 404. */
  readonly survived: number
  readonly residentMiB: number | null
}

/** Creates sessions, opens a stream on each, appends three events to each, ends half; with the memory that it took. */
export async function manyStreams({ sessions }: { sessions: number }): Promise<StreamFigures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-streams-'))
  const gate = await spawnGate({ dataDir, limits: NO_LIMITS, env: NO_CAPS })
  const streams: Stream[] = []
  try {
    const perS = async (job: (index: number) => Promise<void>): Promise<number> => {
      const startMs = performance.now()
      await pool(sessions, 64, job)
      return Math.round((sessions * 1_000) / (performance.now() - startMs))
    }
    const ids: string[] = []
    const createdPerS = await perS(async (index) => {
      ids[index] = await newSession(gate.url)
    })
    const sentMs = new Map<string, number>()
    const lagsMs: number[] = []
    const next = new Map<string, number>()
    let received = 0
    let wrong = 0
    const openedPerS = await perS(async (index) => {
      const id = ids[index] as string
      const stream = openStream(gate.url, id, {
        keep: false,
        onEvent: ({ id: seq }) => {
          received += 1
          if (seq !== (next.get(id) ?? 1)) wrong += 1
          next.set(id, seq + 1)
          lagsMs.push(performance.now() - (sentMs.get(id) ?? Number.NaN))
        },
      })
      streams[index] = stream
      await stream.opened
    })
    let appendedPerS = 0
    for (let round = 0; round < 3; round += 1) {
      appendedPerS = await perS(async (index) => {
        const id = ids[index] as string
        sentMs.set(id, performance.now())
        const { status } = await append(gate.url, id, `title ${round}`)
        if (status !== 200) throw new Error(`answered ${status}`)
      })
    }
    // oxlint-disable-next-line no-unmodified-loop-condition -- the streams count
    for (let i = 0; received < 3 * sessions && i < 500; i += 1) await new Promise((resolve) => setTimeout(resolve, 20))
    wrong += 3 * sessions - received
    const memory = await residentMiB(gate.child.pid)
    // What ends below is told on the streams as well, and is not what was timed.
    const timedMs = [...lagsMs]
    let survived = 0
    await pool(Math.floor(sessions / 2), 64, async (index) => {
      const id = ids[index] as string
      await call('DELETE', `${gate.url}/api/sessions/${id}`, { sessionId: id })
      const { status } = await call('GET', `${gate.url}/api/sessions/${id}`, { sessionId: id })
      if (status !== 401 && status !== 404) survived += 1
    })
    return {
      sessions,
      createdPerS,
      openedPerS,
      appendedPerS,
      eventMs: { p50: round(percentile(timedMs, 0.5)), p99: round(percentile(timedMs, 0.99)) },
      wrong,
      survived,
      residentMiB: memory === null ? null : Math.round(memory),
    }
  } finally {
    for (const stream of streams) stream.socket.destroy()
    await gate.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const round = (value: number): number => Math.round(value * 100) / 100
