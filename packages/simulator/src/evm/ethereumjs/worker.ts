import { parentPort } from 'node:worker_threads'
import { assert } from '@countersign/base'
import { createRunner } from './createRunner.ts'
import type { WireInput } from './protocol.ts'

/** The thread in which ethereumjs runs. Its parent sends one run at a time, and ends it when a run takes too long. */
const port = parentPort
assert(port !== null, 'this file is only ever started as a worker')
const execute = createRunner()
port.on('message', (input: WireInput) => {
  void execute(input).then((result) => port.postMessage(result))
})
port.postMessage('ready')
