/** Must fail `no-misused-promises`. */
async function save(value: number): Promise<void> {
  await Promise.resolve(value)
}

export function saveAll(values: readonly number[]): void {
  values.forEach((value) => save(value))
}
