import type { View } from '../../View.ts'

/**
 * Contracts that everybody uses and that no author of a skill gains by: what they are approved for or paid, their own code decides. Each
 * is listed by its project's documentation; as of December 2026. Contracts through which anybody may act for anybody (multicall,
 * deposits with a place for a stranger's credentials) are left out.
 */
const WELL_KNOWN = new Set([
  '7a250d5630b4cf539739df2c5dacb4c659f2488d', // Uniswap V2 router
  'e592427a0aece92de3edee1f18e0157c05861564', // Uniswap V3 router
  '68b3465833fb72a70ecdf485e0e4c7bd8665fc45', // Uniswap router 02
  '3fc91a3afd70395cd496c647d5a6cc9d4b2b7fad', // Uniswap universal router
  '66a9893cc07d91d95644aedd05d03f95e1dba8af', // Uniswap universal router for V4
  'c36442b4a4522e871399cd717abdd847ab11fe88', // Uniswap V3 positions
  '000000000022d473030f116ddee9f6b43ac78ba3', // Permit2
  '1111111254eeb25477b68fb85ed929f73a960582', // 1inch V5
  '111111125421ca6dc452d289314280a0f8842a65', // 1inch V6
  'def1c0ded9bec7f1a1670819833240f027b25eff', // 0x exchange proxy
  'c92e8bdf79f0507f65a392b0ab4667716bfe0110', // CoW vault relayer
  'ba12222222228d8ba445958a75a0704d566bf2c8', // Balancer V2 vault
  '87870bca3f3fd6335c3f4ce8392d69350b4fa4e2', // Aave V3 pool, Ethereum
  '794a61358d6845594f94dc1db02a252b5b4814ad', // Aave V3 pool, Polygon, Arbitrum, Optimism, Avalanche
  'a238dd80c259a72e81d7e4664a9801593f98d1c5', // Aave V3 pool, Base
  'c3d688b66703497daa19211eedff47f25384cdc3', // Compound V3, USDC
  'ae7ab96520de3a18e5e111b5eaab095312d7fe84', // Lido stETH
  '7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0', // Lido wstETH
  '99c9fc46f92e8a1c0dec1b1747d010903e884be1', // Optimism, bridge on Ethereum
  '3154cf16ccdb4c6d922629664174b904d80f2c35', // Base, bridge on Ethereum
  '4200000000000000000000000000000000000010', // OP stack, bridge on the second layer
  '4200000000000000000000000000000000000006', // OP stack, wrapped ether
  '4dbd4fc535ac27206064b68ffcf827b0a60bab3f', // Arbitrum, inbox on Ethereum
  '253553366da8546fc250f225fe3d25d0c782303b', // ENS, registrar controller
])
const EVM = /0x([0-9a-fA-F]{40})(?![0-9a-fA-F])/g

/** Whether an account is a contract of {@link WELL_KNOWN}, and no code of the package names an account besides that could gain by it. */
export function isWellKnown(
  account: string,
  views: readonly View[],
  isPlaceholder: (account: string) => boolean,
): boolean {
  return (
    WELL_KNOWN.has(account.toLowerCase().replace(/^0x/, '')) &&
    views.every(
      (view) =>
        view.name === 'prose' ||
        [...view.text.matchAll(EVM)].every(
          ([whole, body = '']) => WELL_KNOWN.has(body.toLowerCase()) || isPlaceholder(whole),
        ),
    )
  )
}
