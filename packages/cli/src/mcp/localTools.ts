import { Clock } from '@countersign/base'
import {
  explained,
  judgeDraft,
  openChain,
  refusal,
  scanSkillFiles,
  simulated,
  type Chain,
  type GivenFile,
  type ToolName,
} from '@countersign/server/mcp'
import { configuredChains } from '../configuredChains.ts'
import type { ToolHost } from './ToolHost.ts'

/** What works without a server. */
const LOCAL: readonly ToolName[] = ['simulate', 'explain', 'scan_skill']

/**
 * The tools that need no server, on the chains of `COUNTERSIGN_RPC_<chainId>`; a chain is opened when it is first asked for.
 *
 * @throws {BaseError} for settings that cannot be meant, at start.
 */
export function localTools(env: NodeJS.ProcessEnv): ToolHost {
  const configs = configuredChains(env)
  const open = new Map<number, Promise<Chain>>()
  const chainOf = async (chainId: unknown): Promise<Chain | null> => {
    const config = configs.find((each) => each.chainId === chainId)
    if (config === undefined) return null
    let chain = open.get(config.chainId)
    if (chain === undefined) {
      chain = openChain(config)
      open.set(config.chainId, chain)
      // A provider that was away is asked again.
      chain.catch(() => open.delete(config.chainId))
    }
    return chain
  }
  return {
    async call(name, args) {
      if (!LOCAL.includes(name))
        return refusal({
          message: `The tool "${name}" needs a Countersign server.`,
          code: 'mcp:server:absent',
          hint: 'Start this program with COUNTERSIGN_SERVER and COUNTERSIGN_API_KEY, or with --server.',
        })
      if (name === 'scan_skill') return scanSkillFiles(args['files'] as readonly GivenFile[])
      const chain = await chainOf(args['chain_id'])
      if (chain === null)
        return refusal({
          message: `Chain ${String(args['chain_id'])} is not configured here.`,
          code: 'proposals:chain:unknown',
          hint: `Start this program with COUNTERSIGN_RPC_${String(args['chain_id'])} set to a provider's URL, or with COUNTERSIGN_SERVER.`,
        })
      const report = await judgeDraft(
        { chains: new Map([[chain.chainId, chain]]), nowMs: () => Clock.system.nowMs() },
        args,
      )
      return name === 'simulate' ? simulated(report) : explained(report)
    },
    async close() {
      for (const chain of open.values()) await (await chain.catch(() => null))?.close()
    },
  }
}
