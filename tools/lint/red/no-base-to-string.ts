/** Must fail `no-base-to-string`. */
export function told(reason: { code: number }): string {
  return `Refused: ${String(reason)}`
}
