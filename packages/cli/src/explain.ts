import { Address, BaseError, Hex } from '@countersign/base'
import {
  decodeBounds,
  explainBound,
  GUARD,
  isGuarded,
  parseGuardCall,
  readAccountBatch,
  type BatchCall,
  type DecodedBound,
} from '@countersign/simulator'
import { Command } from 'commander'
import type { Io } from './io.ts'
import { UsageError } from './UsageError.ts'

interface Explained {
  readonly call: 'open' | 'close' | 'check'
  readonly to: Address.Address | null
  readonly conditions: readonly string[]
  readonly bounds: readonly string[]
}

/** `countersign explain`: what guard calls say, in sentences. Nothing is asked of a chain. */
export function explainCommand(io: Io): Command {
  return new Command('explain')
    .argument('<data>', 'call data: of a guard call, or of an account’s batch that holds guard calls')
    .option('--json', 'print one JSON object')
    .addHelpText('after', `\nThe guard is at ${GUARD.address} (version ${GUARD.version}) on every chain.`)
    .action((data: string, options: { json?: boolean }) => {
      const bytes = readData(data)
      const batch = readAccountBatch(bytes)
      const calls: readonly { to: Address.Address | null; data: Hex.Hex }[] = batch?.calls ?? [
        { to: null, data: bytes },
      ]
      const found = calls.flatMap((call) => explainedCall(call) ?? [])
      if (found.length === 0)
        throw new UsageError('There is no guard call in these bytes.', 'Give the call data of open, close or check.')
      const enforced = batch === null ? null : enforcedBy(batch)
      if (options.json === true) return io.out(JSON.stringify({ enforced, calls: found }))
      for (const line of enforced === null ? [] : [enforced.because]) io.out(line)
      for (const { call, conditions, bounds } of found) {
        io.out(TITLES[call])
        for (const [i, sentence] of conditions.entries()) io.out(`  condition ${i}: ${sentence}`)
        for (const [i, sentence] of bounds.entries()) io.out(`  bound ${i}: ${sentence}`)
      }
    })
}

const TITLES = {
  open: 'open: the conditions are judged now; the readings of the bounds are noted.',
  close: 'close: every bound is judged, or the batch reverts.',
  check: 'check: absolute bounds alone.',
} as const

/** Whether a batch enforces its guard calls: atomic, `open` first, `close` last, to the pinned guard. */
function enforcedBy({ calls, isAtomic }: { readonly calls: readonly BatchCall[]; readonly isAtomic: boolean }): {
  readonly holds: boolean
  readonly because: string
} {
  if (!isAtomic) return { holds: false, because: 'Not enforced: the batch goes on when a call in it fails (try mode).' }
  if (!isGuarded(calls))
    return { holds: false, because: 'Not enforced: open is not first, close is not last, or they do not match.' }
  return {
    holds: true,
    because: 'Enforced when executed: open is first, close is last, and one failing call reverts all.',
  }
}

function explainedCall({ to, data }: { to: Address.Address | null; data: Hex.Hex }): Explained | null {
  const call = parseGuardCall(data)
  if (call === null) return null
  return { call: call.name, to, conditions: sentences(call.conditions), bounds: sentences(call.bounds) }
}

function sentences(packed: Hex.Hex): string[] {
  return decodeBounds(packed).map((bound: DecodedBound) => explainBound(bound))
}

function readData(text: string): Hex.Hex {
  try {
    return Hex.parse(text)
  } catch (error) {
    if (error instanceof BaseError) throw new UsageError(error.message, error.hint)
    throw error
  }
}
