/** Must fail `no-misused-spread`. */
export function copied(values: Map<string, string>): Record<string, unknown> {
  return { ...values }
}
