/** Must fail `await-thenable`. */
export async function wait(value: number): Promise<number> {
  return await value
}
