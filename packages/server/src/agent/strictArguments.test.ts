import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { tool } from 'ai'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { doubleField } from '../../../../test/doubledFields.ts'
import { runTurn } from './runTurn.ts'
import type { TurnEvent } from './Turn.ts'

/** A model that makes these calls with these very texts as arguments, and then says what it was answered. */
function playsArguments(calls: readonly (readonly [id: string, tool: string, input: string])[]) {
  const seen: LanguageModelV4CallOptions[] = []
  const model: LanguageModelV4 = {
    specificationVersion: 'v4',
    provider: 'script',
    modelId: 'script',
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error('turns stream')),
    async doStream(options) {
      seen.push(options)
      const isFirst = seen.length === 1
      return {
        stream: new ReadableStream({
          start(controller) {
            controller.enqueue({ type: 'stream-start', warnings: [] })
            if (isFirst)
              for (const [toolCallId, toolName, input] of calls)
                controller.enqueue({ type: 'tool-call', toolCallId, toolName, input })
            else {
              controller.enqueue({ type: 'text-start', id: 't' })
              controller.enqueue({ type: 'text-delta', id: 't', delta: 'Done.' })
              controller.enqueue({ type: 'text-end', id: 't' })
            }
            controller.enqueue({
              type: 'finish',
              finishReason: { unified: isFirst ? 'tool-calls' : 'stop', raw: undefined },
              usage: {
                inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
                outputTokens: { total: 0, text: 0, reasoning: 0 },
              },
            })
            controller.close()
          },
        }),
      }
    },
  }
  return { model, seen }
}

async function play(calls: readonly (readonly [id: string, tool: string, input: string])[]) {
  const ran: unknown[] = []
  const anything = tool({
    inputSchema: z.looseObject({}),
    execute: async (args) => {
      ran.push(args)
      return { ok: true }
    },
  })
  const { model, seen } = playsArguments(calls)
  const events: TurnEvent[] = []
  for await (const event of runTurn({
    model,
    preamble: '',
    tools: { send: anything, stage_tx: anything },
    maxSteps: 3,
    history: [{ role: 'user', text: 'go' }],
    signal: new AbortController().signal,
  }))
    events.push(event)
  return { ran, events, toldToModel: JSON.stringify(seen.at(-1)?.prompt.filter(({ role }) => role === 'tool')) }
}

const anyObject = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 4 }), { minKeys: 1 })

test('promise: a call whose arguments hold a field twice, at whatever depth, runs nothing, and the model is told', async () => {
  await fc.assert(
    fc.asyncProperty(anyObject, fc.nat(), async (args, pick) => {
      const { ran, events, toldToModel } = await play([['a', 'send', doubleField(args, pick)]])
      expect(ran).toEqual([])
      // The SDK refuses a field of a prototype before ours looks.
      expect(toldToModel).toMatch(/given more than once|forbidden prototype property/)
      expect(events.at(-1)).toEqual({ type: 'finished', reason: 'stop' })
    }),
    { numRuns: 60 },
  )
})

test('promise: names the field and what to do, and runs the calls beside it', async () => {
  const { ran, events } = await play([
    ['a', 'send', '{"amount":"1","to":"0x00","amount":"1000"}'],
    ['b', 'send', '{"amount":"2"}'],
  ])
  expect(ran).toEqual([{ amount: '2' }])
  expect(events.flatMap((event) => (event.type === 'tool-result' ? [[event.callId, event.result]] : []))).toEqual([
    ['a', { error: '"amount" is given more than once.', hint: 'Send each field once.', code: 'base:json:duplicate' }],
    ['b', { ok: true }],
  ])
})

test('promise: runs what only looks like it, and what it runs is what was written', async () => {
  await fc.assert(
    fc.asyncProperty(anyObject, async (args) => {
      fc.pre(!JSON.stringify(args).includes('__proto__'))
      const { ran } = await play([['a', 'stage_tx', JSON.stringify(args)]])
      expect(ran).toEqual([JSON.parse(JSON.stringify(args))])
    }),
    { numRuns: 60 },
  )
})

test('promise: of two calls under one name, one of them doubled, neither that follows runs', async () => {
  const { ran } = await play([
    ['a', 'send', '{"amount":"1","amount":"1000"}'],
    ['a', 'send', '{"amount":"1"}'],
  ])
  expect(ran).toEqual([])
})
