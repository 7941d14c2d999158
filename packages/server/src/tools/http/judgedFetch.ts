import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { codeOf, connect, type FailureCode, type OriginTools } from './connect.ts'

export interface JudgedFetchOptions {
  readonly origin: string
  readonly allowPrivate: boolean
  /** The most bytes of an answer to a request. */
  readonly maxBytes: (request: { readonly method: string; readonly body: string | null }) => number
  /** Whether answers to GET, which may never end, are wanted. */
  readonly follows: boolean
  readonly onOpen?: (request: { readonly body: string | null; readonly status: number }) => void
  readonly onFailure: (code: FailureCode, request: { readonly body: string | null; readonly wasSent: boolean }) => void
}

/**
 * `fetch` for libraries of others, with the rules of a tool: one origin, judged addresses, no redirect, JSON or an event stream
 * that is not packed, so many bytes.
 */
export function judgedFetch(
  tools: OriginTools,
  options: JudgedFetchOptions,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (given, init = {}) => {
    const url = new URL(given)
    const { method = 'GET', signal } = init
    const body = typeof init.body === 'string' ? init.body : null
    const fail = (code: FailureCode, wasSent: boolean): never => {
      options.onFailure(code, { body, wasSent })
      throw new TypeError(code)
    }
    if (method === 'GET' && !options.follows) return new Response(null, { status: 405 })
    if (url.origin !== options.origin) return fail('tools:redirect:foreign', false)
    const request = {
      origin: url.origin,
      method,
      target: `${url.pathname}${url.search}`,
      headers: Object.fromEntries(new Headers(init.headers).entries()),
      body,
      allowPrivate: options.allowPrivate,
      signal: signal ?? new AbortController().signal,
    }
    const opened = await connect(tools, request)
    if (opened.kind === 'failed') return fail(opened.code, opened.wasSent)
    const { response } = opened
    const { statusCode: status = 0, headers } = response
    options.onOpen?.({ body, status })
    const refuse = (code: FailureCode): never => {
      response.destroy()
      return fail(code, true)
    }
    if (status < 200 || status > 599 || (status >= 300 && status < 400)) return refuse('tools:redirect:foreign')
    const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
    const isPlain = (headers['content-encoding'] ?? 'identity').toLowerCase() === 'identity'
    const isEmpty = [202, 204, 205].includes(status)
    if (status < 300 && !isEmpty && (!TYPES.test(type) || !isPlain)) return refuse('tools:answer:type')
    const known = Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    )
    if (isEmpty) {
      response.resume()
      return new Response(null, { status, headers: [...known] as [string, string][] })
    }
    const capped = bytesOf(response, options.maxBytes({ method, body }), (error) =>
      fail(error === 'too-large' ? 'tools:answer:too-large' : codeOf(error, request.signal), true),
    )
    return new Response(Readable.toWeb(Readable.from(capped)) as ReadableStream, {
      status,
      headers: [...known] as [string, string][],
    })
  }
}

const TYPES = /^(?:application\/(?:json|[\w.+-]+\+json)|text\/event-stream)$/

async function* bytesOf(
  response: IncomingMessage,
  max: number,
  fail: (error: unknown) => never,
): AsyncGenerator<Uint8Array> {
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > max) return fail('too-large')
      yield new Uint8Array(chunk)
    }
    if (!response.complete) return fail(new TypeError('The answer was cut.'))
  } catch (error) {
    if (error instanceof TypeError && error.message.startsWith('tools:')) throw error
    return fail(error)
  } finally {
    response.destroy()
  }
}
