import { tool, type ToolSet } from 'ai'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { DEFAULT_TURN_LIMITS } from '../apps/TurnLimits.ts'
import { limitTools, wasNotRun } from './limitTools.ts'

const runs: string[] = []
const named = (name: string, result: unknown = { ok: true }) =>
  tool({
    inputSchema: z.strictObject({}),
    execute: async () => {
      runs.push(name)
      return result
    },
  })
const call = async (tools: ToolSet, name: string): Promise<unknown> =>
  tools[name]?.execute?.({}, { toolCallId: '1', messages: [], context: {} } as never)

test('promise: 150 calls of one tool in one turn run it 4 times, and of all tools 24 times', async () => {
  runs.length = 0
  const names = Array.from({ length: 20 }, (_, i) => `tool_${i}`)
  const tools = limitTools(Object.fromEntries(names.map((name) => [name, named(name)])), DEFAULT_TURN_LIMITS)
  const answers = await Promise.all(Array.from({ length: 150 }, () => call(tools, 'tool_0')))
  expect(runs).toHaveLength(4)
  expect(answers.filter(wasNotRun)).toHaveLength(146)
  expect(answers.at(-1)).toMatchObject({ code: 'turns:tool:calls', error: expect.stringContaining('4 times') })
  // What was refused counts as well: a model that goes on asking gets nothing more.
  await Promise.all(names.map((name) => call(tools, name)))
  expect(runs.length).toBeLessThanOrEqual(24)
})

test('promise: each turn counts for itself; four calls of one tool are honest work', async () => {
  runs.length = 0
  for (let turn = 0; turn < 3; turn += 1) {
    const tools = limitTools({ get_price: named('get_price') }, DEFAULT_TURN_LIMITS)
    for (let i = 0; i < 4; i += 1) expect(await call(tools, 'get_price')).toEqual({ ok: true })
  }
  expect(runs).toHaveLength(12)
})

test('promise: what a tool answers is bounded, and the model is told', async () => {
  const tools = limitTools({ big: named('big', { text: 'x'.repeat(70_000) }) }, DEFAULT_TURN_LIMITS)
  expect(await call(tools, 'big')).toMatchObject({ code: 'turns:tool:oversize' })
})
