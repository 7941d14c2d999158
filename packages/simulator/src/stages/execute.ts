import { runUpstream } from '../evm/node/runUpstream.ts'
import { runBatch } from '../evm/runBatch.ts'
import { addAccess, copyAccess } from '../model/Access.ts'
import { forkOf } from './parts.ts'
import { usualReason } from './usualReason.ts'
import { coinOf } from '../chain/Chain.ts'
import type { Stage } from './Stage.ts'

/** The batch, run in the fork of the expected block: each call on the state left by the one before. */
export const execute: Stage<'execute'> = {
  name: 'execute',
  needs: ['plan'],
  skip: (_job, found) => (found.need('plan').request.calls.length === 0 ? 'not-applicable' : null),
  async run(_tools, job, found) {
    const { from, calls } = found.need('plan').request
    const run = await runBatch(forkOf(job), job.access, {
      from,
      calls,
      gasHints: job.gasHints,
      ...(job.whole === undefined ? {} : { gasLimits: job.whole.gasLimits }),
    })
    // A run that is known to be whole is not asked again what it reads.
    const touched = job.whole === undefined ? run.touched : copyAccess(job.whole.runTouched)
    const reason = await usualReason(forkOf(job), job.access, { run, touched })
    return { status: 'done', value: { ...run, touched, ...(reason === null ? {} : { usualReason: reason }) }, touched }
  },
}

/** The same on the chain's own node, because no EVM that runs here models the chain. */
export const executeOnNode: Stage<'execute'> = {
  name: 'execute',
  needs: ['plan'],
  skip: (_job, found) => (found.need('plan').request.calls.length === 0 ? 'not-applicable' : null),
  async run({ upstream, source }, job, found) {
    const { from, calls } = found.need('plan').request
    const { run, notChecked } = await runUpstream(
      {
        endpoint: upstream,
        blockHash: job.header.hash,
        env: job.env,
        coin: coinOf(job.chain),
        hasDebug: source.hasDebug(),
      },
      { from, calls },
    )
    const touched = copyAccess(job.access)
    addAccess(touched, run.touched)
    return { status: 'done', value: run, touched, notChecked }
  },
}
