import { refused } from '../GuardRefusedError.ts'
import type { Gate } from './Gate.ts'

/**
 * A gate that signs nothing while something stands on every object or list of the process: what is handed to a wallet has fields then
 * that nobody judged, and leaves none out. A merge of JSON with `__proto__` puts them there; no code needs to be hostile.
 */
export function unpolluted(gate: Gate): Gate {
  return {
    ...gate,
    async run(request, sign) {
      refusePolluted()
      return gate.run(request, () => {
        refusePolluted()
        return sign()
      })
    },
  }
}

/** @throws {GuardRefusedError} */
function refusePolluted(): void {
  for (const each of [{}, []])
    // Inherited ones are meant: an object and a list of their own have none.
    for (const name in each)
      throw refused(
        `"${name.slice(0, 40)}" stands on every object of this process, so more would be signed than was judged`,
      )
}
