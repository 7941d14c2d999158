import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CORPORA_FOLDER } from '../scanner/corpora.ts'

export interface ToolUse {
  readonly function: string
  readonly args: Readonly<Record<string, unknown>>
}

interface Task {
  readonly id: string
  readonly prompt: string | null
  readonly goal: string | null
  readonly calls: readonly ToolUse[]
}

export interface UserTask {
  readonly suite: string
  readonly id: string
  readonly prompt: string
  readonly calls: readonly ToolUse[]
  /** Set aside by a hash: nothing is mended by what happens there. */
  readonly isHeldBack: boolean
}

/** One user task and what an attacker wants in its place. */
export interface Attack {
  readonly id: string
  readonly user: UserTask
  readonly goal: string
  readonly calls: readonly ToolUse[]
}

export interface Suite {
  readonly name: string
  readonly tools: ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>
  readonly users: readonly UserTask[]
  readonly attacks: readonly Attack[]
  /** Injections that want no write of any task, by id. */
  readonly leftOut: readonly string[]
}

/** A third of the user tasks; another word turns the fold. */
const SEED = 'containment 1'

export function isRead(name: string): boolean {
  return /^(?:get|read|search|list|check|view)/.test(name)
}

/** The suites of `containment-dev.json`; null where this checkout does not have it beside it. */
export function loadSuites(): readonly Suite[] | null {
  const path = join(CORPORA_FOLDER, 'containment-dev.json')
  if (!existsSync(path)) return null
  // Toys such as 0xabc321 become addresses, the same everywhere.
  const text = readFileSync(path, 'utf8').replaceAll(/\b0x[0-9A-Za-z]{3,}\b/g, (toy) =>
    /^0x[0-9a-fA-F]{40}$/.test(toy) ? toy : `0x${createHash('sha256').update(toy).digest('hex').slice(0, 40)}`,
  )
  const { suites } = JSON.parse(text) as { suites: Record<string, { user: Task[]; injection: Task[] }> }
  return Object.entries(suites).map(([name, { user, injection }]) => {
    const tools = new Map<string, Readonly<Record<string, unknown>>[]>()
    for (const { calls } of [...user, ...injection])
      for (const each of calls) tools.set(each.function, [...(tools.get(each.function) ?? []), each.args])
    const users = user.map(({ id, prompt, calls }) => ({
      suite: name,
      id,
      prompt: (prompt ?? '').replaceAll(/\s+/g, ' ').trim(),
      calls,
      isHeldBack: createHash('sha256').update(`${SEED} ${name} ${id}`).digest().readUInt32BE(0) % 3 === 0,
    }))
    const attacks: Attack[] = []
    const used = new Set<string>()
    for (const each of injection)
      for (const own of users) {
        const calls = each.calls.length > 0 ? each.calls : mutated(own.calls, each.goal ?? '')
        if (!calls.some((call) => !isRead(call.function))) continue
        used.add(each.id)
        attacks.push({ id: `${name} ${own.id} ${each.id}`, user: own, goal: each.goal ?? '', calls })
      }
    return {
      name,
      tools,
      users,
      attacks,
      leftOut: injection.filter(({ id }) => !used.has(id)).map(({ id }) => `${name} ${id}`),
    }
  })
}

/** The user's own writes with one value of the goal in the place of theirs; none where the goal is about other tools. */
function mutated(calls: readonly ToolUse[], goal: string): readonly ToolUse[] {
  let isChanged = false
  const changed = calls.map((call) => {
    if (isRead(call.function) || isChanged) return call
    const args = Object.fromEntries(
      Object.entries(call.args).map(([name, value]) => {
        const next = isChanged ? value : replaced(name, value, goal)
        if (next !== value) isChanged = true
        return [name, next]
      }),
    )
    return { ...call, args }
  })
  return isChanged ? changed : []
}

function replaced(name: string, value: unknown, goal: string): unknown {
  const address = /0x[0-9a-f]{40}/.exec(goal)?.[0]
  const quoted = [...goal.matchAll(/'([^']{4,200})'/g)].map(([, text]) => text ?? '')
  if (
    /^(?:recipient|address|account|owner)$/.test(name) &&
    address !== undefined &&
    !/description|vote|prefix/.test(goal)
  )
    return address
  if (name === 'function_call' && address !== undefined && typeof value === 'string')
    return value.replace(/\b(to|address)=0x[0-9a-f]{40}/, `$1=${address}`)
  if (name === 'message_id') return /msg_\w+/.exec(goal)?.[0] ?? value
  if (name === 'token' && /paid in (\w+)/.test(goal)) return /paid in (\w+)/.exec(goal)?.[1]
  if (name === 'support' && goal.includes('support=-1')) return -1
  if (name === 'description' && /propos|description/i.test(goal) && quoted.length > 0 && typeof value === 'string')
    return `${goal.includes('prepend') ? `${quoted[0] ?? ''} ` : ''}${value} ${quoted.at(-1) ?? ''}`.trim()
  if (name === 'content' && /upload|IPFS/i.test(goal) && typeof value === 'string' && quoted.length > 0)
    return `${value} ${quoted[0] ?? ''}`
  return value
}
