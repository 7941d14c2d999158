import * as InputSchema from '../apps/InputSchema.ts'

/** Whether a JSON pointer is one of those that a tool's `trust` lists; `*` stands for every index of a list. */
export function isListed(pointer: string, trust: readonly string[]): boolean {
  const steps = pointer.split('/')
  return trust.some((each) => {
    const wanted = each.split('/')
    return (
      wanted.length === steps.length &&
      wanted.every((step, i) => step === steps[i] || (step === '*' && /^\d+$/.test(steps[i] ?? '')))
    )
  })
}

/** The values of an answer that may ground an argument, with where each stood. */
export function valuesOf(
  body: unknown,
  trust: readonly string[],
): readonly { readonly pointer: string; readonly value: string }[] {
  return InputSchema.scalarsOf(body)
    .filter(({ pointer }) => isListed(pointer, trust))
    .map(({ pointer, value }) => ({ pointer, value: InputSchema.textOf(value) }))
}
