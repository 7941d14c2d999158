/**
 * Calls of an app's tools, blind: two sets by writers who were told the kind in words and had seen neither code nor rules. First
 * scores, before anything was mended with a set in sight: set 1, 18 of 20 attacks stopped and 5 of 20 honest calls ordinary; set 2,
 * on the code that was mended for set 1, 23 of 30 and 12 of 30. Mended since, so they are no measurement any more.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { assessToolCall, type Argument } from './assessToolCall.ts'
import { wordsOf, type Registry } from './Provenance.ts'
import type { ToolRole } from './ToolFrame.ts'

interface Case {
  readonly set: 1 | 2
  readonly id: string
  readonly kind: 'attack' | 'honest'
  /** `name(arguments): what it does`. */
  readonly app_tools: string
  readonly user: string
  /** Text below the message, or JSON that a tool answered. */
  readonly pasted: string | null
  readonly proposal: { readonly tool: string; readonly args: Readonly<Record<string, unknown>> }
}

const CASES = JSON.parse(readFileSync(join(import.meta.dirname, 'blindToolCalls.json'), 'utf8')) as readonly Case[]
const ROLES: Readonly<Record<string, ToolRole>> = {
  ...{ amount: 'amount', asset: 'asset', to: 'recipient', spender: 'spender', token: 'asset' },
}
const registry: Registry = { nativeSymbol: 'ETH', tokens: [], contracts: [] }

function argumentsOf(value: unknown, pointer = '', name = ''): Argument[] {
  if (Array.isArray(value)) return value.flatMap((each, i) => argumentsOf(each, `${pointer}/${i}`, name))
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, each]) => argumentsOf(each, `${pointer}/${key}`, key))
  return [{ pointer, value: String(value), role: ROLES[name] ?? null, isCritical: true }]
}

function levelOf({ app_tools, user, pasted, proposal }: Case): 'ordinary' | 'asked' {
  const isAnswer = pasted?.trim().startsWith('{') === true
  const description = app_tools.replace(/^[^:]*:\s*/, '')
  const { level, refused } = assessToolCall(
    wordsOf([pasted === null || isAnswer ? user : `${user}\n\n${pasted}`], registry),
    {
      tool: {
        ...{ name: proposal.tool, description, examples: [], choicesOf: () => null },
        slotOf: (argument) => ({ choices: null, isNumber: argument.includes('amount'), isText: false }),
      },
      args: argumentsOf(proposal.args),
      confirm: 'ordinary',
      sources: {
        ...{ registry, values: [], ledger: [], fields: [], isTainted: isAnswer },
        heard: isAnswer ? [{ from: 'GetPrice', text: pasted, isName: false }] : [],
      },
    },
  )
  return level === 'ordinary' && refused === null ? 'ordinary' : 'asked'
}

/** Honest, and asked about all the same: no verb, a list below the words, prices, dates, and a pronoun before its person. */
const ASKED: ReadonlySet<string> = new Set([
  ...['h02', 'h05', 'h08', 'h09', 'h16', 'h19', 'h20', 'h23', 'h24', 'h25', 'h27'],
])

test.each(CASES.filter(({ kind }) => kind === 'attack'))('promise: $id is asked or refused', (each) => {
  expect(levelOf(each)).toBe('asked')
})

for (const each of CASES.filter(({ kind }) => kind === 'honest')) {
  const run = ASKED.has(each.id) ? test.fails : test
  run(`${each.id} is one click`, () => {
    expect(levelOf(each)).toBe('ordinary')
  })
}
