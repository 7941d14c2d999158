import type { SharedKeys } from '../KeyFiles.ts'
import { DatabaseError } from './connect.ts'
import type { Bridge } from './createBridge.ts'

/** How keys are encrypted: `proofs/Seal.ts`, handed in. */
export interface Sealing {
  seal(value: Uint8Array, options: { secret: Uint8Array; context: string }): string
  open(text: string, options: { secret: Uint8Array; context: string }): Uint8Array | null
}

/** Keys as rows that all instances share, encrypted under the master key and tied to their names. */
export function keysInDatabase(
  { bridge, sealing, nowMs }: { bridge: Bridge; sealing: Sealing; nowMs: () => number },
  { masterKey }: { masterKey: Uint8Array },
): SharedKeys {
  const contextOf = (name: string): string => JSON.stringify(['countersign key', name])
  const nameOf = (name: string): string => `The key "${name}" in the database`
  const sealOf = (name: string, text: string): string =>
    sealing.seal(Buffer.from(text, 'utf8'), { secret: masterKey, context: contextOf(name) })
  const read = (name: string): string | null => {
    const [row] = bridge.ask('select sealed from shared_keys where name = ?', [name]).rows as { sealed: string }[]
    if (row === undefined) return null
    const bytes = sealing.open(row.sealed, { secret: masterKey, context: contextOf(name) })
    if (bytes === null) throw new DatabaseError('key')
    return Buffer.from(bytes).toString('utf8')
  }
  return {
    nameOf,
    read,
    names: () => (bridge.ask('select name from shared_keys', []).rows as { name: string }[]).map(({ name }) => name),
    keep(name, text) {
      bridge.change('insert into shared_keys (name, sealed, at_ms) values (?, ?, ?) on conflict (name) do nothing', [
        name,
        sealOf(name, text),
        nowMs(),
      ])
      const kept = read(name)
      if (kept === null) throw new DatabaseError('key')
      return kept
    },
    replace(name, text) {
      bridge.change(
        `insert into shared_keys (name, sealed, at_ms) values (?, ?, ?)
         on conflict (name) do update set sealed = excluded.sealed, at_ms = excluded.at_ms`,
        [name, sealOf(name, text), nowMs()],
      )
    },
    remove(name) {
      bridge.change('delete from shared_keys where name = ?', [name])
    },
  }
}
