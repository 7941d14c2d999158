/** What an app asks of enforcement (`enforcement` of app.yaml). */
export interface EnforcementPolicy {
  readonly mode: 'preferred' | 'required' | 'off'
  /** What an inflow may fall short by without an intent, in basis points. */
  readonly slippageBps: number
}
export const DEFAULT_ENFORCEMENT: EnforcementPolicy = { mode: 'preferred', slippageBps: 50 }
