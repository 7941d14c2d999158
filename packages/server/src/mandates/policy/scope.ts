import type { When } from './Policy.ts'

/** What a rule can be about. */
export type EffectKind = 'call' | 'outflow' | 'authority' | 'document' | 'tool_call'

/**
 * The kinds of effects that an allow with these conditions can name. A call needs the contract or the function; money and
 * rights need a condition of their own or their step's call. So `{tokens: [USDC]}` pays, and calls nothing.
 */
export function kindsOf(when: When): readonly EffectKind[] {
  // What a document allows is named with it.
  if (when.documents !== undefined) return ['document', 'outflow', 'authority']
  if (when.tool !== undefined) return ['tool_call']
  const isOfCall = when.contracts !== undefined || when.selectors !== undefined
  const isOfMoney = when.recipients !== undefined || when.tokens !== undefined
  const isOfRight = when.spenders !== undefined || when.allowance !== undefined || when.authority !== undefined
  const kinds: EffectKind[] = []
  // A rule about rights or payees names no call by itself: the call is more than they are.
  if (isOfCall) kinds.push('call')
  if ((isOfCall || isOfMoney) && !isOfRight) kinds.push('outflow')
  if ((isOfCall || isOfRight) && when.recipients === undefined) kinds.push('authority')
  return kinds
}

/** Values that an allow names one by one: they count as named by the owner. */
export function namedValues(when: When): readonly string[] {
  const words = new Set(['own', 'known', 'new'])
  return [
    ...(when.recipients ?? []).filter((each) => !words.has(each)),
    ...(when.spenders ?? []),
    ...(when.arguments ?? []).flatMap((test) => (test.in ?? []).filter((each) => !words.has(each))),
  ]
}
