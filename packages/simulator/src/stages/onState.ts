import { StateCache } from '../chain/state/StateCache.ts'
import { word } from '../model/Access.ts'
import type { StateOverride } from '../model/Override.ts'
import type { Job } from './Stage.ts'
import type { Tools } from './Tools.ts'

/** The job on a state of its own in which some accounts are otherwise; nothing that was known of the shared one counts. */
export function onState(tools: Tools, job: Job, overrides: readonly StateOverride[]): Job {
  const cache = new StateCache(job.cache.blockHash, tools.codes, [...job.cache.overrides, ...overrides])
  for (const [address, { balance, nonce, codeHash }] of job.cache.accounts)
    cache.setAccount(address, balance, nonce, tools.codes.get(codeHash))
  for (const [address, slots] of job.cache.slots) for (const [slot, value] of slots) cache.setSlot(address, slot, value)
  for (const { address, stateDiff = [] } of overrides) {
    const key = address.toLowerCase()
    job.access.set(key, new Set([...(job.access.get(key) ?? []), ...stateDiff.map(({ slot }) => word(slot))]))
  }
  return { ...job, cache, whole: undefined, key: { ...job.key, state: cache.id } }
}
