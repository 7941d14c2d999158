import { BaseError, Clock } from '@countersign/base'
import { readDescriptors } from '@countersign/simulator'
import { Command } from 'commander'
import { configuredChains } from './configuredChains.ts'
import { defaultDataDir } from './defaultDataDir.ts'
import type { Io } from './io.ts'
import { UsageError } from './UsageError.ts'

/** `countersign simulate-worker`: simulations for the servers on the same database, and nothing else. */
export function simulateWorkerCommand(io: Io): Command {
  return new Command('simulate-worker')
    .option('--data-dir <path>', 'where it keeps what is its own (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))
    .option('--simulations <number>', 'how many run at the same time; without it 4 for each core')
    .addHelpText(
      'after',
      '\nNeeds DATABASE_URL, COUNTERSIGN_MASTER_KEY and COUNTERSIGN_RPC_<chainId>, with the same values as the servers. Listens on no port.',
    )
    .action(async (options: { dataDir: string; simulations?: string }) => {
      const { simulations } = options
      if (simulations !== undefined && !/^[1-9]\d{0,3}$/.test(simulations))
        throw new UsageError('The number of simulations cannot be used.', 'Give a number from 1 to 9999.')
      const { startSimulateWorker } = await import('@countersign/server')
      const folder = io.env['COUNTERSIGN_DESCRIPTORS'] ?? ''
      const descriptors = folder === '' ? {} : { descriptors: readDescriptors(folder) }
      const worker = await startSimulateWorker({
        ...{ dataDir: options.dataDir, env: io.env, clock: Clock.system },
        chains: configuredChains(io.env).map((chain) => ({ ...chain, ...descriptors })),
        ...(simulations === undefined ? {} : { atOnce: Number(simulations) }),
        onError: (error) => io.err(error instanceof BaseError ? error.message : 'A simulation failed.'),
      })
      let isStopping = false
      const stop = (): void => {
        if (isStopping) return
        isStopping = true
        void worker.close().then(
          () => process.exit(0),
          () => process.exit(1),
        )
      }
      process.on('SIGINT', stop)
      process.on('SIGTERM', stop)
      io.out(`Simulates on ${worker.chains.join(', ')}, at most ${worker.atOnce} at the same time. Stop with Ctrl+C.`)
    })
}
