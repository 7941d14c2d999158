import * as Audit from './Audit.ts'
import * as Checkpoint from './Checkpoint.ts'
import * as Line from './Line.ts'
import * as MerkleTree from './MerkleTree.ts'
import { appOf } from './openAuditKey.ts'
import { splitLines, type Chunks } from './splitLines.ts'

/** What the verification of an export found. */
export interface Findings {
  readonly app: string | null
  /** Entries that hold, from the first on. */
  readonly rows: number
  readonly head: string | null
  /** Checkpoints whose root is that of the export's first `size` rows. */
  readonly checkpoints: readonly number[]
  /** The first thing that is wrong; null when all holds. */
  readonly problem: Problem | null
}

export interface Problem {
  readonly code: `audit:${string}`
  /** The first bad row, counted from 1; where only a range is known, the first row of it. */
  readonly row: number | null
  /** The last row of the range. */
  readonly lastRow: number | null
  readonly because: string
}

/**
 * Verifies an export line by line, in the memory of a chunk and a line: each entry's hash, its place, its predecessor and its
 * app; then the signature of every checkpoint, and its root against the rows as they are.
 *
 * @param chunks - The file, from its first entry on.
 * @param notes - Checkpoints of this record, any number, in any order.
 * @param keys - Whose signatures count.
 */
export async function verifyExport({
  chunks,
  notes,
  keys,
}: {
  chunks: Chunks
  notes: readonly Checkpoint.Note[]
  keys: readonly Checkpoint.VerifierKey[]
}): Promise<Findings> {
  const signed = notes.toSorted((a, b) => a.size - b.size)
  let app: string | null = null
  let head: string = Audit.GENESIS
  let tree = MerkleTree.EMPTY
  let row = 0
  const good: number[] = []
  const answer = (problem: Problem | null): Findings => ({
    app,
    rows: tree.size,
    head: tree.size === 0 ? null : head,
    checkpoints: good,
    problem,
  })
  const at = (code: Problem['code'], because: string, first: number | null = row, last = first): Findings =>
    answer({ code, row: first, lastRow: last, because })

  for (const note of signed) {
    const verdict = Checkpoint.checkNote(note, keys)
    const because = `the checkpoint of size ${note.size}`
    if (verdict === 'bad') return at('audit:checkpoint:forged', `${because} has a signature that does not verify`, null)
    if (verdict === 'unknown')
      return at('audit:checkpoint:unknown-key', `${because} is signed by no key that is trusted here`, null)
  }

  let next = 0
  /** Compares with every checkpoint of exactly this size. */
  const checkRoots = (): Findings | null => {
    for (; signed[next]?.size === tree.size; next += 1) {
      const note = signed[next] as Checkpoint.Note
      if (!MerkleTree.root(tree).equals(note.root)) {
        const from = (good.at(-1) ?? 0) + 1
        const range = from === note.size ? `row ${from} is` : `one of rows ${from} to ${note.size} is`
        return at('audit:row:rewritten', `${range} not what was signed at size ${note.size}`, from, note.size)
      }
      good.push(note.size)
    }
    return null
  }

  const checkRow = (bytes: Buffer): Findings | null => {
    row += 1
    const line = Line.read(bytes)
    if (line === null) return at('audit:row:unreadable', 'it is not an entry')
    if (!line.isLinked) return at('audit:row:altered', 'its hash is not that of its content')
    if (app === null) {
      app = line.app
      const other = signed.find((note) => appOf(note.origin) !== app)
      if (other !== undefined) {
        const because = `a checkpoint is of "${appOf(other.origin)}", the rows are of "${app}"`
        return at('audit:checkpoint:foreign', because, null)
      }
    }
    if (line.app !== app) return at('audit:row:foreign', `it belongs to the record of "${line.app}", not "${app}"`)
    if (line.seq !== row) return at('audit:row:displaced', `entry ${line.seq} stands where entry ${row} belongs`)
    if (line.prevHash !== head) return at('audit:row:forked', 'it does not follow from the row before')
    head = line.hash
    tree = MerkleTree.append(tree, Buffer.from(line.hash.slice(2), 'hex'))
    return checkRoots()
  }

  for await (const lines of splitLines(chunks)) {
    for (const line of lines) {
      const wrong = checkRow(line)
      if (wrong !== null) return wrong
    }
  }
  const last = signed.at(-1)
  if (last !== undefined && last.size > tree.size)
    return at('audit:row:missing', `${last.size} rows were signed, ${tree.size} are here`, tree.size + 1, last.size)
  return answer(null)
}
