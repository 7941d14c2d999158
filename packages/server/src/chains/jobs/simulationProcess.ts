/**
 * A process that only simulates, started by `startProcess.ts`: with a lower priority than the server has, and without the
 * server's secrets but the addresses of its providers. It ends with the server.
 */
import { setPriority } from 'node:os'
import { createSimulator, type Simulator } from '@countersign/simulator'
import { answer } from './Job.ts'
import type { FromProcess, ToProcess } from './startProcess.ts'

/** How much it and its engines give way to all others (`nice`). */
const NICE = 10

try {
  setPriority(0, NICE)
} catch {
  // Not allowed here: it runs as all others do.
}
const send = (message: FromProcess): void => void process.send?.(message)
let opened: Promise<Simulator> | null = null

process.on('message', (message: ToProcess) => {
  if (message.kind === 'open') {
    opened = createSimulator({ ...message.setup, onRequest: (asked) => send({ kind: 'asked', asked }) })
    // Whoever asks for a simulation is told.
    opened.catch(() => undefined)
    return
  }
  void (async () => {
    const simulator = opened === null ? null : await opened.catch(() => null)
    const { id, job } = message
    send({
      ...{ kind: 'answer', id },
      answer: simulator === null ? { kind: 'error', engineMs: 0, error: null } : await answer(simulator, job),
    })
    if (simulator === null) process.disconnect()
  })()
})
process.on('disconnect', () => {
  void Promise.resolve(opened)
    .then((simulator) => simulator?.close())
    .catch(() => undefined)
    .finally(() => process.exit(0))
})
