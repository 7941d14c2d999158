/** Must fail `restrict-template-expressions`. */
export function told(amount: { wei: bigint }): string {
  return `It costs ${amount}.`
}
