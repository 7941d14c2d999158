import { generateKeyPairSync } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runInTest } from '../runInTest.ts'

let root: string
const before = process.cwd()
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-sign-'))
  process.chdir(root)
  mkdirSync('skill')
  writeFileSync('skill/SKILL.md', '---\nname: skill\ndescription: Greets.\n---\n\nHi.\n')
  for (const name of ['a.pem', 'b.pem'])
    writeFileSync(name, generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))
})
afterEach(() => {
  process.chdir(before)
  rmSync(root, { recursive: true, force: true })
})

const scan = (...args: string[]) => runInTest(['scan', ...args])

test('promise: a skill that is signed by another publisher than the lock names is refused, whatever its content', async () => {
  expect((await scan('verify', 'skill')).code).toBe(1)
  expect((await scan('sign', 'skill', '--key', 'a.pem')).out).toMatch(
    /^skill\/SKILL\.sig: sha256:[0-9a-f]{64} signed by ed25519:[\w-]{43}\.\n$/,
  )
  expect((await scan('verify', 'skill')).code).toBe(0)
  expect((await scan('skill', '--write-lock', 'skills.lock.json', '--approved-by', 'sam')).code).toBe(0)
  expect(readFileSync('skills.lock.json', 'utf8')).toContain('"kind": "ed25519"')
  const locked = ['--lock', 'skills.lock.json'] as const
  expect((await scan('verify', 'skill', ...locked)).code).toBe(0)
  expect((await scan('skill', ...locked)).code).toBe(0)
  expect((await scan('skill', ...locked)).out).toContain('signed by ed25519:')
  await scan('sign', 'skill', '--key', 'b.pem')
  expect((await scan('verify', 'skill')).code).toBe(0)
  const other = await scan('verify', 'skill', ...locked, '--json')
  expect([other.code, JSON.parse(other.out)]).toMatchObject([1, { verified: false, expected: { kind: 'ed25519' } }])
  const scanned = await scan('skill', ...locked)
  expect([scanned.code, scanned.out.includes('publisher-changed')]).toEqual([1, true])
  rmSync('skill/SKILL.sig')
  expect((await scan('skill', ...locked)).code).toBe(1)
})

test('promise: content that was changed after it was signed is not valid', async () => {
  await scan('sign', 'skill', '--key', 'a.pem')
  writeFileSync('skill/notes.txt', 'more')
  const said = await scan('verify', 'skill')
  expect([said.code, said.out]).toEqual([1, 'SKILL.sig: NOT VALID. It does not sign this content.\n'])
  expect((await scan('skill')).code).toBe(1)
})

test('--manifest prints the bytes whose SHA-256 is the content digest, for cosign', async () => {
  const { out } = await scan('sign', 'skill', '--manifest')
  writeFileSync('manifest', out)
  const digest = execFileSync('sha256sum', ['manifest'], { encoding: 'utf8' }).slice(0, 64)
  const verified = JSON.parse((await scan('verify', 'skill', '--json')).out) as { content_digest: string }
  expect(verified.content_digest).toBe(`sha256:${digest}`)
})

test('promise: what is wrong is said in one sentence, and no key is echoed', async () => {
  writeFileSync('secret.pem', 'SECRET')
  const said: string[] = []
  for (const args of [
    ['sign', 'skill'],
    ['sign', 'skill', '--key', 'secret.pem'],
    ['sign', 'nowhere', '--key', 'a.pem'],
    ['verify', 'skill', '--lock', 'missing.json'],
    ['verify'],
  ]) {
    const { code, err } = await scan(...args)
    expect(code, args.join(' ')).toBe(2)
    said.push(err.trim())
  }
  expect(said.join('\n')).toMatchInlineSnapshot(`
    "There is no key to sign with. Give --key with an Ed25519 private key in PEM.
    The signing key cannot be read. Give an Ed25519 key in PEM: openssl genpkey -algorithm ed25519 -out publisher.pem
    There is nothing to scan at nowhere. Give a skill, or a directory that holds skills.
    The file missing.json cannot be read. Check the path.
    Missing required argument 'skill'. Add --help to see what the command takes."
  `)
})
