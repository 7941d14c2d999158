import { Redacted } from '@countersign/base'
import type { DescriptorSet, SimulatorOptions } from '@countersign/simulator'

/** What a simulator of a chain is opened with. Plain data, so that it can be sent to another process; URLs may hold keys. */
export type SimulatorSetup = Omit<SimulatorOptions, 'clock' | 'onRequest' | 'chainId'> & { readonly chainId: number }

/** What configuration says of the providers of a chain. */
interface Providers {
  readonly chainId: number
  readonly record?: NonNullable<SimulatorOptions['chain']>
  readonly rpcUrl: Redacted.Redacted<string>
  readonly fallbackRpcUrls?: readonly Redacted.Redacted<string>[]
  readonly quorum?: 1 | 2
  readonly isProofVerified?: boolean
  readonly descriptors?: DescriptorSet
}

export function setupOf(config: Providers): SimulatorSetup {
  const urls = [config.rpcUrl, ...(config.fallbackRpcUrls ?? [])].map(Redacted.reveal) as [string, ...string[]]
  return {
    chainId: config.chainId,
    ...(config.record === undefined ? {} : { chain: config.record }),
    rpcUrls: urls,
    quorum: config.quorum ?? 1,
    isProofVerified: config.isProofVerified ?? false,
    ...(config.descriptors === undefined ? {} : { descriptors: config.descriptors }),
  }
}
