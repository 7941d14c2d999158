import { EventEmitter } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isGone, onceGone } from './onceGone.ts'

const responseIn = (state: Partial<Record<'closed' | 'destroyed', boolean>> & { socket?: object }): ServerResponse =>
  Object.assign(new EventEmitter(), { closed: false, destroyed: false, socket: null, ...state }) as never

test('promise: the release runs once, whether the close comes later or has come already', () => {
  for (const state of [{}, { closed: true }, { destroyed: true }, { socket: { destroyed: true } }]) {
    expect(isGone(responseIn(state)), JSON.stringify(state)).toBe(Object.keys(state).length > 0)
    const response = responseIn(state)
    let released = 0
    onceGone(response, () => (released += 1))
    response.emit('close')
    response.emit('close')
    expect(released, JSON.stringify(state)).toBe(1)
  }
})

/** What says that something is over, and is said once. */
const END =
  /\.(?:on|once|addListener|addEventListener|prependListener)\(\s*'(?:close|abort|aborted|end|finish|exit|disconnect)'/y
/** What looks whether it has come already. */
const LOOK = /\b(?:isGone|onceGone)\(|\.aborted\b|\.destroyed\b|\.exitCode\b|\.signalCode\b/

/**
 * Where a file begins to listen for an end after an `await`, in the same function or in one around it, without looking
 * first whether the end has come. Braces are counted and strings skipped; that is enough for code that is formatted.
 */
function lateListeners(source: string): number[] {
  const code = stripTypeScriptTypes(source)
  /** Each open brace: whether it began a function, whether that has waited, and where it began. */
  const open: { isFunction: boolean; hasWaited: boolean; at: number }[] = [
    { isFunction: true, hasWaited: false, at: 0 },
  ]
  const late: number[] = []
  for (let i = 0; i < code.length; i += 1) {
    const char = code[i] as string
    END.lastIndex = i
    if (char === '.' && END.test(code)) {
      const functions = open.filter(({ isFunction }) => isFunction)
      const waited = functions.findIndex(({ hasWaited }) => hasWaited)
      const inner = functions.at(-1)
      const before = waited < 0 ? '' : code.slice(inner?.at ?? 0, i)
      if (waited >= 0 && !LOOK.test(before)) late.push(code.slice(0, i).split('\n').length)
    } else if (char === "'" || char === '"' || char === '`') i = endOfText(code, i, char)
    else if (code.startsWith('//', i)) i = code.indexOf('\n', i)
    else if (code.startsWith('/*', i)) i = code.indexOf('*/', i) + 1
    else if (char === '/' && /[=(,:[!&|?{};\n]\s*$/.test(code.slice(Math.max(0, i - 20), i))) i = endOfRegex(code, i)
    else if (char === '{') open.push({ isFunction: beginsFunction(code.slice(0, i)), hasWaited: false, at: i })
    else if (char === '}') open.pop()
    else if (/^(?:await\b|for await\b)/.test(code.slice(i, i + 9)) && !/[\w.]/.test(code[i - 1] ?? ' ')) {
      const inner = open.findLast(({ isFunction }) => isFunction)
      if (inner !== undefined) inner.hasWaited = true
    }
  }
  return late
}

function endOfText(code: string, from: number, quote: string): number {
  for (let i = from + 1; i < code.length; i += 1) {
    if (code[i] === '\\') i += 1
    else if (quote === '`' && code.startsWith('${', i)) i = endOfHole(code, i + 2)
    else if (code[i] === quote) return i
  }
  return code.length
}

function endOfHole(code: string, from: number): number {
  let depth = 1
  for (let i = from; i < code.length; i += 1) {
    const char = code[i] as string
    if (char === "'" || char === '"' || char === '`') i = endOfText(code, i, char)
    else if (char === '{') depth += 1
    else if (char === '}' && (depth -= 1) === 0) return i
  }
  return code.length
}

function endOfRegex(code: string, from: number): number {
  let isInClass = false
  for (let i = from + 1; i < code.length && code[i] !== '\n'; i += 1) {
    if (code[i] === '\\') i += 1
    else if (code[i] === '[') isInClass = true
    else if (code[i] === ']') isInClass = false
    else if (code[i] === '/' && !isInClass) return i
  }
  return from
}

/** Whether a brace after this text opens a function's body, and not a block, an object or a class. */
function beginsFunction(before: string): boolean {
  const text = before.trimEnd()
  if (text.endsWith('=>')) return true
  if (!text.endsWith(')')) return false
  let depth = 0
  let at = text.length - 1
  for (; at >= 0; at -= 1) {
    if (text[at] === ')') depth += 1
    else if (text[at] === '(' && (depth -= 1) === 0) break
  }
  return !/\b(?:if|for|while|switch|catch|for await)\s*$/.test(text.slice(0, at))
}

const LATE: Readonly<Record<string, string>> = {
  'after an await': `async function a(res) { await find(); res.on('close', stop) }`,
  'once, after a for await': `async function a(res) { for await (const x of y) {} ; res.once('close', stop) }`,
  'in a block': `async function a(res) { const x = await find(); if (x) { res.on('close', stop) } }`,
  'in a promise inside': `async function a(res) { await find(); await new Promise((resolve) => { res.once('close', resolve) }) }`,
  'a signal': `const a = async (signal) => { await find(); signal.addEventListener('abort', stop) }`,
  'in a method, behind text and a regex': `class A { async b(res) { const t = \`\${await find()} }\`; const r = /[}]/; await t; res.on('close', stop) } }`,
}
const EARLY: Readonly<Record<string, string>> = {
  'before the await': `async function a(res) { res.on('close', stop); await find() }`,
  'in another function': `async function a() { await find() } function b(res) { res.on('close', stop) }`,
  'after a look': `async function a(signal) { await find(); if (signal.aborted) return; signal.addEventListener('abort', stop) }`,
  'through onceGone': `async function a(res) { await find(); onceGone(res, stop) }`,
  'what is no end': `async function a(res) { await find(); res.on('data', take) }`,
  'await in a text and a comment': `function a(res) { /* await */ const t = 'await x'; res.on('close', stop) }`,
}

test('the search finds what it is for, and nothing else', () => {
  for (const [what, code] of Object.entries(LATE)) expect(lateListeners(code), what).toHaveLength(1)
  for (const [what, code] of Object.entries(EARLY)) expect(lateListeners(code), what).toEqual([])
})

/** Files that look in another way, and how. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'server/src/store/createWriter.ts': 'close() reads the worker in the same moment, and one that has exited is null',
}

test('promise: no listener for an end is put on after an await without a look whether the end has come', () => {
  const root = join(import.meta.dirname, '..', '..', '..')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /^[a-z]+\/src\/.*\.ts$/.test(file) && !/\.test(-d)?\.ts$|\.d\.ts$|\/dist\//.test(file),
  )
  expect(files.length).toBeGreaterThan(200)
  const found = new Map(files.map((file) => [file, lateListeners(readFileSync(join(root, file), 'utf8'))]))
  for (const file of Object.keys(EXCEPTIONS)) expect(found.get(file), `${file} needs no exception`).toHaveLength(1)
  const late = [...found].filter(([file, lines]) => lines.length > 0 && !Object.hasOwn(EXCEPTIONS, file))
  expect(late).toEqual([])
})
