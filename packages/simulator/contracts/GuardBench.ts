import { assert, Digest, type Address, type Hex } from '@countersign/base'
import { createRpc, deploy, loadArtifact, type Rpc } from '@countersign/chain'
import { encodeFunctionData } from 'viem'
import { decodeBatch, encodeBatch } from '../src/evm/BatchProbe.ts'
import { spawnAnvil } from '../src/evm/anvil/spawnAnvil.ts'
import { GUARD, parseGuardError } from '../src/enforcement/Guard.ts'
import { GUARD_CODE } from '../src/enforcement/guardCode.ts'
import type { Ending } from './guardModel.ts'

/** Anvil's first published development account: unlocked, with test money. */
const DEPLOYER = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266' as Address.Address

export interface Inner {
  readonly to: Address.Address
  readonly data: Hex.Hex
  readonly value?: bigint
}

/** An anvil with the guard, a contract that batches calls, and one whose answers a test sets. */
export interface GuardBench {
  readonly rpc: Rpc
  readonly guard: Address.Address
  /** Makes the calls of a batch one after another, and goes on when one fails. */
  readonly caller: Address.Address
  /** A second one. */
  readonly other: Address.Address
  readonly readings: Address.Address
  /** Timestamp, number and gas price of every `run`. */
  readonly moment: { readonly timestampS: bigint; readonly blockNumber: bigint; readonly gasPriceWei: bigint }
  /** Hashes of the code of `readings` and `caller`. */
  readonly readingsHash: bigint
  readonly callerHash: bigint
  /** Runs a batch as one transaction that is not mined, and answers how each call ended. */
  run(
    calls: readonly Inner[],
    caller?: Address.Address,
  ): Promise<readonly { readonly success: boolean; readonly data: Hex.Hex }[]>
  /** The call that gives `readings` an answer; null: it reverts. */
  set(question: Hex.Hex, answer: Hex.Hex | null): Inner
  /** Puts other code where the guard stands. */
  replaceGuard(code: Hex.Hex): Promise<void>
  close(): Promise<void>
}

/** Starts the bench. */
export async function openGuardBench(): Promise<GuardBench> {
  const anvil = await spawnAnvil({ args: ['--hardfork', 'osaka', '--accounts', '1', '--balance', '1000000'] })
  const rpc = createRpc(anvil.url)
  const caller = await deploy(rpc, DEPLOYER, 'BatchProbe')
  const other = await deploy(rpc, DEPLOYER, 'BatchProbe')
  const readings = await deploy(rpc, DEPLOYER, 'Readings')
  await rpc('anvil_setBalance', [caller, '0x3e8'])
  await rpc('anvil_setCode', [GUARD.address, GUARD_CODE])
  const hashOf = async (account: Address.Address): Promise<bigint> =>
    BigInt(Digest.keccak256(await rpc<Hex.Hex>('eth_getCode', [account, 'latest'])))
  const block = await rpc<{ timestamp: string; number: string }>('eth_getBlockByNumber', ['latest', false])
  const moment = { timestampS: BigInt(block.timestamp), blockNumber: BigInt(block.number), gasPriceWei: 7_000_000_000n }
  return {
    rpc,
    guard: GUARD.address,
    caller,
    other,
    readings,
    moment,
    readingsHash: await hashOf(readings),
    callerHash: await hashOf(caller),
    async run(calls, by = caller) {
      const data = encodeBatch(calls.map(({ to, value = 0n, data: inner }) => ({ to, value, data: inner })))
      const gasPrice = `0x${moment.gasPriceWei.toString(16)}`
      const answer = await rpc<Hex.Hex>('eth_call', [
        { from: DEPLOYER, to: by, data, gasPrice, gas: '0xf00000' },
        'latest',
      ])
      return decodeBatch(answer)
    },
    set(question, answer) {
      const { abi } = loadArtifact('Readings')
      const data =
        answer === null
          ? encodeFunctionData({ abi, functionName: 'unset', args: [question] })
          : encodeFunctionData({ abi, functionName: 'set', args: [question, answer] })
      return { to: readings, data }
    },
    replaceGuard: async (guardCode) => rpc('anvil_setCode', [GUARD.address, guardCode]),
    close: () => anvil.close(),
  }
}

/** How a guard call ended, in the words of the model. */
export function endingOf({ success, data }: { readonly success: boolean; readonly data: Hex.Hex }): Ending {
  if (success) return null
  const error = parseGuardError(data)
  assert(error !== null, `the guard fails in its own words, not ${data}`)
  const { name, index, before, reading } = error
  if (name === 'NotOpened' || name === 'AlreadyOpened') return { error: name }
  assert(index !== null, 'the error names its bound')
  if (name !== 'OutcomeRefused') return { error: name, index }
  assert(before !== null && reading !== null, 'a refusal has both readings')
  return { error: name, index, before, reading }
}
