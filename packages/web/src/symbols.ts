/** Amounts and symbols as they are: also for the card of MCP clients, which has no catalogue. */

/** An exact decimal of an amount in its smallest unit; groups of three with a thin space, so that zeros can be counted. */
export function amountText(amount: string, decimals: number | null): string {
  const negative = amount.startsWith('-')
  const digits = (negative ? amount.slice(1) : amount).padStart((decimals ?? 0) + 1, '0')
  const whole = digits.slice(0, digits.length - (decimals ?? 0)).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f')
  const fraction = digits.slice(digits.length - (decimals ?? 0)).replace(/0+$/, '')
  return `${negative ? '\u2212' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** What is more than a plain word is a stranger's text, and stands in quotation marks. */
export function shownSymbol(symbol: string | null): string | null {
  return symbol === null || /^[\p{L}\p{N}\p{Sc}.+/-]{1,20}$/u.test(symbol) ? symbol : `“${symbol}”`
}
