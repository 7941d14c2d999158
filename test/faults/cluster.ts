/**
 * Instances that share a PostgreSQL and a Redis of their own, each in a network namespace where the machine permits it, so that any of
 * them can be cut off from what it shares and still be asked by its clients.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServedChain } from './serveGate.ts'
import { freePort, hasPostgres, startOwnPostgres, type OwnPostgres } from './ownPostgres.ts'
import { spawnGate, type GateProcess } from './spawnGate.ts'
import { NO_CAPS, NO_LIMITS } from './calls.ts'

export type Direction = 'to' | 'from' | 'both'

/** Whether namespaces can be made here: Linux, root, `ip`. */
export const hasNamespaces = ((): boolean => {
  const name = `cs-try-${process.pid}`
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return false
  return spawnSync('ip', ['netns', 'del', name]).status === 0
})()
const hasRedis = spawnSync('redis-server', ['--version']).status === 0
/** Whether a cluster can be made here. */
export const canCluster = hasPostgres && hasRedis

const ip = (...args: readonly string[]): void => void execFileSync('ip', args, { stdio: 'ignore' })

/**
 * One namespace with two links to the machine: over one its clients ask it, over the other it asks what it shares. A route into
 * nowhere on one side of a link drops what is sent that way, and nobody is told.
 */
class Namespace {
  readonly name: string
  readonly #net: string
  constructor(index: number) {
    this.name = `cs${process.pid}n${index}`
    // Another run beside this one has other addresses.
    this.#net = `10.231.${(process.pid % 80) * 3 + index}`
    ip('netns', 'add', this.name)
    for (const [link, of] of ['c', 'b'].entries()) {
      const [here, there] = [`${this.name}${of}`, `${this.name}${of}x`]
      ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there)
      ip('link', 'set', there, 'netns', this.name)
      ip('addr', 'add', `${this.#net}.${link * 4 + 1}/30`, 'dev', here)
      ip('link', 'set', here, 'up')
      ip('-n', this.name, 'addr', 'add', `${this.#net}.${link * 4 + 2}/30`, 'dev', there)
      ip('-n', this.name, 'link', 'set', there, 'up')
    }
    ip('-n', this.name, 'link', 'set', 'lo', 'up')
  }
  /** Where clients find what runs in it, and where it finds what is shared. */
  get address(): string {
    return `${this.#net}.2`
  }
  get shared(): string {
    return `${this.#net}.5`
  }
  cut(direction: Direction): void {
    if (direction !== 'from') ip('-n', this.name, 'route', 'add', 'blackhole', `${this.shared}/32`)
    if (direction !== 'to') ip('route', 'add', 'blackhole', `${this.#net}.6/32`)
  }
  heal(): void {
    spawnSync('ip', ['-n', this.name, 'route', 'del', 'blackhole', `${this.shared}/32`])
    spawnSync('ip', ['route', 'del', 'blackhole', `${this.#net}.6/32`])
  }
  remove(): void {
    this.heal()
    spawnSync('ip', ['netns', 'del', this.name])
  }
}

/** A Redis of its own, which may be frozen and killed. */
class OwnRedis {
  readonly port: number
  readonly #scratch: string
  #child: ChildProcess | null = null
  constructor(port: number, scratch: string) {
    this.port = port
    this.#scratch = scratch
  }
  async start(): Promise<void> {
    const args = [
      '--port',
      `${this.port}`,
      '--bind',
      '*',
      '--protected-mode',
      'no',
      '--save',
      '',
      '--dir',
      this.#scratch,
    ]
    const child = spawn('redis-server', args)
    this.#child = child
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error('redis-server ended')))
      child.stdout.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('Ready to accept connections')) resolve()
      })
    })
  }
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
}

/** A chain's provider as namespaces reach it; it can be made to answer nothing. */
class Forwarder {
  readonly #server: Server
  isSilent = false
  constructor(targetPort: number) {
    this.#server = createServer((socket) => {
      const upstream = connect(targetPort, '127.0.0.1')
      socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
      upstream.on('error', () => socket.destroy()).on('close', () => socket.destroy())
      socket.on('data', (chunk) => void (this.isSilent || upstream.write(chunk)))
      upstream.on('data', (chunk) => void (this.isSilent || socket.write(chunk)))
    })
  }
  listen(port: number): Promise<void> {
    return new Promise((resolve) => this.#server.listen(port, '0.0.0.0', resolve))
  }
  close(): void {
    this.#server.close()
  }
}

export interface Instance {
  readonly url: string
  readonly gate: GateProcess
}

/** A cluster that a test breaks. */
export class Cluster {
  readonly postgres: OwnPostgres
  readonly redis: OwnRedis
  readonly instances: Instance[] = []
  readonly #namespaces: readonly (Namespace | null)[]
  readonly #scratch: string
  readonly #provider: { readonly forwarder: Forwarder; readonly port: number; readonly chainId: number } | null

  private constructor(
    parts: { postgres: OwnPostgres; redis: OwnRedis; scratch: string },
    namespaces: readonly (Namespace | null)[],
    provider: { forwarder: Forwarder; port: number; chainId: number } | null,
  ) {
    this.postgres = parts.postgres
    this.redis = parts.redis
    this.#scratch = parts.scratch
    this.#namespaces = namespaces
    this.#provider = provider
  }

  /** @param chain - Served by a provider that all of them ask. */
  static async open({ instances, chain }: { instances: number; chain?: ServedChain }): Promise<Cluster> {
    const scratch = mkdtempSync(join(tmpdir(), 'countersign-cluster-'))
    const redis = new OwnRedis(await freePort(), scratch)
    await redis.start()
    const postgres = await startOwnPostgres()
    let provider: { forwarder: Forwarder; port: number; chainId: number } | null = null
    if (chain !== undefined) {
      const forwarder = new Forwarder(Number(new URL(chain.rpcUrl).port))
      const port = await freePort()
      await forwarder.listen(port)
      provider = { forwarder, port, chainId: chain.chainId }
    }
    const namespaces = Array.from({ length: instances }, (_, i) => (hasNamespaces ? new Namespace(i) : null))
    const cluster = new Cluster({ postgres, redis, scratch }, namespaces, provider)
    for (let i = 0; i < instances; i += 1) await cluster.start(i)
    return cluster
  }

  /** The settings of everything that shares the database. */
  env(host = '127.0.0.1'): Record<string, string> {
    return {
      ...NO_CAPS,
      DATABASE_URL: this.postgres.url(host),
      COUNTERSIGN_MASTER_KEY: '11'.repeat(32),
      REDIS_URL: `redis://${host}:${this.redis.port}`,
    }
  }

  /** Starts an instance, also in the place of one that was killed. */
  async start(index: number): Promise<Instance> {
    for (;;) {
      try {
        return await this.#startOnce(index)
      } catch (error) {
        // On a busy machine the database does not answer in time, and whatever runs the server starts it again.
        if (!String(error).includes('store:disk:')) throw error
      }
    }
  }

  async #startOnce(index: number): Promise<Instance> {
    const namespace = this.#namespaces[index] ?? null
    const host = namespace?.shared ?? '127.0.0.1'
    const gate = await spawnGate({
      dataDir: join(this.#scratch, `instance-${index}`),
      limits: NO_LIMITS,
      env: this.env(host),
      ...(namespace === null ? {} : { host: '0.0.0.0', inside: ['ip', 'netns', 'exec', namespace.name] }),
      ...(this.#provider === null
        ? {}
        : {
            chain: { chainId: this.#provider.chainId, rpcUrl: `http://${host}:${this.#provider.port}`, isLocal: false },
          }),
    })
    const { port } = new URL(gate.url)
    const instance = { gate, url: namespace === null ? gate.url : `http://${namespace.address}:${port}` }
    this.instances[index] = instance
    return instance
  }

  async kill(index: number): Promise<void> {
    const { child } = this.at(index).gate
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  at(index: number): Instance {
    const instance = this.instances[index]
    if (instance === undefined) throw new RangeError(`there is no instance ${index}`)
    return instance
  }
  /** Drops what an instance and what it shares send each other, without a word. */
  cut(index: number, direction: Direction): void {
    this.#namespaces[index]?.cut(direction)
  }
  heal(index: number): void {
    this.#namespaces[index]?.heal()
  }
  /** The provider takes requests and answers none. */
  silenceProvider(isSilent: boolean): void {
    if (this.#provider !== null) this.#provider.forwarder.isSilent = isSilent
  }

  async close(): Promise<void> {
    for (const [i, { gate }] of this.instances.entries()) {
      this.heal(i)
      gate.child.kill('SIGKILL')
    }
    this.redis.signal('SIGCONT')
    await this.redis.kill()
    this.postgres.remove()
    this.#provider?.forwarder.close()
    for (const namespace of this.#namespaces) namespace?.remove()
    rmSync(this.#scratch, { recursive: true, force: true })
  }
}
