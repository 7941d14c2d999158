import { Digest } from '@countersign/base'
import type { Write } from '../../store/openStore.ts'
import type { QueryResult } from '../../store/protocol.ts'

/** One open write transaction. The same statements run on both; placeholders are `?`. */
export interface Sql {
  readonly dialect: 'sqlite' | 'postgres'
  run(sql: string, parameters: readonly unknown[]): Promise<QueryResult>
}

/** An open write of the store. */
export function ofWrite(write: Pick<Write, 'run' | 'dialect'>): Sql {
  return { dialect: write.dialect, run: (statement, parameters) => write.run(statement, parameters) }
}

/** Rows for good: on PostgreSQL the row is locked, on SQLite the write holds the whole store. */
export function locked(sql: Sql, statement: string): string {
  return sql.dialect === 'postgres' ? `${statement} for update` : statement
}

export async function rowsOf<T>(sql: Sql, statement: string, parameters: readonly unknown[]): Promise<readonly T[]> {
  return (await sql.run(statement, parameters)).rows as readonly T[]
}

/** `(?, ?), (?, ?)` for so many rows of so many values. */
export function places(rows: number, columns: number): string {
  const row = `(${Array.from({ length: columns }, () => '?').join(', ')})`
  return Array.from({ length: rows }, () => row).join(', ')
}

/** A limit's row by what it counts: the same on every instance, before it exists. */
export function limitId(scope: string, unit: string, span: string): string {
  return `lim_${Digest.sha256(`${scope}\n${unit}\n${span}`).slice(2, 34)}`
}

/** Numbers come as text from PostgreSQL's 64-bit columns. */
export function num(value: unknown): number {
  return Number(value)
}

/** A Sql for PostgreSQL from whatever runs one statement with `$1`, `$2`. */
export function postgresSql(
  query: (text: string, values: readonly unknown[]) => Promise<{ rows: readonly unknown[]; rowCount: number | null }>,
): Sql {
  return {
    dialect: 'postgres',
    async run(statement, parameters) {
      const { rows, rowCount } = await query(numbered(statement), parameters)
      return { rows, changes: rowCount ?? 0 }
    },
  }
}

const kept = new Map<string, string>()
/** `?` as `$1`, `$2`, … Statements hold no question mark of their own. */
function numbered(statement: string): string {
  let found = kept.get(statement)
  if (found === undefined) {
    let count = 0
    found = statement.replaceAll('?', () => `$${(count += 1)}`)
    if (kept.size > 1_000) kept.clear()
    kept.set(statement, found)
  }
  return found
}
