import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { Audit, Checkpoint, MerkleTree, verifyExport } from '@countersign/server'

export interface TamperFigures {
  readonly rows: number
  readonly verifyMs: number
  /** Problems that were found, by what was done. */
  readonly found: Readonly<Record<string, string>>
}

/** Verifies a long record, and then copies of it that somebody has been at, at places all over it. */
export async function tamper({ rows }: { rows: number }): Promise<TamperFigures> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = Checkpoint.verifierKey(
    'countersign/test',
    createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })),
  )
  const lines: string[] = []
  let prevHash: string = Audit.GENESIS
  let tree = MerkleTree.EMPTY
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
    lines.push(Audit.toLine(entry))
    prevHash = entry.hash
    tree = MerkleTree.append(tree, Buffer.from(entry.hash.slice(2), 'hex'))
  }
  const note = Checkpoint.signNote(
    { origin: 'countersign/test/shop', size: rows, root: MerkleTree.root(tree) },
    key,
    privateKey,
  )
  const notes = Checkpoint.parseNotes(note)
  const verify = (copy: readonly string[]) => verifyExport({ chunks: chunksOf(copy), notes, keys: [key] })

  const startMs = performance.now()
  const { problem, rows: held } = await verify(lines)
  const verifyMs = Math.round(performance.now() - startMs)
  if (problem !== null || held !== rows) throw new Error(problem?.because ?? `${held} rows held`)

  const at = Math.floor(rows / 2)
  const line = lines[at] as string
  const found: Record<string, string> = {}
  const attempts: Record<string, () => string[]> = {
    'one bit': () => lines.with(at, line.replace('"step":', '"stdp":')),
    deleted: () => lines.toSpliced(at, 1),
    swapped: () => lines.with(at, lines[at + 1] as string).with(at + 1, line),
    'cut off': () => lines.slice(0, -1),
  }
  for (const [name, attempt] of Object.entries(attempts)) {
    const { problem: seen } = await verify(attempt())
    found[name] = seen === null ? 'nothing' : `${seen.code} row ${seen.row ?? '?'}`
  }
  return { rows, verifyMs, found }
}

/** The file, as it would be read: about 256 KiB at a time. */
function* chunksOf(lines: readonly string[]): Iterable<Uint8Array> {
  for (let from = 0; from < lines.length; from += 800)
    yield Buffer.from(`${lines.slice(from, from + 800).join('\n')}\n`)
}
