import * as KeyLimit from './KeyLimit.ts'
import { DEFAULT_LIMITS, readLimitPolicy, type LimitPolicy } from './LimitPolicy.ts'

/** The limits that the environment asks for: `COUNTERSIGN_LIMITS`, over the default ones. */
export function readLimits(env: NodeJS.ProcessEnv): LimitPolicy {
  const path = env['COUNTERSIGN_LIMITS'] ?? ''
  return { ...DEFAULT_LIMITS, ...(path === '' ? {} : readLimitPolicy(path, KeyLimit.parseAll)) }
}
