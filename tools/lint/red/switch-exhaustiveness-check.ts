/** Must fail `switch-exhaustiveness-check`. */
type Verdict = 'allow' | 'warn' | 'block'

export function mayBeSigned(verdict: Verdict): boolean {
  let isAllowed = true
  switch (verdict) {
    case 'block':
      isAllowed = false
      break
    case 'allow':
      break
  }
  return isAllowed
}
