import { connect, type AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { followEnds, type End } from './followEnds.ts'

test('promise: every request ends once: sent, refused, cut while it waited to be let in, or left as a stream', async () => {
  // Its connections end with it; what was left as a stream would hold the close for as long as a connection may idle.
  const server = Fastify({ forceCloseConnections: true })
  onTestFinished(() => server.close())
  const ends: (End & { readonly url: string })[] = []
  followEnds(server)(({ url }, _reply, end) => void ends.push({ url, ...end }))
  let wasAsked: () => void = () => undefined
  const asked = new Promise<void>((resolve) => (wasAsked = resolve))
  server.addHook('onRequest', async ({ url }, reply) => {
    if (url === '/refused') return reply.status(403).send('no')
    if (url !== '/waits') return
    wasAsked()
    await new Promise(() => undefined)
  })
  server.get('/whole', () => 'yes')
  server.get('/refused', () => 'never')
  server.get('/waits', () => 'never')
  server.get('/stream', (_request, reply) => {
    reply.hijack()
    reply.raw.write('first')
  })
  await server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = server.server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const end = (url: string) => expect.poll(() => ends.filter((each) => each.url === url), { timeout: 60_000 })

  expect(await (await fetch(`${origin}/whole`)).text()).toBe('yes')
  await end('/whole').toEqual([{ url: '/whole', status: 200, isCut: false }])
  expect((await fetch(`${origin}/refused`)).status).toBe(403)
  await end('/refused').toEqual([{ url: '/refused', status: 403, isCut: false }])

  const socket = connect(port, '127.0.0.1', () => socket.write('GET /waits HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'))
  await asked
  socket.destroy()
  await end('/waits').toEqual([{ url: '/waits', status: 499, isCut: true }])

  const leave = new AbortController()
  expect((await fetch(`${origin}/stream`, { signal: leave.signal })).status).toBe(200)
  leave.abort()
  await end('/stream').toEqual([{ url: '/stream', status: 200, isCut: true }])
  expect(ends).toHaveLength(4)
})
