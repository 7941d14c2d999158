import { Address, type Hex } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createSimulator, requestOf, type Report, type Simulator } from '@countersign/simulator'
import { encodeFunctionData, parseAbi } from 'viem'
import { sentenceOf, type Check } from './Check.ts'

const USER = Address.parse('0x00000000000000000000000000000000c0ffee01')
const FRIEND = Address.parse('0x00000000000000000000000000000000c0ffee02')
const ETHER = 10n ** 18n
const ABI = parseAbi(['function approve(address spender, uint256 amount)'])

interface Case {
  readonly name: string
  readonly call: (chain: LocalChain) => { readonly to: Address.Address; readonly value: bigint; readonly data: Hex.Hex }
  readonly holds: (report: Report.Report) => boolean
}

/** What the engine must find, on a chain of its own: a payment to the last wei, a drain, and a payment that fails. */
const CASES: readonly Case[] = [
  {
    name: 'a payment moves exactly its amount',
    call: () => ({ to: FRIEND, value: ETHER, data: '0x' }),
    holds: ({ verdict, willRevert, tokenChanges }) =>
      verdict !== 'block' &&
      !willRevert &&
      tokenChanges.some(({ account, delta }) => Address.isEqual(account, USER) && delta === -ETHER) &&
      tokenChanges.some(({ account, delta }) => Address.isEqual(account, FRIEND) && delta === ETHER),
  },
  {
    name: 'an unlimited approval for a stranger is blocked',
    call: ({ addresses }) => ({
      ...{ to: addresses.usdc as Address.Address, value: 0n },
      data: encodeFunctionData({ abi: ABI, args: [FRIEND, 2n ** 256n - 1n] }) as Hex.Hex,
    }),
    holds: ({ verdict }) => verdict === 'block',
  },
  {
    name: 'a payment of more than there is fails',
    call: () => ({ to: FRIEND, value: 1_000n * ETHER, data: '0x' }),
    holds: ({ verdict, willRevert }) => verdict === 'block' && willRevert,
  },
]

/** Runs the engine once on a chain of its own, so that a broken installation is seen before anybody relies on it. */
export async function checkEngine(): Promise<Check> {
  const at = { id: 'engine', item: 7, about: 'server' } as const
  let chain: LocalChain | null = null
  let simulator: Simulator | null = null
  try {
    chain = await startLocalChain()
    await chain.fund(USER, { wei: 10n * ETHER, usdc: 1_000n * 10n ** 6n })
    simulator = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
    const failed: string[] = []
    for (const { name, call, holds } of CASES) {
      const { to, value, data } = call(chain)
      const report = await simulator.simulate(
        requestOf({
          ...{ chainId: chain.chainId, from: USER, known: [], block: 'latest', maxHeadAgeMs: 0 },
          calls: [{ to, value, data, label: null, gasLimit: null, maxFeePerGasWei: null }],
        }),
      )
      if (!holds(report)) failed.push(name)
    }
    return failed.length === 0
      ? {
          ...at,
          status: 'pass',
          remediation: null,
          evidence: `${CASES.length} of ${CASES.length} known cases came out right.`,
        }
      : {
          ...{ ...at, status: 'fail', evidence: `This came out wrong: ${failed.join('; ')}.` },
          remediation: 'Do not serve with this installation. Install it again, and report it.',
        }
  } catch (error) {
    return {
      ...{ ...at, status: 'fail', evidence: `The engine could not run: ${sentenceOf(error)}` },
      remediation: 'Install again without --ignore-scripts, so that anvil is there.',
    }
  } finally {
    await simulator?.close()
    await chain?.close()
  }
}
