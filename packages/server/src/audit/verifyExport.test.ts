import { createHash, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as CanonicalJson from './CanonicalJson.ts'
import * as Checkpoint from './Checkpoint.ts'
import * as Line from './Line.ts'
import { splitLines } from './splitLines.ts'
import { verifyExport } from './verifyExport.ts'

/*
 * A verifier as docs/reference/audit.md describes it, without a thought of speed: nothing of it is shared with the one
 * that is tested but the signatures.
 */

const sha256 = (...parts: (string | Uint8Array)[]): Buffer =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Buffer.from(part as string))))
    .digest()

/** RFC 8785. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    // The default order is that of UTF-16 units.
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([name, each]) => `${canonical(name)}:${canonical(each)}`).join(',')}}`
  }
  if (typeof value === 'string' && !value.isWellFormed()) throw new Error('a lone surrogate')
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('no JSON number')
  return JSON.stringify(value)
}

/** Whether an object of a JSON text has a name twice, however the name is spelled. */
function hasNameTwice(json: string): boolean {
  const open: Set<string>[] = []
  for (const [, bracket, name = '', colon] of json.matchAll(/([{}])|("(?:[^"\\]|\\.)*")(\s*:)?/g)) {
    if (bracket === '{') open.push(new Set())
    if (bracket === '}') open.pop()
    if (colon === undefined) continue
    const read = JSON.parse(name) as string
    if (open.at(-1)?.has(read) === true) return true
    open.at(-1)?.add(read)
  }
  return false
}

/** RFC 6962 §2.1, as it is defined there. */
function treeHash(entries: readonly Buffer[]): Buffer {
  if (entries.length === 0) return sha256('')
  if (entries.length === 1) return sha256(Buffer.of(0), entries[0] as Buffer)
  let split = 1
  while (split * 2 < entries.length) split *= 2
  return sha256(Buffer.of(1), treeHash(entries.slice(0, split)), treeHash(entries.slice(split)))
}

interface Answer {
  readonly app: string | null
  readonly rows: number
  readonly head: string | null
  readonly checkpoints: readonly number[]
  readonly problem: { readonly code: string; readonly row: number | null; readonly lastRow: number | null } | null
}

function reference(file: Buffer, notes: readonly Checkpoint.Note[]): Answer {
  const lines = file.toString('latin1').split('\n')
  if (lines.at(-1) === '') lines.pop()
  const hashes: Buffer[] = []
  const checkpoints: number[] = []
  let app: string | null = null
  let head = `0x${'0'.repeat(64)}`
  const answer = (problem: Answer['problem']): Answer => ({
    app,
    rows: hashes.length,
    head: hashes.length === 0 ? null : head,
    checkpoints,
    problem,
  })
  const sizes = notes.map((note) => note.size)
  for (const [index, line] of lines.entries()) {
    const row = index + 1
    const bad = (code: string): Answer => answer({ code: `audit:row:${code}`, row, lastRow: row })
    let value: Record<string, unknown>
    let content: string
    let own: unknown
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(line, 'latin1'))
      value = JSON.parse(text) as Record<string, unknown>
      const { hash, ...rest } = value
      own = hash
      content = canonical(rest)
      if (hasNameTwice(text)) throw new Error('a name twice')
    } catch {
      return bad('unreadable')
    }
    const isEntry =
      ['app', 'event', 'prev_hash'].every((name) => typeof value[name] === 'string') &&
      ['seq', 'at_ms'].every((name) => Number.isSafeInteger(value[name])) &&
      value['body'] instanceof Object &&
      /^0x[0-9a-f]{64}$/.test(String(own))
    if (!isEntry) return bad('unreadable')
    const hash = sha256(content)
    if (own !== `0x${hash.toString('hex')}`) return bad('altered')
    if (app === null) {
      app = value['app'] as string
      if (notes.some((note) => !note.origin.endsWith(`/${app}`)))
        return answer({ code: 'audit:checkpoint:foreign', row: null, lastRow: null })
    }
    if (value['app'] !== app) return bad('foreign')
    if (value['seq'] !== row) return bad('displaced')
    if (value['prev_hash'] !== head) return bad('forked')
    head = own
    hashes.push(hash)
    const note = notes.find((each) => each.size === row)
    if (note === undefined) continue
    if (!treeHash(hashes).equals(note.root))
      return answer({ code: 'audit:row:rewritten', row: (checkpoints.at(-1) ?? 0) + 1, lastRow: row })
    checkpoints.push(row)
  }
  const signed = Math.max(0, ...sizes)
  if (signed > hashes.length) return answer({ code: 'audit:row:missing', row: hashes.length + 1, lastRow: signed })
  return answer(null)
}

/** Ways to write an object: as exports do, and as they do not. Some are the same object, some are not. */
const SPELLINGS: Record<string, (value: Record<string, unknown>) => string> = {
  canonical,
  'with spaces': (value) => JSON.stringify(value, null, 1).replaceAll('\n', ' '),
  'white space after it': (value) => `${canonical(value)} \t`,
  'a carriage return after it': (value) => `${canonical(value)}\r`,
  'a byte order mark': (value) => `\ufeff${canonical(value)}`,
  'another order': (value) => JSON.stringify(Object.fromEntries(Object.entries(value).toReversed())),
  'another order inside': (value) => {
    const body = Object.fromEntries(Object.entries(value['body'] as object).toReversed())
    return canonical(value).replace(canonical(value['body']), () => JSON.stringify(body))
  },
  'a name twice': (value) => canonical(value).replace('{', () => '{"app":"zoo",'),
  'a name twice, spelled differently': (value) => canonical(value).replace('{', () => '{"\\u0061pp":"zoo",'),
  'a name twice inside': (value) => canonical(value).replace('"body":{"a":1', () => '"body":{"a":0,"a":1'),
  'an escaped letter': (value) => canonical(value).replace('"event":"t', () => '"event":"\\u0074'),
  'an escaped letter in a name': (value) => canonical(value).replace('"seq"', () => '"s\\u0065q"'),
  'an escaped slash': (value) => canonical(value).replaceAll('/', () => '\\/'),
  'a lone surrogate': (value) => canonical(value).replace('"event":"', () => '"event":"\\ud800'),
  'an exponent': (value) => canonical(value).replace(/"seq":(\d+)/, '"seq":$1e0'),
  'a fraction': (value) => canonical(value).replace(/"at_ms":(\d+)/, '"at_ms":$1.0'),
  'minus zero': (value) => canonical(value).replace('"z":0', () => '"z":-0'),
  'a leading zero': (value) => canonical(value).replace(/"seq":/, '"seq":0'),
  'one field more': (value) => canonical({ ...value, note: 'paid' }),
  'one field less': ({ event: _event, ...value }) => canonical(value),
  'no object': (value) => canonical([value]),
  'no object inside': (value) => canonical({ ...value, body: 'x' }),
  'an array inside': (value) => canonical({ ...value, body: [value['body']] }),
}

/** How the hash of a row was made: by the rules, or over the text as it stands, as somebody with the database could. */
type HashedAs = 'canonical' | 'written'
interface Row {
  readonly app: string
  readonly body: Record<string, unknown>
  readonly spelling: string
  readonly hashedAs: HashedAs
}

/** A record as a file, each row with the hash of the row before. */
function write(rows: readonly Row[]): { lines: string[]; hashes: Buffer[] } {
  const lines: string[] = []
  const hashes: Buffer[] = []
  let before = `0x${'0'.repeat(64)}`
  for (const [index, { app, body, spelling, hashedAs }] of rows.entries()) {
    const value = {
      app,
      at_ms: 1_700_000_000_000 + index,
      body,
      event: 'test.a/b.c',
      prev_hash: before,
      seq: index + 1,
    }
    const spell = SPELLINGS[spelling] as (typeof SPELLINGS)[string]
    const hash = sha256(hashedAs === 'canonical' ? canonical(value) : spell(value))
    before = `0x${hash.toString('hex')}`
    // Spelled with the hash, and so that it is the text that was hashed when that is taken out again.
    const text =
      hashedAs === 'canonical'
        ? spell({ ...value, hash: before })
        : spell(value).replace('"prev_hash":', () => `"hash":"${before}","prev_hash":`)
    lines.push(text)
    hashes.push(hash)
  }
  return { lines, hashes }
}

type Tampering = (file: Buffer, at: number, by: number) => Buffer
/** What may have happened to the file as a whole; `at` and `by` are any two numbers. */
const TAMPERINGS: Record<string, Tampering> = {
  nothing: (file) => file,
  'no line feed at the end': (file) => file.subarray(0, -1),
  'an empty line at the end': (file) => Buffer.concat([file, Buffer.from('\n')]),
  'carriage returns': (file) => Buffer.from(file.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
  'one bit': (file, at, by) => {
    const copy = Buffer.from(file)
    if (copy.length > 0) copy[at % copy.length] = (copy[at % copy.length] as number) ^ (1 << (by % 8))
    return copy
  },
  'one byte in between': (file, at, by) => {
    const split = at % (file.length + 1)
    const byte = [0x20, 0x0d, 0x0a, 0x22, 0x00, 0xff, 0x2c, 0x30, 0x7b, 0x5c][by % 10] as number
    return Buffer.concat([file.subarray(0, split), Buffer.of(byte), file.subarray(split)])
  },
  'one byte less': (file, at) => {
    const split = at % (file.length + 1)
    return Buffer.concat([file.subarray(0, split), file.subarray(split + 1)])
  },
  'cut off': (file, at) => file.subarray(0, at % (file.length + 1)),
  'a line deleted': (file, at) => moved(file, (lines) => lines.toSpliced(at % lines.length, 1)),
  'a line twice': (file, at) => {
    return moved(file, (lines) => lines.toSpliced(at % lines.length, 0, lines[at % lines.length] as string))
  },
  'two lines swapped': (file, at, by) =>
    moved(file, (lines) => {
      const [a, b] = [at % lines.length, by % lines.length]
      return lines.with(a, lines[b] as string).with(b, lines[a] as string)
    }),
}

function moved(file: Buffer, move: (lines: string[]) => string[]): Buffer {
  const lines = file.toString('latin1').split(/(?<=\n)/)
  return Buffer.from(lines[0] === '' ? '' : move(lines).join(''), 'latin1')
}

function* cut(file: Buffer, bytes: number): Iterable<Uint8Array> {
  for (let from = 0; from < file.length; from += bytes) yield file.subarray(from, from + bytes)
}

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const key = Checkpoint.verifierKey('countersign/test', publicKey)
/** Checkpoints of what was recorded, before anybody tampered with it. */
function sign(hashes: readonly Buffer[], sizes: readonly number[], app: string): Checkpoint.Note[] {
  const notes = sizes.map((size) => {
    const root = treeHash(hashes.slice(0, size))
    return Checkpoint.signNote({ origin: `countersign/test/${app}`, size, root }, key, privateKey)
  })
  return Checkpoint.parseNotes(notes.join(''))
}

// Mostly what records hold, so that most rows are read without parsing; sometimes anything.
const plainBody = fc.record({
  a: fc.constant(1),
  b: fc.constantFrom('x', 'a "quote"', 'ü', '', '\u2028', '\ufffd'),
  z: fc.constant(0),
})
const anyBody = fc
  .dictionary(fc.string({ unit: 'grapheme', maxLength: 4 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
  .map((body) => JSON.parse(JSON.stringify(body)) as Record<string, unknown>)
const usually = <T>(common: T, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(common) }, { weight: 1, arbitrary: other })
const anyRow: fc.Arbitrary<Row> = fc.record({
  app: usually('shop', fc.constant('zoo')),
  body: fc.oneof({ weight: 3, arbitrary: plainBody }, { weight: 1, arbitrary: anyBody }),
  spelling: usually('canonical', fc.constantFrom(...Object.keys(SPELLINGS))),
  hashedAs: usually<HashedAs>('canonical', fc.constant('written')),
})

describe('promise: as fast as it is, it answers as the plain verifier does', () => {
  const compare = async (file: Buffer, notes: readonly Checkpoint.Note[], chunkBytes: number) => {
    const { problem, ...found } = await verifyExport({ chunks: cut(file, chunkBytes), notes, keys: [key] })
    const { code, row, lastRow } = problem ?? {}
    const seen = { ...found, problem: problem === null ? null : { code, row, lastRow } }
    expect(seen, file.toString()).toEqual(reference(file, notes))
    return problem?.code ?? null
  }

  test('about any record, written in any way, tampered with in any way', async () => {
    const input = fc.record({
      rows: fc.array(anyRow, { maxLength: 9 }),
      tampering: usually('nothing', fc.constantFrom(...Object.keys(TAMPERINGS))),
      at: fc.nat(),
      by: fc.nat(),
      sizes: fc.uniqueArray(fc.nat({ max: 9 }), { maxLength: 3 }),
      signedApp: usually('shop', fc.constant('zoo')),
      chunkBytes: fc.integer({ min: 1, max: 1_000 }),
    })
    const property = fc.asyncProperty(input, async ({ rows, tampering, at, by, sizes, signedApp, chunkBytes }) => {
      const { lines, hashes } = write(rows)
      const file = Buffer.from(lines.map((line) => `${line}\n`).join(''))
      const tampered = (TAMPERINGS[tampering] as Tampering)(file, at, by)
      const signed = sizes.filter((size) => size > 0 && size <= rows.length).sort((a, b) => a - b)
      await compare(tampered, sign(hashes, signed, signedApp), chunkBytes)
    })
    await fc.assert(property, { numRuns: 1_500 })
  })

  test('about a row in each spelling, hashed by the rules or as it stands', async () => {
    const row = { app: 'shop', body: { a: 1, b: 'x', z: 0 }, spelling: 'canonical', hashedAs: 'canonical' as const }
    const answers: Record<string, string> = {}
    for (const spelling of Object.keys(SPELLINGS)) {
      const codes = []
      for (const hashedAs of ['canonical', 'written'] as const) {
        const { lines, hashes } = write([row, { ...row, spelling, hashedAs }, row])
        codes.push(await compare(Buffer.from(`${lines.join('\n')}\n`), sign(hashes, [3], 'shop'), 64))
      }
      answers[spelling] = codes.map((code) => code ?? 'holds').join(', ')
    }
    expect(answers).toMatchInlineSnapshot(`
      {
        "a byte order mark": "audit:row:unreadable, audit:row:unreadable",
        "a carriage return after it": "holds, audit:row:altered",
        "a fraction": "holds, audit:row:altered",
        "a leading zero": "audit:row:unreadable, audit:row:unreadable",
        "a lone surrogate": "audit:row:unreadable, audit:row:unreadable",
        "a name twice": "audit:row:unreadable, audit:row:unreadable",
        "a name twice inside": "audit:row:unreadable, audit:row:unreadable",
        "a name twice, spelled differently": "audit:row:unreadable, audit:row:unreadable",
        "an array inside": "audit:row:altered, holds",
        "an escaped letter": "holds, audit:row:altered",
        "an escaped letter in a name": "holds, audit:row:altered",
        "an escaped slash": "holds, audit:row:altered",
        "an exponent": "holds, audit:row:altered",
        "another order": "holds, audit:row:altered",
        "another order inside": "holds, audit:row:altered",
        "canonical": "holds, holds",
        "minus zero": "holds, audit:row:altered",
        "no object": "audit:row:unreadable, audit:row:unreadable",
        "no object inside": "audit:row:unreadable, audit:row:unreadable",
        "one field less": "audit:row:unreadable, audit:row:unreadable",
        "one field more": "audit:row:altered, holds",
        "white space after it": "holds, audit:row:altered",
        "with spaces": "holds, audit:row:altered",
      }
    `)
  })

  test.each(Object.keys(TAMPERINGS))('about a file with %s, wherever it is', async (tampering) => {
    const row = { app: 'shop', body: { a: 1, b: 'ü', z: 0 }, spelling: 'canonical', hashedAs: 'canonical' as const }
    const { lines, hashes } = write([row, row, { ...row, body: { a: 1, b: 'x' } }, row])
    const file = Buffer.from(lines.map((line) => `${line}\n`).join(''))
    const notes = sign(hashes, [2, 4], 'shop')
    // Every byte, where it matters which.
    const step = tampering.startsWith('one ') ? 1 : 37
    for (let at = 0; at < file.length; at += step) {
      await compare((TAMPERINGS[tampering] as Tampering)(file, at, at * 7), notes, 1 + (at % 300))
    }
  })
})

test('promise: the hash of a long row covers all of it', async () => {
  for (const cutAt of [64 * 1024, null]) {
    const value = { app: 'shop', at_ms: 1, body: { a: 'x'.repeat(65_430) }, event: 'a.b.c' }
    const content = canonical({ ...value, prev_hash: `0x${'0'.repeat(64)}`, seq: 1 })
    // Cut off at 64 KiB, the content would lack no more than its end.
    expect(content.length - 64 * 1024).toBeGreaterThan(20)
    expect(content.length - 64 * 1024).toBeLessThan(80)
    const own = `0x${sha256(content.slice(0, cutAt ?? content.length)).toString('hex')}`
    const file = Buffer.from(content.replace('"prev_hash"', () => `"hash":"${own}","prev_hash"`))
    const { problem } = await verifyExport({ chunks: [file], notes: [], keys: [] })
    expect(problem?.code ?? null).toBe(cutAt === null ? null : 'audit:row:altered')
  }
})

describe('what is canonical', () => {
  test('an exported row is read without parsing it, and says the same', () => {
    const row = { app: 'shop', spelling: 'canonical', hashedAs: 'canonical' as const }
    const body = { amounts: [0, -1, 999_999_999_999_999], because: null, deep: { a: true, ab: false, b: {} }, none: [] }
    const bytes = Buffer.from(write([{ ...row, body }]).lines[0] as string)
    expect(Line.readCanonical(bytes)).toEqual(Line.readJson(bytes))
    expect(Line.readCanonical(bytes)).toMatchObject({ app: 'shop', seq: 1, isLinked: true })
  })

  test('promise: what is recognised is its own canonical form, and is all of it', () => {
    // Tokens at random are seldom JSON; mended from canonical texts, they often are.
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '"b"',
      '"a b"',
      '0',
      '-',
      '1.5',
      '1e3',
      ' ',
      'true',
      'null',
      '\\',
      'é',
      '\t',
    )
    const text = fc
      .tuple(anyBody.map(canonical), fc.nat(), fc.nat({ max: 3 }), fc.array(token, { maxLength: 3 }))
      .map(([json, at, removed, tokens]) => {
        const from = at % (json.length + 1)
        return json.slice(0, from) + tokens.join('') + json.slice(from + removed)
      })
    let recognised = 0
    const property = fc.property(
      fc.oneof(
        text,
        fc.array(token).map((tokens) => `{${tokens.join('')}}`),
      ),
      (json) => {
        if (CanonicalJson.objectEnd(Buffer.from(json), 0) !== Buffer.byteLength(json)) return
        recognised += 1
        expect(canonical(JSON.parse(json))).toBe(json)
      },
    )
    fc.assert(property, { numRuns: 5_000 })
    expect(recognised).toBeGreaterThan(100)
  })

  test.each([
    '{"b":1,"a":1}',
    '{"a":1,"a":1}',
    '{"a":01}',
    '{"a":-0}',
    '{"a":1000000000000000}',
    '{"a":1.0}',
    '{"a": 1}',
    '{"a":"\\u0062"}',
    '{"a":"é"}',
    '{"a":1,}',
    '{"a":tru}',
    '{"a":[1,]}',
    `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`,
    '{"a":"b}',
    '{',
    '',
  ])('not recognised: %s', (json) => {
    expect(CanonicalJson.objectEnd(Buffer.from(json), 0)).toBe(CanonicalJson.UNRECOGNISED)
  })
})

test('lines end with a line feed and with nothing else, wherever chunks end', async () => {
  const file = Buffer.from('one\r\n\ntwo\u2028\u0085three\rfour\n\u00fc')
  for (let bytes = 1; bytes <= file.length; bytes += 1) {
    const lines: string[] = []
    for await (const some of splitLines(cut(file, bytes))) lines.push(...some.map((line) => line.toString()))
    expect(lines).toEqual(['one\r', '', 'two\u2028\u0085three\rfour', 'ü'])
  }
})

test('a chunk may be filled anew when the next is asked for', async () => {
  const shared = Buffer.alloc(3)
  function* chunks(): Iterable<Uint8Array> {
    for (const text of ['ab\n', 'cde', 'fg\n']) {
      shared.write(text)
      yield shared
    }
  }
  const lines: string[] = []
  for await (const some of splitLines(chunks())) lines.push(...some.map((line) => line.toString()))
  expect(lines).toEqual(['ab', 'cdefg'])
})

test('promise: a line without end does not fill the memory', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 0x20)
  let given = 0
  function* endless(): Iterable<Uint8Array> {
    for (; given < 100; given += 1) yield chunk
  }
  const found = await verifyExport({ chunks: endless(), notes: [], keys: [] })
  expect(found.problem).toMatchObject({ code: 'audit:row:unreadable', row: 1 })
  expect(given).toBeLessThan(20)
})
