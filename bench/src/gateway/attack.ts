/**
 * One caller that attacks, in a process of its own, as the review of November 2026 did (gate 7 and 8): keyless, from an
 * address of its own, or with a key of its own, until it is killed. `node attack.ts KIND URL MODEL_PORT ARMS`; it says `ready` when the attack has begun. The
 * model that misbehaves is the attacker's as well, so that the driver which measures does nothing else.
 */
import { randomUUID } from 'node:crypto'
import { Agent, createServer, request, type ServerResponse } from 'node:http'
import { constants, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** The attacker's address: not the one that the neighbour calls from. */
const FROM = '127.0.0.2'
const agent = new Agent({ keepAlive: true, maxSockets: 64, localAddress: FROM } as never)

function ask(
  url: string,
  method: string,
  path: string,
  { id, key, body, keepsOpen = false }: { id?: string; key?: string; body?: string; keepsOpen?: boolean },
): Promise<number> {
  return new Promise((resolve) => {
    const outgoing = request(
      url + path,
      {
        method,
        agent: keepsOpen ? false : agent,
        localAddress: FROM,
        headers: {
          ...(id === undefined ? {} : { 'x-session-id': id }),
          ...(key === undefined ? {} : { 'x-api-key': key }),
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
        },
      },
      (response) => {
        response.on('error', () => resolve(0))
        if (keepsOpen && response.statusCode === 200) return resolve(200)
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
      },
    )
    outgoing.on('error', () => resolve(0))
    outgoing.end(body)
  })
}
const chat = (url: string, id: string, message: string): Promise<number> =>
  ask(url, 'POST', '/api/chat', { id, body: JSON.stringify({ message }) })

/** Later than this it was stopped for a while (`neighbours.ts`): what it missed is not made up for in one burst. */
const LATE_MS = 250

/** Does something so many times a second, whatever the answers take. */
async function every(perS: number, shoot: () => Promise<unknown>): Promise<void> {
  let dueMs = performance.now()
  for (;;) {
    void shoot()
    const nowMs = performance.now()
    dueMs = Math.max(dueMs + 1_000 / perS, nowMs - LATE_MS)
    if (dueMs > nowMs) await sleep(dueMs - nowMs)
  }
}

/** What an attack by simulations is made with: a key of the attacker's own, and contracts that exhaust an engine. */
export interface Arms {
  readonly key: string
  readonly bombs: readonly string[]
  /** Accounts with money. */
  readonly senders: readonly string[]
}

/** Simulates so many a second, with another sender and amount each time: nothing that was found before answers it. */
function simulate(
  url: string,
  { key, senders }: Arms,
  perS: number,
  calls: (i: number) => readonly object[],
): Promise<void> {
  let i = 0
  return every(perS, () => {
    i += 1
    const body = JSON.stringify({ from: senders[i % senders.length], transactions: calls(i) })
    return ask(url, 'POST', '/api/simulate', { key, body })
  })
}

/** The attacks: what is set up, and what is then done until the end. */
export const ATTACKS: Readonly<
  Record<
    string,
    {
      readonly says: string
      /** The neighbour simulates as well; otherwise it reads its key and its session. */
      readonly isNeighbourSimulating?: true
      readonly begin: (url: string, arms: Arms) => Promise<() => Promise<void>>
    }
  >
> = {
  bytecode: {
    says: '17.2: 10 simulations a second of bytecode that exhausts the engine, from another key without a limit',
    isNeighbourSimulating: true,
    begin: async (url, arms) => () =>
      simulate(url, arms, 10, (i) => [{ to: arms.bombs[i % arms.bombs.length], value: String(i) }]),
  },
  batches: {
    says: '17.2: 40 simulations a second of 32 calls each, from another key without a limit',
    isNeighbourSimulating: true,
    begin: async (url, arms) => () =>
      simulate(url, arms, 40, (i) =>
        Array.from({ length: 32 }, (_, step) => ({
          to: `0x${(0xabcd00 + step).toString(16).padStart(40, '0')}`,
          value: String(i),
          data: `0x${'ab'.repeat(2_000)}`,
        })),
      ),
  },
  'full-session': {
    says: '7.1: a session filled to its caps, then polled 20 times a second',
    async begin(url) {
      const id = randomUUID()
      for (let i = 0; i < 400; i += 1) if ((await chat(url, id, `say ok ${'x'.repeat(31_000)}`)) !== 200) break
      return () => every(20, () => ask(url, 'GET', '/api/state', { id }))
    },
  },
  drip: {
    says: '7.3: answers of 60,000 pieces of one character, one listener',
    begin: async (url) => async () => {
      const id = randomUUID()
      await ask(url, 'POST', '/api/sessions', { id, body: '{}' })
      await ask(url, 'GET', '/api/updates', { id, keepsOpen: true })
      await every(1, () => chat(url, id, 'drip'))
    },
  },
  flood: {
    says: '7.4: an answer of 40 MB, polled twice a second',
    begin: async (url) => async () => {
      const id = randomUUID()
      await Promise.all([
        every(0.5, () => chat(url, id, 'flood')),
        every(2, () => ask(url, 'GET', '/api/state', { id })),
      ])
    },
  },
  hang: {
    says: '7.5: 100 turns whose model never answers, then 5 more a second',
    async begin(url) {
      await Promise.all(Array.from({ length: 100 }, () => chat(url, randomUUID(), 'hang')))
      return () => every(5, () => chat(url, randomUUID(), 'hang'))
    },
  },
  calls: {
    says: '7.6: 150 tool calls in one answer, once a second',
    begin: async (url) => () => every(1, () => chat(url, randomUUID(), 'calls')),
  },
  streams: {
    says: '7.7: 1,500 streams for ids that never were, then 50 more a second',
    async begin(url) {
      await Promise.all(
        Array.from({ length: 1_500 }, () => ask(url, 'GET', '/api/updates', { id: randomUUID(), keepsOpen: true })),
      )
      return () => every(50, () => ask(url, 'GET', '/api/updates', { id: randomUUID(), keepsOpen: true }))
    },
  },
  ids: {
    says: '8.1: 500 polls a second, each with a session id of its own',
    begin: async (url) => () => every(500, () => ask(url, 'GET', '/api/state', { id: randomUUID() })),
  },
  batch: {
    says: '8.2: 20 simulations a second of 11,000 calls each',
    async begin(url) {
      const call = { to: `0x${'22'.repeat(20)}`, value: '0' }
      const body = JSON.stringify({
        from: `0x${'11'.repeat(20)}`,
        transactions: Array.from({ length: 11_000 }, () => call),
      })
      return () => every(20, () => ask(url, 'POST', '/api/simulate', { id: randomUUID(), body }))
    },
  },
  enter: {
    says: '8.4: 2,000 keyless entries a second, each a row',
    begin: async (url) => () =>
      every(2_000, () => ask(url, 'POST', '/api/browser/enter', { id: randomUUID(), body: '{}' })),
  },
}

/** A model that does what the last message says: drip, flood, hang, call tools without end, or answer. */
async function misbehavingModel(port: number): Promise<void> {
  const chunk = (delta: object, reason: string | null = null): string =>
    `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', created: 0, model: 'misbehaving', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`
  const end = `${chunk({}, 'stop')}data: [DONE]\n\n`
  const behave: Readonly<Record<string, (response: ServerResponse) => Promise<void> | void>> = {
    hang: () => undefined,
    async drip(response) {
      const piece = chunk({ content: 'x' })
      for (let i = 0; i < 600 && !response.destroyed; i += 1) {
        response.write(piece.repeat(100))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      response.end(end)
    },
    async flood(response) {
      const piece = chunk({ content: 'x'.repeat(1_000_000) })
      for (let i = 0; i < 40 && !response.destroyed; i += 1) {
        if (!response.write(piece)) await new Promise((resolve) => setTimeout(resolve, 10))
      }
      response.end(end)
    },
    calls(response) {
      const calls = Array.from({ length: 150 }, (_, index) => ({
        index,
        id: `call_${index}`,
        type: 'function',
        function: { name: 'stage_tx', arguments: JSON.stringify({ to: `0x${'22'.repeat(20)}`, description: 'x' }) },
      }))
      response.end(`${chunk({ tool_calls: calls })}${chunk({}, 'tool_calls')}data: [DONE]\n\n`)
    },
  }
  const model = createServer((request, response) => {
    let body = ''
    request.on('data', (data: Buffer) => (body += data.toString()))
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const asked = /"content":"(hang|drip|flood|calls)"\}\]/.exec(body)?.[1]
      const answer = asked === undefined ? undefined : behave[asked]
      if (answer === undefined) response.end(`${chunk({ role: 'assistant', content: 'ok' })}${end}`)
      else void answer(response)
    })
  })
  await new Promise<void>((resolve) => model.listen(port, '127.0.0.1', resolve))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // An attacker is on a machine of its own: here, it gets what the server and its neighbour leave.
  setPriority(constants.priority.PRIORITY_LOW)
  const [, , kind = '', url = '', modelPort = '', arms = '{}'] = process.argv
  const attack = ATTACKS[kind]
  if (attack === undefined) throw new Error(`Unknown attack "${kind}".`)
  await misbehavingModel(Number(modelPort))
  const run = await attack.begin(url, JSON.parse(arms) as Arms)
  process.stdout.write('ready\n')
  await run()
}
