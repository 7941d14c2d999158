import { UpstreamError } from '../../chain/rpc/Rpc.ts'
import type { Chain } from '../../chain/Chain.ts'
import { recognise, type Engine } from '../../chain/Engine.ts'
import { detectEngine } from '../../chain/state/L1Fee.ts'
import type { Header } from '../../model/Block.ts'
import { probeChain, type Probed } from './probeChain.ts'
import type { ReplayTools } from './replayBlock.ts'

/** Which EVM judges a chain, and what the probe said, where one was made. */
export interface Chosen {
  readonly engine: Engine
  readonly probed: Probed | null
}

/**
 * The engine of a chain: by its record; without one by what its code shows; and local only where recent transactions come
 * out here as the chain recorded them (design: chains, section 6).
 *
 * @param of.askHead - Asked only where something has to be looked at.
 * @param of.isProbed - Whether a chain whose record asks for no probe is probed nevertheless.
 */
export async function chooseEngine(
  tools: Omit<ReplayTools, 'profile'>,
  { chain, askHead, isProbed = false }: { chain: Chain; askHead: () => Promise<Header>; isProbed?: boolean },
): Promise<Chosen> {
  const { kind } = chain.engine
  if (kind === 'node' || kind === 'not-modelled') return { engine: notAsked(chain, recognise(chain, [])), probed: null }
  // The shipped local chain is anvil itself, the very engine that would be compared.
  if (kind === 'local' && !chain.probe.isStrict && !isProbed)
    return { engine: notAsked(chain, recognise(chain, [])), probed: null }
  const head = await askHead()
  const found =
    kind === 'local' ? recognise(chain, []) : await detectEngine(tools.upstream, { chain, blockHash: head.hash })
  if (found.kind === 'node') return { engine: notAsked(chain, found), probed: null }
  const probed = await ask(tools, { chain, profile: found.profile, head })
  return { engine: engineBy(chain, found, probed), probed }
}

function notAsked({ record, probe }: Chain, found: Pick<Engine, 'kind' | 'profile' | 'why'>): Engine {
  const isUncompared = found.kind === 'local' && record === 'file' && !probe.isStrict
  const why = 'the chain has not been compared with the engine that ran it, as its file asks'
  return { ...found, probe: 'not-asked', notes: isUncompared ? [{ what: 'conformance', why }] : [] }
}

/** A provider that lacks the blocks or a method leaves the question open; one that does not answer is an error. */
async function ask(tools: Omit<ReplayTools, 'profile'>, of: Parameters<typeof probeChain>[1]): Promise<Probed> {
  try {
    return await probeChain(tools, of)
  } catch (error) {
    if (!(error instanceof UpstreamError) || !['block', 'method', 'refused', 'unreadable'].includes(error.fault))
      throw error
    const note = 'the provider does not give what the comparison needs'
    return { answer: 'not-asked', difference: null, note, replayed: 0 }
  }
}

function engineBy(chain: Chain, found: Pick<Engine, 'kind' | 'profile' | 'why'>, { answer, note }: Probed): Engine {
  const { profile } = found
  switch (answer) {
    case 'conforms':
      return {
        ...found,
        probe: answer,
        notes: chain.record === null ? [{ what: 'chain', why: 'no record for this chain' }] : [],
      }
    case 'conforms-except':
      return { ...found, probe: answer, notes: [{ what: 'fee', why: note ?? 'its rule is not known here' }] }
    case 'differs':
      return {
        kind: 'node',
        profile,
        why: `the chain differs from what the local engine would do (${note ?? 'no detail'})`,
        probe: answer,
        notes: [],
      }
    case 'not-asked': {
      const why = `the chain has not been compared with the local engine: ${note ?? 'it was not asked'}`
      return chain.probe.isStrict
        ? { kind: 'node', profile, why, probe: answer, notes: [] }
        : { ...found, probe: answer, notes: [{ what: 'conformance', why }] }
    }
  }
}
