import type { ToolSet } from 'ai'
import type { GrammarTool } from '../agent/declaredGrammar.ts'
import type { App } from '../apps/App.ts'
import * as InputSchema from '../apps/InputSchema.ts'
import { frameToolOf } from '../tools/createToolRunner.ts'

const SEARCHES = [
  'search the documents for {query}',
  'search documents for {query}',
  'what do the documents say about {query}',
  'look up {query} in the documents',
]
const QUERY = { choices: null, isNumber: false, isText: true, type: 'text', pattern: null } as const

/** The declared tools of a turn as the grammar reads them, so that every app works without a language model. */
export function grammarToolsOf(app: App, offered: ToolSet): readonly GrammarTool[] {
  const searching = (app.documentTools ?? []).slice(0, 1).filter((name) => Object.hasOwn(offered, name))
  const own = (app.declared ?? [])
    .filter(({ name }) => Object.hasOwn(offered, name))
    .map((spec) => {
      const { slotOf } = frameToolOf(spec)
      const properties = InputSchema.properties(spec.input)
      const slots = Object.entries(properties).map(([name, schema]) => {
        const { type, pattern } = schema
        const kind = type === 'number' || type === 'integer' ? 'number' : type === 'boolean' ? 'boolean' : 'text'
        return [name, { ...slotOf(name), type: kind, pattern: typeof pattern === 'string' ? pattern : null }] as const
      })
      return { name: spec.name, examples: spec.examples, slots: Object.fromEntries(slots) }
    })
  return [...own, ...searching.map((name) => ({ name, examples: SEARCHES, slots: { query: QUERY } }))]
}
