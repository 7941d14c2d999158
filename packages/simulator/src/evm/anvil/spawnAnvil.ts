import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { BaseError } from '@countersign/base'
import { plainEnv } from './plainEnv.ts'

/** A running anvil that we started and that ends with us. */
export interface AnvilProcess {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Resolves when the process is gone, with what it last said. */
  readonly exited: Promise<string>
  /** Ends the process and waits until it is gone. */
  close(): Promise<void>
}

/** The npm package that carries anvil's binary for this platform (names as published with `@foundry-rs/anvil` 1.7.1). */
function binaryPath(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const os = process.platform === 'win32' ? 'win32' : process.platform
  const name = `@foundry-rs/anvil-${os}-${arch}`
  // The platform package is an optional dependency of @foundry-rs/anvil, so it is looked up from there. Spawning
  // the binary itself saves the 75 ms of the JavaScript shim and leaves one PID to end.
  try {
    const shim = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')
    const manifest = createRequire(shim).resolve(`${name}/package.json`)
    const path = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil')
    if (existsSync(path)) return path
  } catch {
    // Reported below, in words.
  }
  throw new AnvilMissingError(name)
}

/** What bounds the address space of the program after it: `prlimit`, else the shell's `ulimit`, else (Windows) nothing. */
export function limiter(bytes: number, hasPrlimit: boolean): string[] {
  if (hasPrlimit) return ['/usr/bin/prlimit', `--as=${bytes}`]
  if (!existsSync('/bin/sh')) return []
  // Where the system knows no such limit (macOS), the timer and the answer's size are what is left.
  return ['/bin/sh', '-c', `ulimit -v ${Math.floor(bytes / 1024)} 2>/dev/null; exec "$@"`, 'sh']
}

const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/**
 * Starts anvil on a loopback port and waits until it listens.
 *
 * @param args - Anvil's own arguments, without host and port.
 * @param port - 0 picks a free port.
 * @param addressSpaceBytes - Upper bound of its address space, where the system has one: hostile bytecode can make a
 *   tracer allocate gigabytes, and then this process must die, not the machine.
 * @param isHolding - Whether it keeps this process from ending by itself once it listens.
 * @throws {AnvilMissingError} `simulation:engine:missing`; {AnvilStartError} `simulation:engine:failed`.
 */
export async function spawnAnvil({
  args,
  port = 0,
  startTimeoutMs = 10_000,
  addressSpaceBytes,
  isHolding = true,
  hasPrlimit = existsSync('/usr/bin/prlimit'),
}: {
  args: readonly string[]
  port?: number
  startTimeoutMs?: number
  addressSpaceBytes?: number
  isHolding?: boolean
  hasPrlimit?: boolean
}): Promise<AnvilProcess> {
  const command = [binaryPath(), '--host', '127.0.0.1', '--port', String(port), ...args]
  if (addressSpaceBytes !== undefined) command.unshift(...limiter(addressSpaceBytes, hasPrlimit))
  // Where Linux offers it, the kernel ends the engine with us, even when we are killed and can say no goodbye.
  if (existsSync('/usr/bin/setpriv')) command.unshift('/usr/bin/setpriv', '--pdeathsig', 'KILL')
  const [program = '', ...rest] = command
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: plainEnv(process.env) })
  children.add(child)

  let lastWords = ''
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', () => resolve(lastWords.trim()))
  })
  void exited.then(() => children.delete(child))

  const listening = new Promise<number>((resolve) => {
    let head = ''
    child.stdout.on('data', (chunk: Buffer) => {
      // Always drained: a full pipe would stop anvil. Only the start is looked at.
      if (head.length > 20_000) return
      head += chunk.toString('utf8')
      const match = /Listening on 127\.0\.0\.1:(\d+)/.exec(head)
      if (match !== null) {
        head = ' '.repeat(20_001)
        resolve(Number(match[1]))
      }
    })
  })
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString('utf8')).slice(-2_000)
  })

  let timer: NodeJS.Timeout | undefined
  const first = await Promise.race([
    listening,
    exited.then((words) => new AnvilStartError(words || 'it ended at once')),
    new Promise<AnvilStartError>((resolve) => {
      timer = setTimeout(() => resolve(new AnvilStartError('it did not listen in time')), startTimeoutMs)
    }),
  ])
  clearTimeout(timer)
  if (typeof first !== 'number') {
    child.kill('SIGKILL')
    throw first
  }
  const streams = [child.stdout, child.stderr] as unknown as readonly { unref(): void }[]
  if (!isHolding) for (const each of [child, ...streams]) each.unref()
  return {
    url: `http://127.0.0.1:${first}`,
    port: first,
    pid: child.pid ?? -1,
    exited,
    async close() {
      // Whoever waits for its end is held until then.
      child.ref()
      child.kill('SIGKILL')
      await exited
    },
  }
}

export class AnvilMissingError extends BaseError {
  override readonly name = 'simulator.AnvilMissingError'
  constructor(packageName: string) {
    super(`The EVM engine is not installed: the npm package ${packageName} is missing.`, {
      code: 'simulation:engine:missing',
      kind: 'invalid',
      hint: 'Run `npm ci` without omitting optional dependencies, on Linux, macOS or Windows (x64 or arm64).',
    })
  }
}

export class AnvilStartError extends BaseError {
  override readonly name = 'simulator.AnvilStartError'
  constructor(reason: string) {
    super(`The EVM engine could not be started: ${reason.split('\n')[0] ?? ''}.`, {
      code: 'simulation:engine:failed',
      kind: 'upstream',
      hint: 'Try again; if it stays, check free memory and whether the port is taken.',
    })
  }
}
