import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pool, residentMiB } from '../../../test/faults/calls.ts'

/** How long this disk takes to keep 4 KiB, in milliseconds: what no durable write can be faster than. */
export function fsyncsMs({ count }: { count: number }): number[] {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-fsync-'))
  const file = openSync(join(directory, 'file'), 'w')
  const page = Buffer.alloc(4_096, 1)
  try {
    return Array.from({ length: count }, () => {
      const startMs = performance.now()
      writeSync(file, page)
      fdatasyncSync(file)
      return performance.now() - startMs
    })
  } finally {
    closeSync(file)
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
