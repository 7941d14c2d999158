import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock, Digest } from '@countersign/base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore, type Store } from '../store/openStore.ts'
import * as Audit from './Audit.ts'
import { createAppendAudit, readAudit } from './appendAudit.ts'
import { auditedApps, signCheckpoint, startCheckpoints } from './checkpoints.ts'
import * as Checkpoint from './Checkpoint.ts'
import * as MerkleTree from './MerkleTree.ts'
import { openAuditKey } from './openAuditKey.ts'
import { keysInDirectory } from '../store/KeyFiles.ts'
import { openAuditRecord } from './openAuditRecord.ts'
import { recordConfiguration } from './recordConfiguration.ts'
import { verifyExport } from './verifyExport.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'countersign-audit-'))
const clock = Clock.fixed(1_700_000_000_000)
const append = createAppendAudit({ clock })
const noteDir = join(dataDir, 'checkpoints')
let store: Store
beforeAll(async () => {
  store = await openStore({ clock }, { dataDir })
})
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

test('the tree is that of RFC 6962: roots of certificate-transparency’s reference tree', () => {
  const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
  const roots = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ]
  let tree = MerkleTree.EMPTY
  expect(MerkleTree.root(tree).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  for (const [index, leaf] of leaves.entries()) {
    tree = MerkleTree.append(tree, Buffer.from(leaf, 'hex'))
    expect(MerkleTree.root(tree).toString('hex')).toBe(roots[index])
    expect(MerkleTree.fromJson(tree.size, MerkleTree.toJson(tree))).toEqual(tree)
  }
})

test('keys and signatures are those of C2SP signed-note: the example of Go’s note package verifies', () => {
  const key = Checkpoint.parseKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  expect(Checkpoint.formatKey(key)).toBe('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  const bytes = Buffer.from(
    'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=',
    'base64',
  )
  const note = {
    ...{ origin: '', size: 0, root: Buffer.alloc(0) },
    text: 'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n'.replace(
      '’',
      "'",
    ),
    signatures: [{ name: 'PeterNeumann', keyId: 'c74f20a3', signature: bytes.subarray(4) }],
  }
  expect(Checkpoint.checkNote(note, [key])).toBe('good')
  expect(Checkpoint.checkNote({ ...note, text: `${note.text}!` }, [key])).toBe('bad')
  expect(Checkpoint.checkNote(note, [])).toBe('unknown')
  for (const wrong of ['', 'x', 'PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'])
    expect(() => Checkpoint.parseKey(wrong)).toThrow('The verifier key cannot be read.')
  for (const wrong of ['x', 'o\n1\nAA==\n\n— a AAAAAAA=\n', 'o\n01\n', `o\n1\n${'A'.repeat(43)}=\n\n`])
    expect(() => Checkpoint.parseNotes(wrong)).toThrow('The checkpoint cannot be read.')
})

/** What every broken copy is compared with: 200 entries of one app, 50 of another, checkpoints at 80, 150 and 200. */
describe('an export', () => {
  let lines: string[] = []
  let foreign: string[] = []
  let notes: Checkpoint.Note[] = []
  let keys: Checkpoint.VerifierKey[] = []
  const verify = (rows: readonly string[], some = notes, trusted = keys) =>
    verifyExport({ chunks: [Buffer.from(rows.map((row) => `${row}\n`).join(''))], notes: some, keys: trusted })

  beforeAll(async () => {
    const key = openAuditKey(store.keys)
    const tools = { store, clock, key, noteDir }
    for (let i = 1; i <= 200; i += 1) {
      await store.write(async (write) => {
        await append(write, {
          app: 'shop',
          event: 'test.thing.done',
          body: { i, text: `"hash":"${i}" – ü`, list: [1] },
        })
        if (i <= 50) await append(write, { app: 'zoo', event: 'test.thing.done', body: { i } })
      })
      if (i === 80 || i === 150 || i === 200) await signCheckpoint(tools, { app: 'shop' })
    }
    const record = await openAuditRecord({ dataDir, env: {}, clock })
    expect(record.apps()).toEqual(['shop', 'zoo'])
    for await (const line of record.lines('shop')) lines.push(line)
    for await (const line of record.lines('zoo')) foreign.push(line)
    expect(await record.checkpoint('shop')).toBe(
      readFileSync(join(noteDir, 'shop.checkpoints'), 'utf8')
        .split(/(?<=\n)(?=countersign)/)
        .at(-1),
    )
    notes = Checkpoint.parseNotes(await record.checkpoints('shop'))
    keys = [Checkpoint.parseKey(record.verifierKey())]
    await record.close()
  })

  test('that nobody touched verifies, up to its newest checkpoint', async () => {
    expect(notes.map((note) => note.size)).toEqual([80, 150, 200])
    expect(await verify(lines)).toEqual({
      app: 'shop',
      rows: 200,
      head: (await readAudit({ store }, { app: 'shop' })).at(-1)?.hash,
      checkpoints: [80, 150, 200],
      problem: null,
    })
    // A line may be spelled another way on its journey.
    const respelled = lines.map((line) => JSON.stringify(JSON.parse(line) as unknown, null, 1).replaceAll('\n', ' '))
    expect((await verify(respelled)).problem).toBeNull()
  })

  test('promise: any single changed bit is found in its row', async () => {
    for (let row = 1; row <= 200; row += 7) {
      const bytes = Buffer.from(lines[row - 1] as string)
      const at = (row * 31) % bytes.length
      bytes[at] = (bytes[at] as number) ^ (1 << (row % 7))
      const file = [...lines.slice(0, row - 1), bytes, ...lines.slice(row)]
      const chunks = file.flatMap((each) => [Buffer.from(each), Buffer.from('\n')])
      const { problem } = await verifyExport({ chunks, notes, keys })
      // A changed hash is noticed where it stands, as is everything that it covers.
      expect(problem, bytes.toString()).toMatchObject({
        row,
        code: expect.stringMatching(/^audit:row:(?:altered|unreadable)$/),
      })
    }
  })

  const at = (row: number): string => lines[row - 1] as string
  /** Rewrites from one row on, with hashes that fit again: what somebody with the database could do. */
  const rewrite = (from: number, change: (body: Record<string, unknown>) => unknown): string[] => {
    let prevHash: Digest.Digest | null = null
    return lines.map((line, index) => {
      if (index < from - 1) return line
      const { at_ms: atMs, prev_hash: before, ...rest } = JSON.parse(line)
      const draft = { ...rest, atMs, prevHash: prevHash ?? before } as Audit.AuditEntry
      const body = index === from - 1 ? (change({ ...draft.body }) as Record<string, unknown>) : draft.body
      const entry = { ...draft, body, hash: Audit.link({ ...draft, body }) }
      prevHash = entry.hash
      return Audit.toLine(entry)
    })
  }

  test.each<[string, () => string[], { code: string; row: number | null; lastRow: number | null }]>([
    ['a deleted row', () => lines.toSpliced(56, 1), { code: 'audit:row:displaced', row: 57, lastRow: 57 }],
    ['the first row deleted', () => lines.slice(1), { code: 'audit:row:displaced', row: 1, lastRow: 1 }],
    [
      'two rows swapped',
      () => lines.with(9, at(11)).with(10, at(10)),
      { code: 'audit:row:displaced', row: 10, lastRow: 10 },
    ],
    ['a row twice', () => lines.toSpliced(20, 0, at(20)), { code: 'audit:row:displaced', row: 21, lastRow: 21 }],
    ['the tail cut off', () => lines.slice(0, 170), { code: 'audit:row:missing', row: 171, lastRow: 200 }],
    ['everything cut off', () => [], { code: 'audit:row:missing', row: 1, lastRow: 200 }],
    [
      'a row of another app',
      () => lines.with(29, foreign[29] as string),
      { code: 'audit:row:foreign', row: 30, lastRow: 30 },
    ],
    ['another app altogether', () => foreign, { code: 'audit:checkpoint:foreign', row: null, lastRow: null }],
    [
      'a fork, hashes and all',
      () => rewrite(100, (body) => ({ ...body, i: 0 })),
      { code: 'audit:row:rewritten', row: 81, lastRow: 150 },
    ],
    [
      'one row rewritten alone',
      () => lines.with(99, rewrite(100, () => ({}))[99] as string),
      { code: 'audit:row:forked', row: 101, lastRow: 101 },
    ],
    ['the last row rewritten', () => rewrite(200, () => ({})), { code: 'audit:row:rewritten', row: 151, lastRow: 200 }],
  ])('promise: %s is found', async (_name, broken, expected) => {
    expect((await verify(broken())).problem).toMatchObject(expected)
  })

  test('promise: a checkpoint counts only with a signature of a trusted key over just that text', async () => {
    const thief = mkdtempSync(join(tmpdir(), 'countersign-audit-'))
    try {
      const theirs = openAuditKey(keysInDirectory(thief))
      const [note] = notes as [Checkpoint.Note]
      const forged = Checkpoint.parseNotes(theirs.sign({ ...note, size: 10 }))
      expect((await verify(lines, forged)).problem).toMatchObject({ code: 'audit:checkpoint:unknown-key' })
      // The same name, another key: the key id gives it away.
      const { privateKey } = generateKeyPairSync('ed25519')
      const [real] = keys as [Checkpoint.VerifierKey]
      const posing = Checkpoint.verifierKey(real.name, createPublicKey(privateKey))
      const posed = Checkpoint.parseNotes(Checkpoint.signNote(note, posing, privateKey))
      expect((await verify(lines, posed)).problem).toMatchObject({ code: 'audit:checkpoint:unknown-key' })
      const stretched = { ...note, size: 10, text: note.text.replace('\n80\n', '\n10\n') }
      expect((await verify(lines, [stretched])).problem).toMatchObject({ code: 'audit:checkpoint:forged' })
    } finally {
      rmSync(thief, { recursive: true, force: true })
    }
  })

  test('promise: what does not follow is not signed', async () => {
    const tools = { store, clock, key: openAuditKey(store.keys), noteDir }
    const change = (i: number) =>
      store.write((write) =>
        write.db
          .updateTable('audit')
          .set({ body: JSON.stringify({ i }) })
          .where('app', '=', 'zoo')
          .where('seq', '=', 20)
          .execute(),
      )
    await change(21)
    await expect(signCheckpoint(tools, { app: 'zoo' })).rejects.toMatchObject({ code: 'audit:chain:broken' })
    await change(20)
    expect(await signCheckpoint(tools, { app: 'zoo' })).toContain('\n50\n')
  })
})

test('a running server signs by itself what was recorded, also at the end', async () => {
  const errors: unknown[] = []
  const tools = {
    store,
    clock,
    key: openAuditKey(store.keys),
    noteDir,
    onError: (error: unknown) => errors.push(error),
  }
  const checkpoints = startCheckpoints(tools)
  await recordConfiguration({ store, audit: append }, { sections: { policy: { ttlMs: 1n }, apps: [] } })
  await recordConfiguration({ store, audit: append }, { sections: { apps: [], policy: { ttlMs: 1n } } })
  await recordConfiguration({ store, audit: append }, { sections: { policy: { ttlMs: 2n }, apps: [] } })
  await checkpoints.close()
  expect(errors).toEqual([])
  expect(auditedApps({ store })).toEqual(['_server', 'shop', 'zoo'])
  const entries = await readAudit({ store }, { app: Audit.SERVER })
  expect(entries.map((entry) => entry.body['changed'])).toEqual([['apps', 'policy'], ['policy']])
  expect(readdirSync(noteDir)).toContain('_server.checkpoints')
  if (store.dialect === 'sqlite') expect(statSync(join(dataDir, 'audit-key.json')).mode & 0o777).toBe(0o600)
})
