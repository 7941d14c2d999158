import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { sendTogether } from './sendTogether.ts'

test('answers of one turn go out together, after the work of all', async () => {
  const server = Fastify()
  const seen: string[] = []
  sendTogether(server)
  server.addHook('onSend', (request, _reply, payload, done) => {
    seen.push(`sent ${request.url}`)
    done(null, payload)
  })
  server.get('/:name', (request, reply) => {
    seen.push(`worked ${request.url}`)
    reply.send({ ok: true })
  })
  await server.ready()
  const answers = await Promise.all([server.inject('/a'), server.inject('/b'), server.inject('/c')])
  expect(answers.map(({ statusCode, body }) => [statusCode, body])).toEqual(answers.map(() => [200, '{"ok":true}']))
  expect(seen).toEqual(['worked /a', 'worked /b', 'worked /c', 'sent /a', 'sent /b', 'sent /c'])
})

test('an answer that cannot be sent ends its own connection and harms no other', async () => {
  const server = Fastify()
  sendTogether(server)
  server.get('/broken', (_request, reply) => {
    reply.header('x-broken', 'two\nlines').send('never')
  })
  server.get('/whole', (_request, reply) => {
    reply.send('whole')
  })
  const url = await server.listen({ port: 0, host: '127.0.0.1' })
  const [broken, whole] = await Promise.allSettled([fetch(`${url}/broken`), fetch(`${url}/whole`)])
  expect(broken.status === 'rejected' || broken.value.status === 500).toBe(true)
  expect(whole.status === 'fulfilled' && (await whole.value.text())).toBe('whole')
  expect(await (await fetch(`${url}/whole`)).text()).toBe('whole')
  await server.close()
})
