import { Address } from '@countersign/base'
import type { StepRun } from '../model/Run.ts'
import type { TokenChange } from '../model/TokenChange.ts'
import { assetOf, type Movement } from '../model/ValueFlow.ts'
import { logsOf, surviving } from './Trace.ts'

/**
 * What moved from whom to whom, in order: the coin by the call tree, tokens by their events. Of tokens only those whose
 * balances differ exactly as their events say are kept: an event alone is a claim.
 */
export function movementsOf(runs: readonly StepRun[], changes: readonly TokenChange[]): Movement[] {
  const said = runs.flatMap((run, i) => [...coinMoves(run, i + 1), ...tokenMoves(run, i + 1)])
  const sums = new Map<string, Map<string, bigint>>()
  const add = (asset: string, account: string, delta: bigint): void => {
    const of = sums.get(asset) ?? new Map<string, bigint>()
    sums.set(asset, of.set(account, (of.get(account) ?? 0n) + delta))
  }
  for (const move of said) {
    add(assetOf(move), move.from, -move.amount)
    add(assetOf(move), move.to, move.amount)
  }
  for (const change of changes) add(assetOf(change), change.account.toLowerCase(), -change.delta)
  const isBorne = (asset: string) =>
    [...(sums.get(asset) ?? [])].every(([account, rest]) => rest === 0n || account === Address.ZERO)
  const borne = new Set([...sums.keys()].filter(isBorne))
  return said.filter((move) => borne.has(assetOf(move)))
}

function* coinMoves(run: StepRun, step: number): Generator<Movement> {
  for (const { frame } of surviving(run.trace)) {
    if (!['CALL', 'CREATE', 'CREATE2', 'SELFDESTRUCT'].includes(frame.type)) continue
    const amount = BigInt(frame.value ?? '0x0')
    if (amount === 0n || frame.to === undefined) continue
    yield { step, from: frame.from.toLowerCase(), to: frame.to.toLowerCase(), token: null, tokenId: null, amount }
  }
}

function* tokenMoves(run: StepRun, step: number): Generator<Movement> {
  const lower = (value: unknown): string => String(value).toLowerCase()
  for (const { event, args, address, topics } of logsOf(run.trace)) {
    if (event === null || args === null) continue
    const token = address.toLowerCase()
    const move = (from: unknown, to: unknown, amount: unknown, tokenId: unknown = null): Movement => ({
      ...{ step, token, from: lower(from), to: lower(to), amount: amount as bigint },
      tokenId: tokenId as bigint | null,
    })
    switch (event) {
      case 'Transfer(address,address,uint256)':
        yield topics.length === 4
          ? move(args['from'], args['to'], 1n, args['tokenId'])
          : move(args['from'], args['to'], args['value'])
        break
      case 'Deposit(address,uint256)':
        yield move(Address.ZERO, args['dst'], args['wad'])
        break
      case 'Withdrawal(address,uint256)':
        yield move(args['src'], Address.ZERO, args['wad'])
        break
      case 'TransferSingle(address,address,address,uint256,uint256)':
        yield move(args['from'], args['to'], args['value'], args['id'])
        break
      case 'TransferBatch(address,address,address,uint256[],uint256[])':
        for (const [i, id] of (args['ids'] as readonly bigint[]).entries())
          yield move(args['from'], args['to'], (args['values'] as readonly bigint[])[i] ?? 0n, id)
        break
    }
  }
}
