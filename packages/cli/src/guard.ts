import { chainOf, GUARD, GUARD_DEPLOYMENT } from '@countersign/simulator'
import { Command } from 'commander'
import { parseChainId } from './inputs.ts'
import type { Io } from './io.ts'
import { UsageError } from './UsageError.ts'

/** `countersign guard deploy`: the transaction that deploys the outcome guard. It is printed, not sent. */
export function guardCommand(io: Io): Command {
  const command = new Command('guard')
  command
    .command('deploy')
    .description(
      'print the transaction that deploys the guard; anybody may send it, and the address is always the same',
    )
    .requiredOption('--chain <id>', 'the chain to deploy on')
    .option('--json', 'print {to, data, address, code_hash}')
    .addHelpText(
      'after',
      `
Propose the transaction and approve it like any other: countersign simulate --from 0x… --tx '{"to":"…","data":"…"}'.
The address commits to the code, so a deployment by somebody else is as good as yours.`,
    )
    .action((options: { chain: string; json?: boolean }) => {
      const chain = chainOf(parseChainId(options.chain))
      // Where no EVM here models the chain, its opcodes and code rules are not guessed.
      if (chain.engine.kind === 'node')
        throw new UsageError(
          `The guard is not supported on ${chain.name} (chain ${chain.id}): its code rules or opcodes differ.`,
          'Use a chain that runs the EVM of Cancun or later.',
        )
      const { to, data } = GUARD_DEPLOYMENT
      const { address, codeHash } = GUARD
      if (options.json === true) return io.out(JSON.stringify({ to, data, address, code_hash: codeHash }))
      io.out(`Guard version ${GUARD.version} on ${chain.name} (chain ${chain.id})`)
      io.out(`  address    ${address}`)
      io.out(`  code hash  ${codeHash}`)
      io.out(`Send this transaction, with no value, from any account:`)
      io.out(`  to    ${to}`)
      io.out(`  data  ${data}`)
    })
  return command
}
