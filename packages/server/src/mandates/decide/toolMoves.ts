import type { Address } from '@countersign/base'
import type { Moves } from './Moves.ts'

/** What a call of a tool would do: one effect, on no chain. */
export function toolMoves({
  owner,
  tool,
  args,
  level,
}: {
  owner: Address.Address
  tool: string
  args: Readonly<Record<string, unknown>>
  level: 'ordinary' | 'step-up'
}): Moves {
  return {
    chainId: 0,
    owner,
    steps: [],
    effects: [
      {
        kind: 'tool_call',
        step: 0,
        chainId: 0,
        asset: null,
        token: null,
        isNative: false,
        counterparty: null,
        contract: null,
        selector: null,
        amount: null,
        isUnlimited: false,
        decimals: null,
        grade: null,
        because: '',
        detail: tool,
        isExact: false,
      },
    ],
    totals: [],
    arrivals: [],
    feeWei: 0n,
    document: null,
    tool: { name: tool, arguments: args, level },
    verdict: 'allow',
    findings: [],
    unreadable: [],
    isEnforced: false,
  }
}
