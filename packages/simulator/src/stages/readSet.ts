import { sizeOf } from '../model/Access.ts'
import * as ReadSet from '../receipts/ReadSet.ts'
import { requestOf } from './parts.ts'
import type { Stage } from './Stage.ts'

/** What was read, kept beside the report under its digest. */
export const readSet: Stage<'readSet'> = {
  name: 'readSet',
  needs: ['plan', 'execute', 'parties'],
  skip: () => null,
  run({ codes, readSets }, job, found) {
    const { env, cache } = job
    const access = found.need('parties')
    const run = found.get('execute')
    const planned = requestOf(job, found)
    const builders = ReadSet.builders({ request: planned, coinbase: env.coinbase, run }, { access, cache, codes })
    const digest = readSets.put(ReadSet.of(access, cache, builders))
    return { status: 'done', value: { digest, slots: sizeOf(access) - access.size, accounts: access.size } }
  },
}
