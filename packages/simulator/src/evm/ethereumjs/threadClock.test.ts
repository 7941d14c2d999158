import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { createThreadClock } from './threadClock.ts'

/** A thread that works or sleeps for as long as it is told, and says when it is done. */
async function startThread(): Promise<Worker> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     parentPort.on('message', ({ work, ms }) => {
       if (work) {
         const from = process.threadCpuUsage().user
         while ((process.threadCpuUsage().user - from) / 1000 < ms) Math.sqrt(ms)
       } else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
       parentPort.postMessage('done')
     })
     parentPort.postMessage('ready')`,
    { eval: true },
  )
  onTestFinished(async () => void (await worker.terminate()))
  await once(worker, 'message')
  return worker
}

function tell(worker: Worker, task: { readonly work: boolean; readonly ms: number }): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  worker.postMessage(task)
}

const isTold = typeof Worker.prototype.cpuUsage === 'function'

test.runIf(isTold)(
  'promise: a thread that waits uses nothing, and one that works is told in the middle of it',
  async () => {
    const worker = await startThread()
    const clock = createThreadClock(worker)
    const asleepMs = performance.now()
    await clock.readNow()
    tell(worker, { work: false, ms: 300 })
    await once(worker, 'message')
    await clock.readNow()
    expect(clock.since(asleepMs)).toBeLessThan(200)

    const atWorkMs = performance.now()
    await clock.readNow()
    tell(worker, { work: true, ms: 400 })
    const done = once(worker, 'message').then(() => true)
    let seenMs = 0
    while (!(await Promise.race([done, new Promise((resolve) => setTimeout(() => resolve(false), 20))]))) {
      clock.read()
      seenMs = Math.max(seenMs, clock.since(atWorkMs) ?? 0)
    }
    expect(seenMs).toBeGreaterThan(0)
    await clock.readNow()
    expect(clock.since(atWorkMs)).toBeGreaterThan(300)
  },
)

test('promise: where Node tells nothing of threads, nothing is claimed; and a thread that ended holds nobody up', async () => {
  const untold = createThreadClock({} as Worker)
  await untold.readNow()
  expect(untold.since(0)).toBeNull()

  const worker = await startThread()
  const clock = createThreadClock(worker)
  tell(worker, { work: true, ms: 60_000 })
  const asked = clock.readNow()
  await worker.terminate()
  await asked
  await clock.readNow()
  expect(clock.since(performance.now())).toBe(isTold ? 0 : null)
})
