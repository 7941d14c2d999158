import type { ToolSet } from 'ai'
import type { App } from '../apps/App.ts'
import type { Store } from '../store/openStore.ts'

/** What may be called in a turn: of the app, and within the lists of its key, its session and its message. */
export interface ToolScope {
  mayCall(tool: string): boolean
}

const SCOPE = `select s.tools as session_tools, json_extract(s.turn_authority, '$.tools') as turn_tools, k.tools as key_tools,
  p.tools as pushed_tools
  from sessions s left join keys k on k.id = json_extract(s.turn_authority, '$.keyId')
  left join keys p on p.id = ?2 where s.sid = ?1`

interface Row {
  readonly session_tools: string | null
  readonly turn_tools: string | null
  readonly key_tools: string | null
  readonly pushed_tools: string | null
}

const prepared = new WeakMap<Store, ReturnType<typeof prepare>>()
const prepare = (store: Store) => store.prepare<Row>(SCOPE)

/**
 * The scope of the turn that runs in a session: key ∩ app ∩ skills ∩ session ∩ turn, each of which only narrows. It is read again at
 * every call, so a list that was narrowed meanwhile holds for calls as well.
 *
 * @param store - The one that was opened, not a fenced one.
 */
export function scopeOfTurn(store: Store, { sid, app }: { sid: string; app: App }): ToolScope {
  const query = prepared.get(store) ?? prepare(store)
  prepared.set(store, query)
  const ofApp =
    app.tools === null
      ? null
      : new Set([...app.tools, ...(app.declared ?? []).map(({ name }) => name), ...(app.documentTools ?? [])])
  return {
    mayCall(tool) {
      if (ofApp !== null && !ofApp.has(tool)) return false
      if (app.skillTools?.includes(tool) === false) return false
      const row = query.get(sid, app.pushedBy ?? null)
      if (row === undefined) return false
      return [row.session_tools, row.turn_tools, row.key_tools, row.pushed_tools].every(
        (list) => list === null || (JSON.parse(list) as readonly string[]).includes(tool),
      )
    },
  }
}

/** The tools within a scope. What is outside is not in the list; a call that comes all the same runs nothing. */
export function holdToScope(tools: ToolSet, scope: ToolScope): ToolSet {
  return Object.fromEntries(
    Object.entries(tools)
      .filter(([name]) => scope.mayCall(name))
      .map(([name, tool]) => {
        const { execute } = tool
        if (execute === undefined) return [name, tool]
        const held: typeof execute = (args, options) =>
          scope.mayCall(name)
            ? execute(args, options)
            : { error: `${name} is not available here.`, hint: 'Go on without it.', code: 'tools:scope:refused' }
        return [name, { ...tool, execute: held }]
      }),
  ) as ToolSet
}
