import type { NotChecked } from '../model/Finding.ts'
import type { Stage } from './Stage.ts'

/** Whether what was read is proven to stand in the block. */
export const proofs: Stage<'proofs'> = {
  name: 'proofs',
  needs: ['execute', 'parties'],
  skip(job, found, { isProofVerified, quorum }) {
    if (job.standsOn.length > 0) return [UNMINED]
    if (job.cache.overrides.length > 0) return [ASSUMED]
    if (isProofVerified && job.engine.kind === 'local') return found.get('execute') === null ? [THE_BLOCK] : null
    const why =
      quorum === 2
        ? 'state is what two providers agree on, without proofs'
        : 'state is taken from one provider without proofs'
    return [{ what: 'provider honesty', why }]
  },
  async run({ upstream, source }, job, found) {
    // Loaded here: tries and their curves take longer to load than a payment to simulate, and few ask for proofs.
    const { verifyReadSet } = await import('../chain/state/Proofs.ts')
    const check = await verifyReadSet({
      endpoint: upstream,
      header: job.header,
      access: found.need('parties'),
      cache: job.cache,
    })
    // What was disowned leaves the memory, with everything that rests on it.
    if (!check.ok) source.disown(job.cache)
    const mismatches = check.ok ? [] : check.mismatches
    return {
      status: 'done',
      value: mismatches.map(
        ({ address, slot, field, claimed, proven }) =>
          `${field}${slot === null ? '' : ` ${slot}`} of ${address ?? 'the block'}: the provider says ${claimed ?? 'nothing'}, proven is ${proven ?? 'nothing'}`,
      ),
      notChecked: [THE_BLOCK],
    }
  },
}

const ASSUMED: NotChecked = {
  what: 'provider honesty',
  why: 'the state is partly assumed (`state_overrides`), so it is not proven against the block',
}
const UNMINED: NotChecked = {
  what: 'provider honesty',
  why: 'it stands on transactions that are not mined yet, so the state is not proven against a block',
}
const THE_BLOCK: NotChecked = {
  what: 'the block itself',
  why: 'state is proven to stand in this block; that the block is the chain’s own is not',
}
