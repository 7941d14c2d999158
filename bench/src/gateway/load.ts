import { connect, type Socket } from 'node:net'

/** One request as bytes, and what it should be answered with. */
export interface Shot {
  readonly bytes: Buffer
  readonly status: number
}

export interface Load {
  /** From the moment it was due (open loop) or sent (closed loop) to the last byte, in milliseconds. */
  readonly latenciesMs: number[]
  readonly errors: number
  /** What was answered instead of what was expected, by status; 0 is a closed connection, -1 no answer in time. */
  readonly wrong: Readonly<Record<string, number>>
  readonly perS: number
}

/** A kept-alive connection that carries one request at a time; raw, so that the client costs little. */
class Wire {
  readonly #socket: Socket
  #text = ''
  #done: ((status: number) => void) | null = null
  /** Resolves when the server accepted the connection, or never will. */
  readonly isOpen: Promise<void>
  /** @param gone - Told when the server closes it while it carries nothing: one that is not used is closed after 5 s. */
  constructor(port: number, gone: (wire: Wire) => void = () => undefined) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.setNoDelay(true)
    this.isOpen = new Promise((resolve) => {
      this.#socket.once('connect', resolve)
      this.#socket.once('close', resolve)
    })
    this.#socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1')
      const head = this.#text.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = /content-length: (\d+)/i.exec(this.#text.slice(0, head + 2))?.[1]
      if (this.#text.length < head + 4 + Number(length ?? 0)) return
      const status = Number(this.#text.slice(9, 12))
      this.#text = ''
      const done = this.#done
      this.#done = null
      done?.(status)
    })
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => {
      const done = this.#done
      this.#done = null
      if (done === null) gone(this)
      else done(0)
    })
  }
  send(bytes: Buffer, done: (status: number) => void): void {
    this.#done = done
    this.#socket.write(bytes)
  }
  close(): void {
    this.#socket.destroy()
  }
}

/** The longest that the open loop sleeps before it looks for answers, in milliseconds. */
const NAP_MS = 0.25

/** How long a server gets to accept the connections of an open loop before its first request, in milliseconds. */
const SETTLE_MS = 100

/** Closed loop: every connection sends its next request when the last one was answered. */
export async function closedLoop(
  port: number,
  shots: readonly Shot[],
  { connections, forMs }: { connections: number; forMs: number },
): Promise<Load> {
  const wires = Array.from({ length: connections }, () => new Wire(port))
  const latenciesMs: number[] = []
  let errors = 0
  const wrong: Record<string, number> = {}
  let next = 0
  const startMs = performance.now()
  await Promise.all(
    wires.map(
      (wire) =>
        new Promise<void>((resolve) => {
          const again = (): void => {
            const sentMs = performance.now()
            if (sentMs - startMs >= forMs) return resolve()
            const shot = shots[next++ % shots.length] as Shot
            wire.send(shot.bytes, (status) => {
              if (status === shot.status) latenciesMs.push(performance.now() - sentMs)
              else {
                errors += 1
                wrong[status] = (wrong[status] ?? 0) + 1
              }
              if (status === 0) resolve()
              else again()
            })
          }
          again()
        }),
    ),
  )
  const tookMs = performance.now() - startMs
  for (const wire of wires) wire.close()
  return { latenciesMs, errors, wrong, perS: (latenciesMs.length * 1_000) / tookMs }
}

/**
 * Open loop: requests are due at a fixed rate, whatever the answers take; one that finds no free connection waits, and
 * its waiting counts. Between requests it sleeps, so that it leaves the machine to what is measured: it uses a third of
 * a core at 2,000/s, and may see an answer up to a quarter of a millisecond late.
 */
export async function openLoop(
  port: number,
  shots: readonly Shot[],
  { perS, forMs, connections = 256 }: { perS: number; forMs: number; connections?: number },
): Promise<Load> {
  const wires = new Set<Wire>()
  const free: Wire[] = []
  const open = (): void => {
    const wire: Wire = new Wire(port, (gone) => {
      wires.delete(gone)
      const index = free.indexOf(gone)
      if (index < 0 || isOver) return
      free.splice(index, 1)
      open()
    })
    wires.add(wire)
    free.push(wire)
  }
  let isOver = false
  for (let i = 0; i < connections; i += 1) open()
  // What is measured is a request, not opening 256 connections: those that are due meanwhile would be the slowest
  // hundredth of a short round. The kernel answers before the server accepts, so that gets a moment as well.
  await Promise.all([...wires].map((wire) => wire.isOpen))
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  const cell = new Int32Array(new SharedArrayBuffer(4))
  const latenciesMs: number[] = []
  const waiting: number[] = []
  let errors = 0
  const wrong: Record<string, number> = {}
  let sent = 0
  let answered = 0
  const total = Math.floor((perS * forMs) / 1_000)
  const startMs = performance.now()
  const fire = (wire: Wire, dueMs: number): void => {
    const shot = shots[sent++ % shots.length] as Shot
    wire.send(shot.bytes, (status) => {
      answered += 1
      if (status === shot.status) latenciesMs.push(performance.now() - dueMs)
      else {
        errors += 1
        wrong[status] = (wrong[status] ?? 0) + 1
      }
      const next = waiting.shift()
      if (next === undefined) free.push(wire)
      else fire(wire, next)
    })
  }
  let scheduled = 0
  await new Promise<void>((resolve) => {
    const tick = (): void => {
      const nowMs = performance.now()
      while (scheduled < total && startMs + (scheduled * 1_000) / perS <= nowMs) {
        const dueMs = startMs + (scheduled * 1_000) / perS
        scheduled += 1
        const wire = free.pop()
        if (wire === undefined) waiting.push(dueMs)
        else fire(wire, dueMs)
      }
      if (scheduled >= total && (answered >= total || nowMs - startMs > forMs + 15_000)) return resolve()
      const dueInMs = startMs + (scheduled * 1_000) / perS - performance.now()
      if (dueInMs > 0.05) Atomics.wait(cell, 0, 0, Math.min(dueInMs, NAP_MS))
      setImmediate(tick)
    }
    tick()
  })
  const tookMs = performance.now() - startMs
  isOver = true
  for (const wire of wires) wire.close()
  if (answered < total) wrong[-1] = total - answered
  return { latenciesMs, errors: errors + total - answered, wrong, perS: (latenciesMs.length * 1_000) / tookMs }
}
