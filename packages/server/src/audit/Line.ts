import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import { Digest } from '@countersign/base'
import { UNRECOGNISED, integerEnd, literalEnd, objectEnd, stringEnd } from './CanonicalJson.ts'

/** What a line of an export says of its place in the record. */
export interface Line {
  readonly app: string
  readonly seq: number
  readonly prevHash: string
  readonly hash: Digest.Digest
  /** Whether `hash` is SHA-256 over the canonical JSON of everything else on the line. */
  readonly isLinked: boolean
}

/**
 * Reads a line of an export and recomputes its hash. Where the line is canonical JSON, as exports are, its own bytes
 * are hashed; any other spelling is parsed and spelled anew.
 *
 * @param bytes - The line without its line feed.
 * @returns null when the line is not an entry: not UTF-8, not JSON, a name twice in one object, a field missing.
 */
export function read(bytes: Buffer): Line | null {
  return readCanonical(bytes) ?? readJson(bytes)
}

const [APP, AT_MS, BODY, EVENT, HASH, PREV_HASH, SEQ, END] = [
  '{"app":',
  ',"at_ms":',
  ',"body":',
  ',"event":',
  ',"hash":',
  ',"prev_hash":',
  ',"seq":',
  '}',
].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer]

/** The line without its hash; filled anew for each line, of which there are millions. Longer ones are parsed. */
const CONTENT = Buffer.alloc(64 * 1024)

/** The line, where it is canonical beyond doubt and its hash is right; null leaves it to `readJson`. */
export function readCanonical(bytes: Buffer): Line | null {
  // Each step answers UNRECOGNISED when given it, so one look at the end is enough.
  const app = literalEnd(bytes, 0, APP)
  const appEnd = stringEnd(bytes, app)
  const atMsEnd = integerEnd(bytes, literalEnd(bytes, appEnd, AT_MS))
  const bodyEnd = objectEnd(bytes, literalEnd(bytes, atMsEnd, BODY))
  const eventEnd = stringEnd(bytes, literalEnd(bytes, bodyEnd, EVENT))
  const own = literalEnd(bytes, eventEnd, HASH)
  const ownEnd = stringEnd(bytes, own)
  const prev = literalEnd(bytes, ownEnd, PREV_HASH)
  const prevEnd = stringEnd(bytes, prev)
  const seq = literalEnd(bytes, prevEnd, SEQ)
  const seqEnd = integerEnd(bytes, seq)
  const end = literalEnd(bytes, seqEnd, END)
  if (end === UNRECOGNISED || end !== bytes.length || end > CONTENT.length) return null

  const ownHash = bytes.toString('latin1', own + 1, ownEnd - 1)
  // Taking `,"hash":"0x…"` out of canonical JSON leaves the canonical JSON of the rest.
  bytes.copy(CONTENT, 0, 0, eventEnd)
  bytes.copy(CONTENT, eventEnd, ownEnd, end)
  const content = CONTENT.subarray(0, eventEnd + end - ownEnd)
  if (`0x${hash('sha256', content, 'hex')}` !== ownHash) return null
  return {
    app: bytes.toString('latin1', app + 1, appEnd - 1),
    seq: Number(bytes.toString('latin1', seq, seqEnd)),
    prevHash: bytes.toString('latin1', prev + 1, prevEnd - 1),
    hash: ownHash as Digest.Digest,
    isLinked: true,
  }
}

/** The line in any spelling of JSON. */
export function readJson(bytes: Buffer): Line | null {
  // Otherwise other bytes would be read as the same text, and verify.
  if (!isUtf8(bytes)) return null
  let value: Record<string, unknown> | null
  let canonical: string
  try {
    value = JSON.parse(bytes.toString()) as Record<string, unknown> | null
    const { hash: _own, ...content } = value ?? {}
    // What JSON allows and RFC 8785 does not has no canonical form: lone surrogates, numbers beyond a double.
    canonical = Digest.canonicalJson(content)
  } catch {
    return null
  }
  const { app, seq, at_ms: atMs, event, body, prev_hash: prevHash, hash: own } = value ?? {}
  if (typeof app !== 'string' || typeof event !== 'string' || typeof prevHash !== 'string') return null
  if (typeof own !== 'string' || !/^0x[0-9a-f]{64}$/.test(own)) return null
  if (!Number.isSafeInteger(seq) || !Number.isSafeInteger(atMs) || typeof body !== 'object' || body === null)
    return null
  // A name that is written twice is read as one by us, and maybe as the other by the next reader.
  if (membersWritten(bytes) !== membersRead(value)) return null
  const isLinked = `0x${hash('sha256', canonical, 'hex')}` === own
  return { app, seq: seq as number, prevHash, hash: own as Digest.Digest, isLinked }
}

/** How many members the objects of a JSON text have as it is written: its colons outside of strings. */
function membersWritten(json: Uint8Array): number {
  let count = 0
  let isInString = false
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at]
    if (byte === 0x22) isInString = !isInString
    else if (byte === 0x5c) at += 1
    else if (byte === 0x3a && !isInString) count += 1
  }
  return count
}

/** How many of them were kept. Without recursion: the text may be nested as deep as it likes. */
function membersRead(value: unknown): number {
  let count = 0
  const waiting = [value]
  while (waiting.length > 0) {
    const each = waiting.pop()
    if (typeof each !== 'object' || each === null) continue
    const values = Object.values(each)
    if (!Array.isArray(each)) count += values.length
    for (const inner of values) waiting.push(inner)
  }
  return count
}
