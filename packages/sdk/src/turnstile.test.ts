/** While a session gets another id nothing is asked under the old one, which may be dead at any moment. */
import { expect, test } from 'vitest'
import { createClient } from './client.ts'
import { createTurnstile } from './turnstile.ts'

const OLD = '00000000-0000-4000-8000-00000000000a'
const NEW = '00000000-0000-4000-8000-00000000000b'

/** A server that answers when it is told to: what is asked stands in `asked`, as "POST /api/chat a". */
function slowServer() {
  const asked: string[] = []
  const waiting = new Map<string, (answer: Response) => void>()
  const fetch = (async (url, init) => {
    const id = new Headers(init?.headers).get('x-session-id') ?? ''
    const name = `${init?.method ?? 'GET'} ${url instanceof Request ? url.url : url.toString()} ${id.slice(-1)}`
    asked.push(name)
    return new Promise<Response>((resolve) => waiting.set(name, resolve))
  }) as typeof globalThis.fetch
  const answer = async (name: string, status = 200, body: object = {}): Promise<void> => {
    await expect.poll(() => asked).toContain(name)
    waiting.get(name)?.(new Response(JSON.stringify(body), { status }))
  }
  return { asked, answer, client: createClient({ baseUrl: '', sessionId: OLD, fetch }) }
}

/** Lets everything run that needs no answer. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
const wallet = { address: '0x0000000000000000000000000000000000000001', chainId: 1 }

test('promise: a message that is sent while a sign-in is on its way goes out under the new id', async () => {
  const { asked, answer, client } = slowServer()
  const signedIn = client.signIn(wallet, () => Promise.resolve('0x'))
  await answer('POST /api/sign-in/nonce a', 200, { message: 'text' })
  await expect.poll(() => asked).toContain('POST /api/sign-in a')
  const sent = client.chat('hello')
  await settle()
  expect(asked).toHaveLength(2)
  await answer('POST /api/sign-in a', 200, { session_id: NEW, address: wallet.address })
  await answer('POST /api/chat b')
  await Promise.all([signedIn, sent])
  expect(asked).toEqual(['POST /api/sign-in/nonce a', 'POST /api/sign-in a', 'POST /api/chat b'])
})

test('promise: a sign-in waits for the message that is on its way', async () => {
  const { asked, answer, client } = slowServer()
  const sent = client.chat('hello')
  const signedIn = client.signIn(wallet, () => Promise.resolve('0x'))
  await answer('POST /api/sign-in/nonce a', 200, { message: 'text' })
  await settle()
  expect(asked).not.toContain('POST /api/sign-in a')
  await answer('POST /api/chat a')
  await answer('POST /api/sign-in a', 200, { session_id: NEW, address: wallet.address })
  await Promise.all([sent, signedIn])
})

test('what is read under the old id and refused is read once more under the new one', async () => {
  const { answer, client } = slowServer()
  const read = client.state()
  const signedIn = client.signIn(wallet, () => Promise.resolve('0x'))
  await answer('POST /api/sign-in/nonce a', 200, { message: 'text' })
  await answer('GET /api/state a', 401, { code: 'sessions:session:rotated' })
  await answer('POST /api/sign-in a', 200, { session_id: NEW, address: wallet.address })
  await answer('GET /api/state b', 200, { title: 'here' })
  expect(await read).toEqual({ title: 'here' })
  await signedIn
})

test('a sign-in that is refused holds nothing up, and a refusal under the same id stands', async () => {
  const { asked, answer, client } = slowServer()
  const signedIn = client.signIn(wallet, () => Promise.resolve('0x'))
  await answer('POST /api/sign-in/nonce a', 200, { message: 'text' })
  await expect.poll(() => asked).toContain('POST /api/sign-in a')
  const sent = client.chat('hello')
  await answer('POST /api/sign-in a', 400, { code: 'signin:message:nonce' })
  await expect(signedIn).rejects.toMatchObject({ code: 'signin:message:nonce' })
  await answer('POST /api/chat a', 401, { code: 'sessions:session:idle' })
  await expect(sent).rejects.toMatchObject({ code: 'sessions:session:idle' })
})

test('promise: replacements of the id run one at a time, however many wait', async () => {
  const { sendAlone } = createTurnstile(
    () => Promise.resolve(new Response()),
    () => OLD,
  )
  let [running, most] = [0, 0]
  const replace = () =>
    sendAlone(async () => {
      running += 1
      most = Math.max(most, running)
      await settle()
      running -= 1
    })
  await Promise.all([replace(), replace(), replace(), replace()])
  expect(most).toBe(1)
})
