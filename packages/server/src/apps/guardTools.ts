import type { GuardTools } from '../mandates/guards/readGuards.ts'
import * as InputSchema from './InputSchema.ts'
import type { ToolSpec } from './ToolSpec.ts'

/** What guards may name of an app's tools. */
export function guardTools(declared: readonly ToolSpec[]): GuardTools {
  return new Map(
    declared.map(({ name, kind, input, result: { trust } }) => [
      name,
      {
        kind,
        arguments: new Set(Object.keys(InputSchema.properties(input))),
        trusted: typeof trust === 'string' ? [] : trust,
      },
    ]),
  )
}
