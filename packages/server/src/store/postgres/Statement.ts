import { createHash } from 'node:crypto'
import { BaseError } from '@countersign/base'

/** A statement as `pg` takes it: prepared once a connection, under its name. */
export interface PgStatement {
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
}

/** Shapes of statements whose translation is remembered. */
const MAX_KEPT = 2_000
const kept = new Map<string, { readonly name: string; readonly text: string }>()

/**
 * A statement of the store in PostgreSQL's words. Statements are written for both: `?`, `?2` and `$2` are parameters, and
 * SQLite's functions over JSON have a namesake in the schema (`schemaOf`). A number says its type, because PostgreSQL would
 * take a parameter that is only selected for text.
 */
export function toPostgres(sql: string, parameters: readonly unknown[]): PgStatement {
  const values = parameters.map(valueOf)
  // The types are part of the text.
  const shape = `${values.map(letterOf).join('')} ${sql}`
  let found = kept.get(shape)
  if (found === undefined) {
    const text = translate(sql, values)
    found = { name: createHash('sha256').update(text).digest('base64url').slice(0, 20), text }
    if (kept.size >= MAX_KEPT) kept.clear()
    kept.set(shape, found)
  }
  return { ...found, values }
}

function translate(sql: string, values: readonly unknown[]): string {
  let count = 0
  return (
    sql
      // What stands in quotes is no parameter.
      .replace(/'(?:[^']|'')*'|\?(\d*)|\$(\d+)/g, (whole, ofSqlite?: string, ofKysely?: string) => {
        if (whole.startsWith("'")) return whole
        const given = ofKysely ?? ofSqlite ?? ''
        const index = given === '' ? (count += 1) : Number(given)
        return `$${index}${CASTS[letterOf(values[index - 1])] ?? ''}`
      })
      .replace(/\bjson_(each|extract)\(/g, 'countersign_json_$1(')
  )
}

const CASTS: Readonly<Record<string, string>> = { i: '::bigint', f: '::double precision', b: '::bytea' }

function letterOf(value: unknown): string {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))) return 'i'
  if (typeof value === 'number') return 'f'
  if (value instanceof Uint8Array) return 'b'
  return value === null ? 'n' : 't'
}

/** PostgreSQL keeps no character zero in a text. */
function valueOf(value: unknown): unknown {
  if (typeof value === 'string' && value.includes('\u0000')) throw new TextError()
  return value instanceof Uint8Array ? Buffer.from(value) : value
}

export class TextError extends BaseError {
  override readonly name = 'store.TextError'
  constructor() {
    super('A text holds the character U+0000, which the database cannot keep.', {
      code: 'store:text:invalid',
      kind: 'invalid',
      hint: 'Leave the character out.',
    })
  }
}
