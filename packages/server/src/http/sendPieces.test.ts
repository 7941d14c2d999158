import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MessageWriter } from '../sessions/WrittenMessages.ts'
import { PIECE_BYTES } from './Egress.ts'
import { sendPieces } from './sendPieces.ts'

const TEXT = 'ä'.repeat(3 * PIECE_BYTES)
const writer = new MessageWriter()
for (let i = 0; i < 300; i += 1)
  writer.add({
    sender: 'user',
    content: `${i} ${'ü'.repeat(1_000)}`,
    timestamp: '',
    is_streaming: false,
    tool_result: null,
  })
let server: FastifyInstance
let port = 0
beforeAll(async () => {
  server = Fastify({ forceCloseConnections: true })
  server.decorateRequest('caller', null)
  server.decorateRequest('clientIp', '127.0.0.1')
  sendPieces(server)
  server.get('/list', async () => ({ title: 'a', messages: writer.from(0) }))
  server.get('/text', async () => TEXT)
  server.get('/bytes', async () => Buffer.from(TEXT))
  server.get('/short', async () => ({ ok: true }))
  await server.listen({ port: 0, host: '127.0.0.1' })
  port = (server.server.address() as AddressInfo).port
})
afterAll(() => server.close())

const EXPECTED: Readonly<Record<string, string>> = {
  '/list': JSON.stringify({ messages: writer.from(0).toJSON(), title: 'a' }),
  '/text': TEXT,
  '/bytes': TEXT,
  '/short': '{"ok":true}',
}

test.each(Object.keys(EXPECTED))('promise: %s says its length and arrives whole, as GET and as HEAD', async (path) => {
  const length = String(Buffer.byteLength(EXPECTED[path] ?? ''))
  const got = await fetch(`http://127.0.0.1:${port}${path}`)
  expect([got.status, got.headers.get('content-length'), await got.text()]).toEqual([200, length, EXPECTED[path]])
  const head = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, length, ''])
})

test('one connection carries one large answer after another', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', path, agent }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
        response.on('end', () => resolve(text))
      })
        .on('error', reject)
        .end()
    })
  const paths = ['/list', '/short', '/text', '/list', '/bytes']
  expect(await Promise.all(paths.map(ask))).toEqual(paths.map((path) => EXPECTED[path]))
  agent.destroy()
})

test('promise: clients that read nothing, or go in the middle, hold up no other', async () => {
  const stuck = Array.from({ length: 20 }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    socket.pause()
    socket.write('GET /list HTTP/1.1\r\nHost: x\r\n\r\n')
    return socket
  })
  const gone = connect(port, '127.0.0.1').on('error', () => undefined)
  gone.write('GET /list HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(gone, 'data')
  gone.destroy()
  expect(await (await fetch(`http://127.0.0.1:${port}/list`)).text()).toBe(EXPECTED['/list'])
  for (const socket of stuck) socket.destroy()
})
