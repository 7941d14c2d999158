import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { closeSync, createReadStream, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Audit, Checkpoint, MerkleTree, verifyExport } from '@countersign/server'

export interface TamperFigures {
  readonly rows: number
  /** From a file, without the start of the process. */
  readonly verifyMs: number
  /** Problems that were found, by what was done. */
  readonly found: Readonly<Record<string, string>>
}

/** Verifies a long record, and then copies of it that somebody has been at, at places all over it. */
export async function tamper({ rows }: { rows: number }): Promise<TamperFigures> {
  const root = mkdtempSync(join(tmpdir(), 'countersign-tamper-'))
  try {
    return await tamperWith(record({ rows, path: join(root, 'shop.jsonl') }))
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

interface Recorded {
  readonly path: string
  /** Where each row begins in the file; at the end, where the file ends. */
  readonly starts: readonly number[]
  readonly notes: readonly Checkpoint.Note[]
  readonly keys: readonly Checkpoint.VerifierKey[]
}

/** Writes an export with a checkpoint of all of it. */
function record({ rows, path }: { rows: number; path: string }): Recorded {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = Checkpoint.verifierKey(
    'countersign/test',
    createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })),
  )
  const starts = [0]
  let prevHash: string = Audit.GENESIS
  let tree = MerkleTree.EMPTY
  let unwritten = ''
  const file = openSync(path, 'w')
  for (let seq = 1; seq <= rows; seq += 1) {
    const body = { session: Audit.handle(`session ${seq}`), from_state: 'receipted', because: null, step: seq % 7 }
    const draft = {
      app: 'shop',
      seq,
      atMs: 1_700_000_000_000 + seq,
      event: 'proposals.proposal.pending',
      body,
      prevHash,
    }
    const entry = { ...draft, hash: Audit.link(draft as Parameters<typeof Audit.link>[0]) } as Parameters<
      typeof Audit.toLine
    >[0]
    const line = `${Audit.toLine(entry)}\n`
    starts.push((starts.at(-1) as number) + Buffer.byteLength(line))
    unwritten += line
    if (seq % 1_000 === 0 || seq === rows) {
      writeSync(file, unwritten)
      unwritten = ''
    }
    prevHash = entry.hash
    tree = MerkleTree.append(tree, Buffer.from(entry.hash.slice(2), 'hex'))
  }
  closeSync(file)
  const checkpoint = { origin: 'countersign/test/shop', size: rows, root: MerkleTree.root(tree) }
  return { path, starts, notes: Checkpoint.parseNotes(Checkpoint.signNote(checkpoint, key, privateKey)), keys: [key] }
}

/** Part of a copy: rows as they are in the file, or other bytes. */
type Piece = { readonly fromRow: number; readonly toRow: number } | Buffer

async function tamperWith({ path, starts, notes, keys }: Recorded): Promise<TamperFigures> {
  const rows = starts.length - 1
  const start = (index: number): number => starts[index] as number
  async function* copy(pieces: readonly Piece[]): AsyncIterable<Uint8Array> {
    for (const piece of pieces) {
      if (Buffer.isBuffer(piece)) yield piece
      else if (piece.fromRow < piece.toRow)
        yield* createReadStream(path, {
          start: start(piece.fromRow),
          end: start(piece.toRow) - 1,
          highWaterMark: 256 * 1024,
        })
    }
  }
  const verify = (pieces: readonly Piece[]) => verifyExport({ chunks: copy(pieces), notes, keys })
  const row = (index: number): Buffer => {
    const bytes = Buffer.alloc(start(index + 1) - start(index))
    const file = openSync(path, 'r')
    readSync(file, bytes, 0, bytes.length, start(index))
    closeSync(file)
    return bytes
  }

  const startMs = performance.now()
  const { problem, rows: held } = await verify([{ fromRow: 0, toRow: rows }])
  const verifyMs = Math.round(performance.now() - startMs)
  if (problem !== null || held !== rows) throw new Error(problem?.because ?? `${held} rows held`)

  const at = Math.floor(rows / 2)
  const before = { fromRow: 0, toRow: at }
  const altered = Buffer.from(row(at).toString().replace('"step":', '"stdp":'))
  const attempts: Record<string, readonly Piece[]> = {
    'one bit': [before, altered, { fromRow: at + 1, toRow: rows }],
    deleted: [before, { fromRow: at + 1, toRow: rows }],
    swapped: [before, row(at + 1), row(at), { fromRow: at + 2, toRow: rows }],
    'cut off': [{ fromRow: 0, toRow: rows - 1 }],
  }
  const found: Record<string, string> = {}
  for (const [name, attempt] of Object.entries(attempts)) {
    const { problem: seen } = await verify(attempt)
    found[name] = seen === null ? 'nothing' : `${seen.code} row ${seen.row ?? '?'}`
  }
  return { rows, verifyMs, found }
}
