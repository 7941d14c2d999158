import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pool, residentMiB } from '../../../test/faults/calls.ts'

/** What one commit of the store writes to its log: five pages, and 24 bytes before each. */
export const COMMIT_BYTES = 5 * (4_096 + 24)
/** As long as the log of the store becomes at a few thousand writes a second, in bytes. */
const LOG_BYTES = 8_000 * (4_096 + 24)

/** A file like the log of the store: its blocks are there already, and are written again from the beginning. */
export interface LogFile {
  /** Writes what a commit writes, and keeps it with one `fsync`. How long that took, in milliseconds. */
  keep(): number
  close(): void
}

/**
 * SQLite keeps a commit with `fsync`, not with `fdatasync`, also where only data changed: on ext4 that is a commit of the
 * file system's journal whenever the file's time has moved on (every 4 ms), which waits for whatever else is in the
 * journal. `fdatasync` on the same file is three to ten times quicker at p99, so it would be no yardstick.
 */
export function openLogFile(path: string): LogFile {
  const file = openSync(path, 'w')
  const bytes = Buffer.alloc(COMMIT_BYTES, 1)
  writeSync(file, Buffer.alloc(LOG_BYTES, 1))
  fsyncSync(file)
  let at = 0
  return {
    keep() {
      const startMs = performance.now()
      writeSync(file, bytes, 0, bytes.length, at)
      fsyncSync(file)
      at = at + 2 * bytes.length > LOG_BYTES ? 0 : at + bytes.length
      return performance.now() - startMs
    },
    close: () => closeSync(file),
  }
}

/** `fsync` by itself, at a rate, in milliseconds. */
export interface Fsyncs {
  /** Each call. */
  readonly tookMs: number[]
  /** From when it was due to the end of a call that began after that: a call keeps all that are due by then. */
  readonly sinceDueMs: number[]
}

/**
 * What no durable write can be faster than: `fsync` on this disk with nothing around it, due so many times a second, for
 * as long as a round of the server. As many calls back to back would be over in a tenth of the time, and so miss the
 * spells in which the disk or the file system is slow, which are what a p99 is about.
 */
export function fsyncsMs({ perS, forMs }: { perS: number; forMs: number }): Fsyncs {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-fsync-'))
  const log = openLogFile(join(directory, 'log'))
  const cell = new Int32Array(new SharedArrayBuffer(4))
  const found: Fsyncs = { tookMs: [], sinceDueMs: [] }
  const total = Math.floor((perS * forMs) / 1_000)
  try {
    const startMs = performance.now()
    const dueMs = (index: number): number => startMs + (index * 1_000) / perS
    while (found.sinceDueMs.length < total) {
      const first = found.sinceDueMs.length
      const waitMs = dueMs(first) - performance.now()
      if (waitMs > 0) Atomics.wait(cell, 0, 0, waitMs)
      const beganMs = performance.now()
      found.tookMs.push(log.keep())
      const endedMs = performance.now()
      for (let index = first; index < total && (index === first || dueMs(index) <= beganMs); index += 1)
        found.sinceDueMs.push(endedMs - dueMs(index))
    }
    return found
  } finally {
    log.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** What a process has computed so far, in milliseconds (Linux counts in hundredths of a second); null elsewhere. */
export function cpuMsOf(child: ChildProcess): number | null {
  try {
    const fields =
      readFileSync(`/proc/${child.pid ?? 0}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return null
  }
}

/** A server of Node's own that opens event streams and holds nothing for them. */
const RAW = `require('node:http').createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(': connected\\n\\n')
}).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

/** What so many idle responses of raw `node:http` take, in MiB; null where that cannot be read. */
export async function rawStreamsMiB({ streams }: { streams: number }): Promise<number | null> {
  const child = spawn(process.execPath, ['-e', RAW], { stdio: ['ignore', 'pipe', 'inherit'] })
  const sockets: Socket[] = []
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const port = Number(line.toString())
    await pool(streams, 64, async (index) => {
      const socket = connect(port, '127.0.0.1')
      sockets[index] = socket
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n')
      await once(socket, 'data')
    })
    return await residentMiB(child.pid)
  } finally {
    for (const socket of sockets) socket.destroy()
    child.kill('SIGKILL')
  }
}
