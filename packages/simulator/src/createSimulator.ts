import type { Simulator, SimulatorOptions } from './Simulator.ts'

/**
 * Opens a simulator on a JSON-RPC provider: a pool of engines that fork nothing, and a cache of each block's state
 * that is filled in one round trip (arrangement "b5" of our measurements, see docs/reference/simulator.md).
 *
 * The engines are loaded here and not with the package: who only reads reports and receipts needs none of them.
 *
 * @throws {UpstreamError} when the provider does not answer; {ChainMismatchError} when it serves another chain.
 */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { openEngines } = await import('./openEngines.ts')
  const engines = await openEngines(options)
  try {
    const { assembleSimulator } = await import('./assembleSimulator.ts')
    return assembleSimulator(options, { ...engines, pool: await engines.pool })
  } catch (error) {
    await engines.close()
    throw error
  }
}
