import type { Effects } from '../effects/readEffects.ts'
import { addAccess, copyAccess } from '../model/Access.ts'
import { paymentOf } from '../rules/Rule.ts'
import { flowIn } from './flow.ts'
import { requestOf } from './parts.ts'
import type { Stage } from './Stage.ts'

/** Everything that the report rests on; recipients and spenders that the run did not touch are read for the rules. */
export const parties: Stage<'parties'> = {
  name: 'parties',
  needs: ['plan', 'execute', 'effects', 'flow'],
  skip: () => null,
  async run({ upstream }, job, found) {
    const effects = found.get('effects')
    const { proceeds, mine } = flowIn(job, found)
    const subjects = new Set([
      ...(effects?.authorityChanges ?? []).map(({ subject }) => subject),
      ...requestOf(job, found).calls.flatMap((call) => paymentOf(call)?.recipient ?? []),
      ...gainersOf(effects, mine),
      ...proceeds.slice(0, MAX_GAINERS).map(({ account }) => account),
    ])
    // All that the report rests on: what was read, and nothing that is known only because others read it.
    const reading = copyAccess(job.whole?.access ?? found.seen)
    addAccess(reading, job.always)
    addAccess(reading, new Map([...subjects].map((account) => [account.toLowerCase(), new Set<string>()])))
    const unread = job.cache.missing(reading)
    if (unread.size > 0) await job.cache.read(upstream, unread)
    return { status: 'done', value: reading }
  },
}

/** The most accounts that are looked up only because something ends with them; a report names more. */
const MAX_GAINERS = 32

/** Whoever gains most of what the user loses: whether it is a person or a contract is not known from a token's balances. */
function gainersOf(effects: Effects | null, mine: ReadonlySet<string>): readonly string[] {
  const lost = new Map<string, bigint>()
  const assetOf = ({ token, tokenId }: { token: string | null; tokenId: bigint | null }) => `${token}|${tokenId}`
  for (const change of effects?.tokenChanges ?? [])
    if (mine.has(change.account) && change.delta < 0n)
      lost.set(assetOf(change), (lost.get(assetOf(change)) ?? 0n) - change.delta)
  return (effects?.tokenChanges ?? [])
    .filter((change) => {
      const loss = lost.get(assetOf(change))
      return loss !== undefined && !mine.has(change.account) && change.delta * 2n >= loss
    })
    .slice(0, MAX_GAINERS)
    .map(({ account }) => account)
}
