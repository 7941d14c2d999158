import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { plainEnv, type ProviderRequest } from '@countersign/simulator'
import { NoAnswerError, type Answer, type Job } from './Job.ts'
import type { SimulatorSetup } from './SimulatorSetup.ts'

export type ToProcess =
  | { readonly kind: 'open'; readonly setup: SimulatorSetup }
  | { readonly kind: 'job'; readonly id: number; readonly job: Job }
export type FromProcess =
  | { readonly kind: 'asked'; readonly asked: ProviderRequest }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }

/** A process that simulates on one chain; it is started when it is first needed, and again when it has ended. */
export interface SimulationProcess {
  /** @throws {NoAnswerError} when it ended, or does not answer in time. */
  run(job: Job): Promise<Answer>
  /** The process that runs now; null while there is none. */
  pid(): number | null
  close(): Promise<void>
}

/** However long a simulation takes: engines and providers have limits of their own, far below. Milliseconds. */
const MAX_RUN_MS = 60_000

/** What a process that simulates finds besides the plain environment. Where the chain is comes with the first message. */
const ALSO = ['COUNTERSIGN_CACHE_DIR', 'NODE_OPTIONS', 'NODE_COMPILE_CACHE']

export function startProcess(
  setup: SimulatorSetup,
  {
    onRequest = () => undefined,
    env = process.env,
  }: { onRequest?: (asked: ProviderRequest) => void; env?: NodeJS.ProcessEnv } = {},
): SimulationProcess {
  let child: ChildProcess | null = null
  let isClosed = false
  let lastId = 0
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: unknown) => void }>()

  function start(): ChildProcess {
    const started = fork(fileURLToPath(new URL(`./simulationProcess${extname(import.meta.url)}`, import.meta.url)), {
      // Big integers and maps go as they are.
      serialization: 'advanced',
      execArgv: [],
      env: plainEnv(env, ALSO),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    started.on('message', (message: FromProcess) => {
      if (message.kind === 'asked') return onRequest(message.asked)
      const asked = waiting.get(message.id)
      waiting.delete(message.id)
      asked?.resolve(message.answer)
    })
    const gone = (): void => {
      if (child !== started) return
      child = null
      for (const { reject } of waiting.values()) reject(new NoAnswerError('gone'))
      waiting.clear()
    }
    started.once('exit', gone)
    started.once('error', gone)
    started.send({ kind: 'open', setup } satisfies ToProcess)
    return started
  }

  return {
    async run(job) {
      if (isClosed) throw new NoAnswerError('gone')
      const running = (child ??= start())
      lastId += 1
      const id = lastId
      let timer: NodeJS.Timeout | undefined
      try {
        return await new Promise<Answer>((resolve, reject) => {
          waiting.set(id, { resolve, reject })
          timer = setTimeout(() => reject(new NoAnswerError('late')), MAX_RUN_MS).unref()
          running.send({ kind: 'job', id, job } satisfies ToProcess, (error) => {
            if (error !== null) reject(new NoAnswerError('gone'))
          })
        })
      } finally {
        clearTimeout(timer)
        waiting.delete(id)
      }
    },
    pid: () => child?.pid ?? null,
    async close() {
      isClosed = true
      const running = child
      if (running === null || running.exitCode !== null || running.signalCode !== null) return
      const ended = once(running, 'exit')
      running.disconnect()
      const timer = setTimeout(() => running.kill('SIGKILL'), 3_000)
      await ended
      clearTimeout(timer)
    },
  }
}
