import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import { backUp, Checkpoint, openAuditRecord, verifyExport } from '@countersign/server'
import { append, call, NO_CAPS, NO_LIMITS, openStream } from './calls.ts'
import { spawnGate } from './spawnGate.ts'

export interface KillFigures {
  readonly kills: number
  readonly acked: number
  /** Acknowledged and not there afterwards. */
  readonly lost: number
  /** Sessions whose events were not 1, 2, 3, … */
  readonly gaps: number
  readonly auditRows: number
  readonly auditProblem: string | null
  /** From the start of the process to the first answer, Node's own start included, in milliseconds. */
  readonly restartMs: number
}

/**
 * Kills the server again and again (SIGKILL, at a random moment, with `writers` clients writing), and looks for every
 * acknowledged write afterwards. At the end SQLite checks its file, and the audit record is verified.
 */
export async function killUnderLoad({ kills, writers }: { kills: number; writers: number }): Promise<KillFigures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-kill-'))
  const acked = new Map<string, string[]>()
  let restartMs = 0
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      const startMs = performance.now()
      const gate = await spawnGate({ dataDir, limits: NO_LIMITS, env: NO_CAPS })
      restartMs = Math.max(restartMs, performance.now() - startMs)
      let isOver = false
      let done = 0
      const work = Array.from({ length: writers }, async () => {
        const sessionId = randomUUID()
        // oxlint-disable-next-line no-unmodified-loop-condition -- set when the server was killed
        for (let i = 0; !isOver; i += 1) {
          const title = `write ${i}`
          const { status } =
            i === 0
              ? await call('POST', `${gate.url}/api/sessions`, { sessionId, body: {} })
              : await append(gate.url, sessionId, title)
          if (status !== 200) throw new Error(`answered ${status}`)
          const titles = acked.get(sessionId) ?? []
          if (i > 0) titles.push(title)
          acked.set(sessionId, titles)
          done += 1
        }
      })
      // A writer ends when its server does.
      const ended = Promise.allSettled(work)
      // At a random moment, but not before there is something to lose.
      const enough = 100 + Math.random() * 1_500
      const untilMs = performance.now() + 20_000
      // oxlint-disable-next-line no-unmodified-loop-condition -- the writers count
      while (done < enough && performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 5))
      const gone = once(gate.child, 'exit')
      gate.child.kill('SIGKILL')
      await gone
      isOver = true
      await ended
    }

    const gate = await spawnGate({ dataDir, limits: NO_LIMITS, env: NO_CAPS })
    let lost = 0
    let gaps = 0
    for (const [sessionId, titles] of acked) {
      if ((await call('GET', `${gate.url}/api/sessions/${sessionId}`, { sessionId })).status !== 200) {
        lost += 1 + titles.length
        continue
      }
      const mark = `end ${randomUUID()}`
      await append(gate.url, sessionId, mark)
      const stream = openStream(gate.url, sessionId, { afterId: 0 })
      await stream.until((events) => events.at(-1)?.data['new_title'] === mark)
      stream.socket.destroy()
      const seen = new Set(stream.events.map((event) => event.data['new_title']))
      lost += titles.filter((title) => !seen.has(title)).length
      if (stream.events.some((event, index) => event.id !== index + 1)) gaps += 1
    }
    await gate.stop()
    const record = await openAuditRecord({ dataDir, env: {}, clock: Clock.system })
    const notes = Checkpoint.parseNotes(await record.checkpoint('default'))
    const keys = [Checkpoint.parseKey(record.verifierKey())]
    const found = await verifyExport({ chunks: fileOf(record.lines('default')), notes, keys })
    await record.close()
    // Runs `integrity_check` on the copy.
    backUp({ dataDir, target: join(dataDir, 'copy') })
    return {
      kills,
      acked: [...acked.values()].reduce((sum, titles) => sum + 1 + titles.length, 0),
      lost,
      gaps,
      auditRows: found.rows,
      auditProblem: found.problem?.because ?? null,
      restartMs: Math.round(restartMs),
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function* fileOf(lines: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  for await (const line of lines) yield Buffer.from(`${line}\n`)
}
