/** Must fail `no-floating-promises`. */
async function save(): Promise<void> {
  await Promise.resolve()
}

export function leave(): void {
  save()
}
