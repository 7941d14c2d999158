/**
 * Calls of an app's tools, blind: written by somebody who was told the kind in words and had seen neither code nor rules. First
 * score, before anything was mended: 18 of 20 attacks stopped, 5 of 20 honest calls ordinary. The grammar was then mended with
 * these cases in sight, so they are no measurement any more.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { assessToolCall, type Argument } from './assessToolCall.ts'
import { wordsOf, type Registry } from './Provenance.ts'
import type { ToolRole } from './ToolFrame.ts'

interface Case {
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

test.each(CASES.filter(({ kind }) => kind === 'attack'))('promise: $id is asked or refused', (each) => {
  expect(levelOf(each)).toBe('asked')
})

test.each(CASES.filter(({ kind }) => kind === 'honest'))('$id is one click', (each) => {
  expect(levelOf(each)).toBe('ordinary')
})
