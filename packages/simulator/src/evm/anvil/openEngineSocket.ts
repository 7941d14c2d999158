import { connect, type Socket } from 'node:net'
import {
  AnswerSizeError,
  readAnswers,
  UpstreamError,
  writeCalls,
  type RpcAnswer,
  type RpcCall,
} from '../../chain/rpc/Rpc.ts'

/** One exchange that is under way on a connection. */
interface Exchange {
  readonly chunks: Buffer[]
  size: number
  /** Bytes of the whole answer, head included; null until the head is there. */
  whole: { readonly at: number; readonly end: number } | null
  resolve(text: string): void
  reject(error: unknown): void
}

/** An engine of our own, asked in batches. */
export interface EngineSocket {
  /**
   * @throws {UpstreamError} when there is no answer in time, or none that can be read.
   * @param moreMs - Asked when the time is up: how much longer to wait; 0 ends it.
   */
  batch(calls: readonly RpcCall[], timeoutMs: number, moreMs?: () => number): Promise<readonly RpcAnswer[]>
  close(): Promise<void>
}

const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * Opens JSON-RPC to a process of our own on this machine: HTTP/1.1 over kept connections, one request
 * on each at a time, and nothing else. A request costs a fifth of the time that a general client takes, and a report
 * makes ten (measured; docs/reference/simulator.md). An answer must state its length, as anvil's do.
 *
 * @param maxAnswerBytes - A larger answer ends the exchange: it is a bomb.
 */
export function openEngineSocket({ port, maxAnswerBytes }: { port: number; maxAnswerBytes: number }): EngineSocket {
  const url = `http://127.0.0.1:${port}`
  const idle: Socket[] = []
  const busy = new Map<Socket, Exchange>()
  let isClosed = false

  function fail(socket: Socket, error: unknown): void {
    const exchange = busy.get(socket)
    busy.delete(socket)
    const at = idle.indexOf(socket)
    if (at >= 0) idle.splice(at, 1)
    socket.destroy()
    exchange?.reject(error)
  }

  function take(socket: Socket, chunk: Buffer): void {
    const exchange = busy.get(socket)
    if (exchange === undefined) return fail(socket, null)
    exchange.chunks.push(chunk)
    exchange.size += chunk.length
    if (exchange.whole === null) {
      const head = exchange.chunks.length === 1 ? chunk : Buffer.concat(exchange.chunks)
      const end = head.indexOf(HEAD_END)
      if (end < 0) return exchange.size > 65_536 ? fail(socket, new Error('no HTTP head')) : undefined
      const length = /\r\ncontent-length: *(\d+)/i.exec(head.toString('latin1', 0, end))
      if (length === null) return fail(socket, new Error('an answer without a length'))
      exchange.whole = { at: end + 4, end: end + 4 + Number(length[1]) }
    }
    if (exchange.whole.end > maxAnswerBytes) return fail(socket, new AnswerSizeError(maxAnswerBytes))
    if (exchange.size < exchange.whole.end) return
    const [only] = exchange.chunks
    const all = exchange.chunks.length === 1 && only !== undefined ? only : Buffer.concat(exchange.chunks)
    busy.delete(socket)
    idle.push(socket)
    exchange.resolve(all.toString('utf8', exchange.whole.at, exchange.whole.end))
  }

  function open(): Socket {
    // What is under way is held by its timer; a connection that waits must not keep a program from its end.
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }).unref()
    socket.on('data', (chunk: Buffer) => take(socket, chunk))
    socket.on('error', (error) => fail(socket, error))
    socket.on('close', () => fail(socket, new Error('the connection was closed')))
    return socket
  }

  function post(body: string, timeoutMs: number, moreMs: () => number): Promise<string> {
    return new Promise<string>((resolve, reject) => {
      const socket = idle.pop() ?? open()
      const end = (): void => {
        const more = moreMs()
        if (more > 0) timer = setTimeout(end, more)
        else fail(socket, new EngineTimeoutError(timeoutMs))
      }
      let timer = setTimeout(end, timeoutMs)
      busy.set(socket, {
        chunks: [],
        size: 0,
        whole: null,
        resolve(text) {
          clearTimeout(timer)
          resolve(text)
        },
        reject(error) {
          clearTimeout(timer)
          reject(error)
        },
      })
      socket.write(
        `POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )
    })
  }

  return {
    async batch(calls, timeoutMs, moreMs = () => 0) {
      if (calls.length === 0) return []
      try {
        if (isClosed) throw new Error('the engine is closed')
        return readAnswers(JSON.parse(await post(writeCalls(calls), timeoutMs, moreMs)), calls, url)
      } catch (error) {
        if (error instanceof UpstreamError) throw error
        throw new UpstreamError(url, error instanceof Error ? error : new Error('the engine failed'))
      }
    },
    close() {
      isClosed = true
      for (const socket of [...idle, ...busy.keys()]) fail(socket, new Error('the engine is closed'))
      return Promise.resolve()
    },
  }
}

/** The engine is still at it. */
export class EngineTimeoutError extends Error {
  override readonly name = 'simulator.EngineTimeoutError'
  constructor(timeoutMs: number) {
    super(`no answer in ${Math.round(timeoutMs)} ms`)
  }
}
