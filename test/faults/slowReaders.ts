import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import { createEventLog, openStore } from '@countersign/server'
import { newSession, NO_CAPS, NO_LIMITS, openStream, residentMiB } from './calls.ts'
import { percentile, spawnGate } from './spawnGate.ts'

export interface SlowFigures {
  readonly readers: number
  /** Connections that were dropped while they did not read. */
  readonly dropped: number
  /** Events that a dropped reader did not get after it came back with the last id it saw. */
  readonly lost: number
  readonly grownMiB: number | null
  /** What the stream that reads waited for an event, before and while the others slept. */
  readonly readerMs: { readonly alone: number; readonly besideSleepers: number }
}

/** Opens streams that never read beside one that does, and writes until the server has let the sleepers go. */
export async function slowReaders({ readers }: { readers: number }): Promise<SlowFigures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-slow-'))
  const gate = await spawnGate({ dataDir, limits: NO_LIMITS, env: NO_CAPS })
  const store = await openStore({ clock: Clock.system }, { dataDir })
  const sockets: { destroy(): void }[] = []
  try {
    const id = await newSession(gate.url)
    let sentMs = 0
    let lagsMs: number[] = []
    const awake = openStream(gate.url, id, {
      onEvent: ({ data }) => {
        if (data['type'] === 'said') lagsMs.push(performance.now() - sentMs)
      },
    })
    sockets.push(awake.socket)
    await awake.opened
    let said = 0
    // Written by another process on the same store: this one.
    const log = createEventLog({ store, clock: Clock.system })
    const row = await store.read
      .selectFrom('sessions')
      .select('sid')
      .where('id_digest', '=', store.ids.digest(id))
      .executeTakeFirstOrThrow()
    const say = async (): Promise<void> => {
      said += 1
      sentMs = performance.now()
      await store.write((write) => log.append(write, row.sid, { type: 'said', text: 'x'.repeat(30_000) }))
      await awake.until((events) => events.length >= said)
    }
    for (let i = 0; i < 5; i += 1) await say()
    const alone = percentile(lagsMs, 0.5)

    const before = await residentMiB(gate.child.pid)
    const sleepers = await Promise.all(
      Array.from({ length: readers }, async () => {
        const stream = openStream(gate.url, id, { afterId: 0 })
        sockets.push(stream.socket)
        await stream.opened
        stream.socket.pause()
        return stream
      }),
    )
    lagsMs = []
    // Sockets alone: a thread that starts meanwhile opens files.
    const openOnServer = async (): Promise<number> => {
      const directory = `/proc/${gate.child.pid ?? 0}/fd`
      const names = await readdir(directory).catch(() => [])
      const links = await Promise.all(names.map((name) => readlink(join(directory, name)).catch(() => '')))
      return links.filter((link) => link.startsWith('socket:')).length
    }
    const withAll = await openOnServer()
    let dropped = 0
    for (let i = 0; i < 600 && dropped < readers; i += 1) {
      await say()
      dropped = withAll - (await openOnServer())
    }
    const after = await residentMiB(gate.child.pid)

    // They wake up: first what had reached them, then the rest from the last whole event on.
    let lost = 0
    for (const stream of sleepers.slice(0, 5)) {
      stream.socket.resume()
      await stream.closed
      const seen = stream.events.map((event) => event.id)
      const again = openStream(gate.url, id, { afterId: seen.at(-1) ?? 0 })
      const newest = awake.events.at(-1)?.id ?? 0
      await again.until((events) => (events.at(-1)?.id ?? 0) >= newest)
      again.socket.destroy()
      const all = [...seen, ...again.events.map((event) => event.id)]
      lost += all.filter((each, index) => each !== index + 1).length
    }
    return {
      readers,
      dropped: Math.min(readers, dropped),
      lost,
      grownMiB: before === null || after === null ? null : Math.round(after - before),
      readerMs: {
        alone: Math.round(alone * 100) / 100,
        besideSleepers: Math.round(percentile(lagsMs, 0.5) * 100) / 100,
      },
    }
  } finally {
    for (const socket of sockets) socket.destroy()
    await gate.stop()
    await store.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
