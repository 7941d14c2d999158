import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, type Client, type Proposal } from '@countersign/sdk'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, isServerThere, type TestDatabase } from '../postgres/server.ts'
import { print } from './calls.ts'

/**
 * `countersign serve` killed (SIGKILL) at every step of a transaction's life, at a random moment of it, with a second instance on the
 * same PostgreSQL that the client goes on at. How often each step is played: `COUNTERSIGN_KILLS`, default 2.
 */
const KILLS = Number(process.env['COUNTERSIGN_KILLS'] ?? 2)
const MAIN = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'countersign.mjs')
const alice = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')
const scratch = mkdtempSync(join(tmpdir(), 'countersign-txkills-'))

/** Where in its life the instance is killed that the client is talking to, and for how long that step may take, in milliseconds. */
const STEPS = {
  'it is proposed, simulated and committed': 3_000,
  'a wallet is asked for': 600,
  'the wallet is open': 0,
  'its hash is reported': 300,
  'it was sent and nobody reported it': 0,
  'its owner rejects it': 300,
} as const
type Step = keyof typeof STEPS

interface Served {
  readonly url: string
  readonly child: ChildProcess
}

/** For what hangs, never for what is slow. */
async function until<T>(read: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  for (const startMs = Date.now(); ;) {
    const value = await read()
    if (isDone(value)) return value
    if (Date.now() - startMs > 240_000) throw new Error(`took too long: ${JSON.stringify(value).slice(0, 400)}`)
    await sleep(50)
  }
}

describe.runIf(await isServerThere())('an instance killed at every step of a transaction', () => {
  let database: TestDatabase
  let chain: LocalChain
  const instances: Served[] = []
  beforeAll(async () => {
    database = await createTestDatabase()
    chain = await startLocalChain()
    await chain.fund(alice.address, { wei: 10n ** 18n })
    for (let i = 0; i < 2; i += 1) instances.push(await serve())
  })
  afterAll(async () => {
    for (const { child } of instances) child.kill('SIGKILL')
    await chain.close()
    await database.drop()
    rmSync(scratch, { recursive: true, force: true })
  })

  async function serve(): Promise<Served> {
    const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0', '--data-dir', join(scratch, randomUUID())], {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        DATABASE_URL: database.url,
        COUNTERSIGN_MASTER_KEY: '44'.repeat(32),
        [`COUNTERSIGN_RPC_${chain.chainId}`]: chain.rpcUrl,
      },
    })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    await until(
      async () => out,
      (text) => text.includes('Stop with Ctrl+C') || child.exitCode !== null,
    )
    const url = /ready at (\S+)/.exec(out)?.[1]
    if (url === undefined) throw new Error(`it did not start: ${err}`)
    return { url, child }
  }

  test.each(Object.keys(STEPS) as Step[])(
    'promise: killed while %s: at most one wallet is asked, nothing acknowledged is lost, nothing is stuck',
    async (step) => {
      const sums: Sums = { kills: 0, answeredBefore: 0, lost: 0, asked: 0, payments: 0, takenOverMs: [] }
      for (let round = 0; round < KILLS; round += 1) {
        try {
          await new Life(step, sums, instances, chain).play()
        } finally {
          instances[0]?.child.kill('SIGKILL')
          instances[0] = await serve()
          // The one that lived through it is killed next time.
          instances.reverse()
        }
      }
      print(`killed while ${step}`, { ...sums })
      expect(sums).toMatchObject({ kills: KILLS, lost: 0 })
    },
  )
})

/** What is counted over the rounds of a step. */
interface Sums {
  kills: number
  answeredBefore: number
  lost: number
  asked: number
  payments: number
  readonly takenOverMs: number[]
}

/** One transaction from its proposal to its end. */
class Life {
  readonly #step: Step
  readonly #sums: Sums
  readonly #victim: Served
  readonly #chain: LocalChain
  readonly #left: Client
  readonly #right: Client
  readonly #recipient = `0x${randomBytes(20).toString('hex')}`
  #killedMs = 0

  constructor(step: Step, sums: Sums, [victim, other]: readonly Served[], chain: LocalChain) {
    if (victim === undefined || other === undefined) throw new RangeError('two instances are needed')
    this.#step = step
    this.#sums = sums
    this.#victim = victim
    this.#chain = chain
    const sessionId = randomUUID()
    this.#left = createClient({ baseUrl: victim.url, sessionId })
    this.#right = createClient({ baseUrl: other.url, sessionId })
  }

  async play(): Promise<void> {
    const proposal = await this.#propose()
    if (this.#step === 'its owner rejects it') return this.#reject(proposal)
    const asked = new Set<string>()
    const ask = async (client: Client, window: string): Promise<boolean> => {
      const isAsked = await isFresh(client, proposal, { window, chainId: this.#chain.chainId })
      if (isAsked) asked.add(window)
      return isAsked
    }
    await this.#at('a wallet is asked for', () => ask(this.#left, 'one'))
    if (this.#killedMs === 0) expect(await ask(this.#left, 'one')).toBe(true)
    await this.#at('the wallet is open', async () => true)
    // Another window at the other instance, and then the window that may have got no answer: one of them has the wallet.
    await ask(this.#right, 'two')
    if (asked.size === 0) await ask(this.#right, 'one')
    expect(asked.size, 'windows that were asked').toBe(1)
    this.#sums.asked += asked.size
    const hash = await this.#pay(proposal)
    await this.#at('it was sent and nobody reported it', async () => true)
    if (this.#step !== 'it was sent and nobody reported it') {
      const said = await this.#at('its hash is reported', () => this.#left.submitted(proposal.id, 1, hash))
      const known = await this.#right.proposal(proposal.id)
      if (said !== null && known.calls[0]?.tx_hash !== hash) this.#sums.lost += 1
      // A client that got no answer reports again.
      await this.#right.submitted(proposal.id, 1, hash)
    }
    await until(
      () => this.#right.proposal(proposal.id),
      ({ state }) => state === 'settled',
    )
    this.#sums.takenOverMs.push(Math.round(performance.now() - this.#killedMs))
    const paidWei = BigInt(await this.#chain.rpc<string>('eth_getBalance', [this.#recipient, 'latest']))
    expect(paidWei).toBe(10n ** 15n)
    this.#sums.payments += 1
    expect(await isFresh(this.#right, proposal, { window: 'again', chainId: this.#chain.chainId })).toBe(false)
  }

  /** Plays a step at the instance that is killed in the middle of it, if this is the step; its answer, or null without one. */
  async #at<T>(step: Step, work: () => Promise<T>): Promise<T | null> {
    if (step !== this.#step) return null
    const answer = work().catch(() => null)
    await sleep(Math.random() * STEPS[step])
    const gone = once(this.#victim.child, 'exit')
    this.#victim.child.kill('SIGKILL')
    await gone
    this.#killedMs = performance.now()
    this.#sums.kills += 1
    const said = await answer
    if (said !== null) this.#sums.answeredBefore += 1
    return said
  }

  async #propose(): Promise<Proposal> {
    const wallet = { address: alice.address, chain_id: this.#chain.chainId, is_connected: true }
    const words = `send 0.001 ETH to ${this.#recipient}`
    const isFirst = this.#step === 'it is proposed, simulated and committed'
    if (isFirst) await this.#at(this.#step, () => this.#left.chat(words, wallet))
    else await patiently(() => this.#left.chat(words, wallet))
    for (;;) {
      const client = isFirst ? this.#right : this.#left
      const isThere = await until(
        () =>
          client.state(wallet).catch((error: { status?: number }) => {
            // It died before there was a session.
            if (error.status !== 404) throw error
            return null
          }),
        (state) => state?.is_processing !== true,
      )
      if (isThere === null) {
        await patiently(() => client.chat(words, wallet))
        continue
      }
      const all = (await client.proposals()) as readonly Proposal[]
      const pending = all.find(({ state }) => state === 'pending')
      if (pending !== undefined) return pending
      // It died on the way: what is half made is ended by its owner, and the client asks again.
      for (const { id, state } of all) if (state === 'staged' || state === 'receipted') await client.reject(id)
      await patiently(() => client.chat(words, wallet))
    }
  }

  async #reject({ id }: Proposal): Promise<void> {
    const said = await this.#at('its owner rejects it', () => this.#left.reject(id, 'no'))
    const { state } = await this.#right.proposal(id)
    if (said !== null && state !== 'rejected') this.#sums.lost += 1
    if (state !== 'rejected') await this.#right.reject(id, 'no')
    expect((await this.#right.proposal(id)).state).toBe('rejected')
    this.#sums.takenOverMs.push(Math.round(performance.now() - this.#killedMs))
  }

  async #pay({ calls: [call] }: Proposal): Promise<string> {
    if (call === undefined) throw new RangeError('no call')
    const { rpc, chainId } = this.#chain
    const nonce = Number(BigInt(await rpc<string>('eth_getTransactionCount', [alice.address, 'latest'])))
    const raw = await alice.signTransaction({
      ...{ type: 'eip1559', chainId, nonce, gas: 200_000n },
      ...{ to: call.to as `0x${string}`, value: BigInt(call.value), data: call.data as `0x${string}` },
      ...{ maxFeePerGas: 101_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n },
    })
    return rpc<string>('eth_sendRawTransaction', [raw])
  }
}

/** Whether a window may open its wallet now. A refusal is a no; an instance that died is an error. */
function isFresh(
  client: Client,
  { id }: Proposal,
  { window, chainId }: { window: string; chainId: number },
): Promise<boolean> {
  return client.recheck(id, alice.address, chainId, window).then(
    ({ signable }) => signable,
    (error: { status?: number }) => {
      if (error.status !== 409) throw error
      return false
    },
  )
}

/** Asks again where the answer is 503: wait, then retry. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if ((error as { status?: number }).status !== 503) throw error
      await sleep(200)
    }
  }
}
