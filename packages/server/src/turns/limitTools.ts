import type { ToolSet } from 'ai'
import type { TurnLimits } from '../apps/TurnLimits.ts'

/** What a tool answers that was not run, or whose answer is too large: the model reads it and goes on. */
export interface Refusal {
  readonly error: string
  readonly hint: string
  readonly code: 'turns:tool:calls' | 'turns:tool:oversize'
}

/**
 * The tools of one turn, held to its limits. A call beyond them runs nothing and is answered with a refusal, so that
 * whatever a model asks for in one breath is not done.
 */
export function limitTools(
  tools: ToolSet,
  { callsPerTool, callsPerTurn, resultLength }: Pick<TurnLimits, 'callsPerTool' | 'callsPerTurn' | 'resultLength'>,
): ToolSet {
  const calls = new Map<string, number>()
  let all = 0
  return Object.fromEntries(
    Object.entries(tools).map(([name, tool]) => {
      const { execute } = tool
      if (execute === undefined) return [name, tool]
      const limited: typeof execute = async (args, options) => {
        const count = (calls.get(name) ?? 0) + 1
        calls.set(name, count)
        all += 1
        if (count > callsPerTool || all > callsPerTurn) {
          return {
            error: `${name} was not run: one turn may call a tool ${callsPerTool} times and tools ${callsPerTurn} times in all.`,
            hint: 'Finish with what there is, and let the user ask again.',
            code: 'turns:tool:calls',
          } satisfies Refusal
        }
        const result: unknown = await execute(args, options)
        if ((JSON.stringify(result) ?? '').length <= resultLength) return result
        return {
          error: `The answer of ${name} is longer than ${resultLength} characters.`,
          hint: 'Ask for less at a time.',
          code: 'turns:tool:oversize',
        } satisfies Refusal
      }
      return [name, { ...tool, execute: limited }]
    }),
  ) as ToolSet
}

/** Whether a tool's answer says that it was not run: then nothing is written down about the call. */
export function wasNotRun(result: unknown): boolean {
  return typeof result === 'object' && result !== null && (result as Partial<Refusal>).code === 'turns:tool:calls'
}
