/**
 * Chains on which a price in dollars can be read: Aave's own oracle (aave-address-book 4.68.1) and the wrapped coin, by which it
 * knows the coin. No rollup is listed: there a price is old whenever the sequencer stands still, and nothing here would tell.
 */
export const ORACLE_CHAINS: Readonly<Record<number, { readonly oracle: string; readonly wrapped: string }>> = {
  1: { oracle: '0x54586bE62E3c3580375aE3723C145253060Ca0C2', wrapped: '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2' },
  56: { oracle: '0x39bc1bfDa2130d6Bb6DBEfd366939b4c7aa7C697', wrapped: '0xbb4CdB9CBd36B01bD1cBaEBF2De08d9173bc095c' },
  100: { oracle: '0xeb0a051be10228213BAEb449db63719d6742F7c4', wrapped: '0xe91D153E0b41518A2Ce8Dd3D7944Fa863463a97d' },
  137: { oracle: '0xb023e699F5a33916Ea823A16485e259257cA8Bd1', wrapped: '0x0d500B1d8E8eF31E21C99d1Db9A6444d3ADf1270' },
  43114: {
    oracle: '0xEBd36016B3eD09D4693Ed4251c67Bd858c3c7C9C',
    wrapped: '0xB31f66AA3C1e785363F0875A1B74E27b85FD66c7',
  },
}
