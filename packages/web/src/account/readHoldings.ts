import type { PublicConfig } from '@countersign/sdk'
import { addressWord, rpc, wordOf } from '../rpc.ts'
import type { Grant, Holding } from './Holdings.ts'

/** `balanceOf(address)` and `allowance(address,address)`, first four bytes of their Keccak-256 digests (EIP-20). */
const BALANCE_OF = '0x70a08231'
const ALLOWANCE = '0xdd62ed3e'

type Chain = PublicConfig['chains'][number]
type Token = PublicConfig['tokens'][number]

/** What an account holds now: the coin and each token that this server lists. `amount` is null where it was not readable. */
export async function readHoldings(
  { chain, tokens }: { chain: Chain; tokens: readonly Token[] },
  owner: string,
): Promise<readonly Holding[]> {
  const coin = async (): Promise<Holding> => ({
    symbol: chain.native_symbol,
    token: null,
    decimals: chain.native?.decimals ?? 18,
    amount: wordOf(await rpc(chain.rpc_path, 'eth_getBalance', [owner, 'latest'])),
  })
  const listed = tokens.map(async ({ address, symbol, decimals }): Promise<Holding> => {
    const data = `${BALANCE_OF}${addressWord(owner)}`
    const amount = wordOf(await rpc(chain.rpc_path, 'eth_call', [{ to: address, data }, 'latest']))
    return { symbol, token: address, decimals, amount }
  })
  return Promise.all([coin(), ...listed])
}

/**
 * Allowances that stand now, of each listed token for each spender that is asked about. It finds no spender by itself: who
 * shows the result says so.
 */
export async function readGrants(
  { chain, tokens }: { chain: Chain; tokens: readonly Token[] },
  owner: string,
  spenders: readonly string[],
): Promise<readonly Grant[]> {
  const asked = tokens.flatMap(({ address, symbol, decimals }) =>
    spenders.map(async (spender): Promise<Grant> => {
      const data = `${ALLOWANCE}${addressWord(owner)}${addressWord(spender)}`
      const amount = wordOf(await rpc(chain.rpc_path, 'eth_call', [{ to: address, data }, 'latest']))
      return { symbol, token: address, decimals, spender, amount }
    }),
  )
  return Promise.all(asked)
}
