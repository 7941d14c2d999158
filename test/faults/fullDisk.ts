import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { append, call, newSession, NO_CAPS, NO_LIMITS, openStream, type Reply } from './calls.ts'
import { spawnGate, type GateProcess } from './spawnGate.ts'

export interface FullFigures {
  /** How the disk was filled. */
  readonly how: 'a small tmpfs' | 'a limit on the size of files' | 'files that may not be changed'
  /** Writes that were acknowledged, before, meanwhile and afterwards. */
  readonly acked: number
  readonly lost: number
  /** What writes were answered while it was full. */
  readonly refusal: { readonly status: number; readonly code: unknown; readonly retryAfter: unknown }
  /** What reads were answered meanwhile. */
  readonly reads: readonly number[]
  /** What a revoked key was answered meanwhile. */
  readonly revokedKey: number
  /** From the moment there was space again to the first acknowledged write, in milliseconds. No restart. */
  readonly recoveredMs: number
}

/** A disk that can be filled, and emptied again. */
interface Disk {
  readonly how: FullFigures['how']
  readonly dataDir: string
  fill(gate: GateProcess): void
  relieve(gate: GateProcess): void
  remove(): void
}

/** Fills the disk under a running server, or makes it read-only, looks at what it answers, and makes room again. Null where neither way works. */
export async function fullDisk({
  issue,
  isReadOnly = false,
}: {
  /** Issues a key of the app `trader` and revokes it again; the key. */
  issue: (dataDir: string) => Promise<string>
  /** It becomes read-only instead of full. */
  isReadOnly?: boolean
}): Promise<FullFigures | null> {
  const disk = isReadOnly ? fixedFiles() : (smallDisk() ?? limitedFiles())
  if (disk === null) return null
  let gate: GateProcess | null = null
  try {
    const revoked = await issue(disk.dataDir)
    gate = await spawnGate({ dataDir: disk.dataDir, limits: NO_LIMITS, env: NO_CAPS })
    const { url } = gate
    const id = await newSession(url)
    const acked: string[] = []
    const write = async (title: string): Promise<Reply> => {
      const reply = await append(url, id, title)
      if (reply.status === 200) acked.push(title)
      return reply
    }
    for (let i = 0; i < 20; i += 1) await write(`before ${i}`)

    disk.fill(gate)
    // What fits into the pages that SQLite already has may still be taken, and is then as safe as ever.
    let refused = await write('full 0')
    for (let i = 1; refused.status === 200 && i < 2_000; i += 1) refused = await write(`full ${i} ${'x'.repeat(150)}`)
    const reads = [
      (await call('GET', `${url}/api/sessions/${id}`, { sessionId: id })).status,
      (await call('GET', `${url}/api/state`, { sessionId: id })).status,
    ]
    const key = { 'aomi-app-key': revoked }
    const revokedKey = (
      await call('POST', `${url}/api/chat`, { sessionId: id, headers: key, body: { message: 'hi', app: 'trader' } })
    ).status
    for (let i = 0; i < 20; i += 1) await write(`still full ${i}`)

    disk.relieve(gate)
    const startMs = performance.now()
    let again = await write('after')
    while (again.status !== 200 && performance.now() - startMs < 10_000) again = await write('after')
    const recoveredMs = Math.round(performance.now() - startMs)
    await write('end')

    const stream = openStream(url, id, { afterId: 0 })
    await stream.until((events) => events.at(-1)?.data['new_title'] === 'end')
    stream.socket.destroy()
    const seen = stream.events.map((event) => event.data['new_title'])
    return {
      how: disk.how,
      acked: acked.length,
      lost: acked.filter((title) => !seen.includes(title)).length,
      refusal: { status: refused.status, code: refused.body['code'], retryAfter: refused.headers['retry-after'] },
      reads,
      revokedKey,
      recoveredMs,
    }
  } finally {
    await gate?.stop()
    disk.remove()
  }
}

/** A tmpfs of a few MiB; only root may mount one. */
function smallDisk(): Disk | null {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-full-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=700', 'tmpfs', dataDir], { stdio: 'ignore' })
  } catch {
    rmSync(dataDir, { recursive: true })
    return null
  }
  const filler = join(dataDir, 'filler')
  return {
    how: 'a small tmpfs',
    dataDir,
    fill: () => {
      // Others write here too, so what is left is not known to the byte: until nothing more fits.
      const descriptor = openSync(filler, 'w')
      try {
        for (;;) writeSync(descriptor, Buffer.alloc(4_096))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(descriptor)
      }
    },
    relieve: () => rmSync(filler),
    remove: () => {
      execFileSync('umount', [dataDir])
      rmSync(dataDir, { recursive: true })
    },
  }
}

/** RLIMIT_FSIZE on the running server: files cannot grow. Needs no rights, but `prlimit` of util-linux. */
function limitedFiles(): Disk | null {
  const limit = (gate: GateProcess, bytes: string): void => {
    execFileSync('prlimit', ['--pid', String(gate.child.pid), `--fsize=${bytes}:`], { stdio: 'ignore' })
  }
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' })
  } catch {
    return null
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-full-'))
  return {
    how: 'a limit on the size of files',
    dataDir,
    fill: (gate) => limit(gate, String(statSync(join(dataDir, 'countersign.db-wal')).size)),
    relieve: (gate) => limit(gate, 'unlimited'),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  }
}

/**
 * The database's files become immutable (`chattr +i`), so that each write to them fails, also through what is open: what a file system
 * that the kernel made read-only does. One with open files cannot be remounted so. Needs root, and a file system that knows the flag.
 */
function fixedFiles(): Disk | null {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-readonly-'))
  const change = (flag: '+i' | '-i', files: readonly string[]): void =>
    void execFileSync('chattr', [flag, ...files], { stdio: 'ignore' })
  const names = ['countersign.db', 'countersign.db-wal'].map((name) => join(dataDir, name))
  try {
    const probe = join(dataDir, 'probe')
    closeSync(openSync(probe, 'w'))
    change('+i', [probe])
    change('-i', [probe])
  } catch {
    rmSync(dataDir, { recursive: true })
    return null
  }
  return {
    how: 'files that may not be changed',
    dataDir,
    fill: () => change('+i', names),
    relieve: () => change('-i', names),
    remove: () => {
      change('-i', names)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
