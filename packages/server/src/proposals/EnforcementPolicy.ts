/** What an app asks of enforcement (`enforcement` of app.yaml). */
export interface EnforcementPolicy {
  readonly mode: 'preferred' | 'required' | 'off'
  /** What an inflow may fall short by without an intent, in basis points. */
  readonly slippageBps: number
  /** How much gas the guard calls may add before bounds are left out. */
  readonly maxGas: number
}
export const DEFAULT_ENFORCEMENT: EnforcementPolicy = { mode: 'preferred', slippageBps: 50, maxGas: 60_000 }
