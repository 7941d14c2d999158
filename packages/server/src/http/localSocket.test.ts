import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import { afterAll, expect, test } from 'vitest'
import { openLocalSocket } from './localSocket.ts'

const scratch = mkdtempSync(join(tmpdir(), 'countersign-socket-'))
const server = Fastify()
server.get('/here', (request) => ({ from: request.socket.remoteAddress ?? 'nowhere' }))
afterAll(async () => {
  await server.close()
  rmSync(scratch, { recursive: true, force: true })
})
await server.ready()
const open = (path: string) => openLocalSocket(server, { path, maxHeaderSize: 65_536 })
const ask = (socketPath: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ socketPath, path: '/here' }, (response) => {
      let text = ''
      response.on('data', (bytes: Buffer) => (text += bytes.toString()))
      response.on('end', () => resolve(text))
    }).on('error', reject)
  })

test('promise: only its own user may open the socket', async () => {
  const path = join(scratch, 'a.sock')
  const close = await open(path)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(await ask(path)).toBe('{"from":"nowhere"}')
  await close()
  expect(existsSync(path)).toBe(false)
})

test('promise: replaces a socket that is left over, and leaves one that is answered and a file alone', async () => {
  const path = join(scratch, 'b.sock')
  const other = createServer().listen(path)
  await new Promise((resolve) => other.once('listening', resolve))
  await (
    await open(path)
  )()
  expect(existsSync(path)).toBe(true)
  await new Promise((resolve) => other.close(resolve))
  // A process that was killed leaves its socket behind.
  const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', program])
  expect(existsSync(path)).toBe(true)
  const file = join(scratch, 'c.sock')
  writeFileSync(file, 'kept')
  await (
    await open(file)
  )()
  expect(existsSync(file)).toBe(true)
  const close = await open(path)
  expect(await ask(path)).toBe('{"from":"nowhere"}')
  await close()
})

test('the server goes on where no socket can be made', async () => {
  await (
    await open(join(scratch, 'x'.repeat(200)))
  )()
  await (
    await open(join(scratch, 'absent', 'd.sock'))
  )()
})
