/** Must fail `no-explicit-any`. */
export function read(value: any): string {
  return String(value)
}
