/** `countersign doctor` against a real store, a real chain and providers that answer wrongly. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { backUp } from '@countersign/server'
import { run } from 'countersign'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launch } from '../../packages/cli/src/launch.ts'

const scratch = mkdtempSync(join(tmpdir(), 'countersign-doctor-'))
const dataDir = join(scratch, 'data')
let chain: LocalChain
let key: string

beforeAll(async () => {
  chain = await startLocalChain()
  const server = await launch({ port: 0, dataDir, env: {}, localChain: chain, logLevel: 'silent' })
  key = server.demoKey === null ? '' : Redacted.reveal(server.demoKey)
  await server.close()
})
afterAll(async () => {
  await chain.close()
  rmSync(scratch, { recursive: true, force: true })
})

interface Check {
  readonly id: string
  readonly item: number | null
  readonly about: string
  readonly status: 'pass' | 'warn' | 'fail' | 'not_checked'
  readonly evidence: string
  readonly remediation: string | null
}

async function doctor(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ readonly code: number; readonly out: string; readonly checks: readonly Check[] }> {
  let code = 0
  let out = ''
  await run(['doctor', '--json', ...args], {
    out: (text) => void (out += text),
    err: (text) => void (out += text),
    exit: (given) => void (code = given),
    env: { HOME: join(scratch, 'home'), COUNTERSIGN_DATA_DIR: dataDir, ...env },
    columns: 100,
    color: false,
  })
  return { code, out, checks: (JSON.parse(out) as { checks: readonly Check[] }).checks }
}

const statusOf = ({ checks }: { checks: readonly Check[] }, id: string): string | undefined =>
  checks.find((check) => check.id === id)?.status

describe('what nothing has to be started for', () => {
  test('a sound store passes, and what was not looked at is said', async () => {
    const found = await doctor(['--offline'])
    expect(found.code).toBe(10)
    for (const id of ['store', 'disk', 'audit', 'files', 'key-apps', 'wallet-keys', 'limits', 'key-rotation'])
      expect([id, statusOf(found, id)]).toEqual([id, 'pass'])
    for (const id of ['key-in-bundle', 'backup', 'engine'])
      expect([id, statusOf(found, id)]).toEqual([id, 'not_checked'])
    for (const { status, remediation, evidence } of found.checks) {
      expect(evidence).not.toBe('')
      if (status === 'warn' || status === 'fail') expect(remediation).not.toBeNull()
    }
    expect(new Set(found.checks.flatMap(({ item }) => item ?? []))).toEqual(new Set([1, 2, 3, 4, 5, 7, 8, 9, 10]))
  })

  test('promise: with --ci, what could not be checked is a failure, and a warning is none', async () => {
    expect((await doctor(['--offline', '--ci'])).code).toBe(11)
  })

  test('promise: a key in a bundle fails, whatever the file; text that is like a key does not', async () => {
    const client = join(scratch, 'client')
    mkdirSync(join(client, 'assets'), { recursive: true })
    const like = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`
    writeFileSync(join(client, 'assets', 'app.js'), `const x="${like}"`)
    expect(statusOf(await doctor(['--offline', '--client', client]), 'key-in-bundle')).toBe('pass')
    writeFileSync(
      join(client, 'assets', 'app.js.map'),
      `{"sourcesContent":["fetch('/',{headers:{'X-Api-Key':'${key}'}})"]}`,
    )
    const found = await doctor(['--offline', '--client', client])
    expect(statusOf(found, 'key-in-bundle')).toBe('fail')
    expect(found.out).not.toContain(key)
    expect(found.code).toBe(11)
    expect(statusOf(await doctor(['--offline', '--client', join(scratch, 'none')]), 'key-in-bundle')).toBe(
      'not_checked',
    )
  })

  test.each([
    ['a private key', { DEPLOYER_PRIVATE_KEY: `0x${'ab'.repeat(32)}` }, 'fail'],
    ['a recovery phrase', { WALLET_MNEMONIC: `${'test '.repeat(11)}junk` }, 'fail'],
    ['our own secrets', { COUNTERSIGN_SESSION_SECRET: 'ab'.repeat(32) }, 'pass'],
    ['a digest', { BUILD_SHA256: 'ab'.repeat(32) }, 'pass'],
  ])('promise: %s in the environment', async (_, env, status) => {
    const found = await doctor(['--offline'], env as NodeJS.ProcessEnv)
    expect(statusOf(found, 'wallet-keys')).toBe(status)
    expect(found.out).not.toContain('ab'.repeat(32))
  })

  test('promise: a row of the audit record that was changed fails', async () => {
    const copy = join(scratch, 'tampered')
    cpSync(dataDir, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') })
    const db = new DatabaseSync(join(copy, 'countersign.db'))
    const table = db.prepare("select name from sqlite_master where type = 'table' and name like 'audit%'").all() as {
      name: string
    }[]
    const rows = table.find(({ name }) => name === 'audit_entries' || name === 'audit')?.name ?? ''
    const changed = db.prepare(`update ${rows} set body = replace(body, 'demo', 'demu') where body like '%demo%'`).run()
    db.close()
    expect(Number(changed.changes)).toBeGreaterThan(0)
    expect(statusOf(await doctor(['--offline', '--data-dir', copy]), 'audit')).toBe('fail')
  })

  test('promise: a sum of the ledger that its lines do not bear out fails', async () => {
    expect(statusOf(await doctor(['--offline']), 'ledger')).toBe('pass')
    const copy = join(scratch, 'ledger')
    cpSync(dataDir, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') })
    const db = new DatabaseSync(join(copy, 'countersign.db'))
    db.exec(`insert into mandate_limits (id, scope, unit, span, cap, decimals, open, settled, version)
      values ('lim_x', 'app:a', 'native', 'rolling:1d', '10', 18, '1', '0', 1)`)
    db.close()
    expect(statusOf(await doctor(['--offline', '--data-dir', copy]), 'ledger')).toBe('fail')
  })

  test('promise: no backup fails, an old one is warned of, one of today passes', async () => {
    const backups = join(scratch, 'backups')
    mkdirSync(backups)
    const look = async () => statusOf(await doctor(['--offline', '--backups', backups]), 'backup')
    expect(await look()).toBe('fail')
    backUp({ dataDir, target: join(backups, 'a') })
    expect(await look()).toBe('pass')
    const old = new Date(Date.now() - 3 * 86_400_000)
    utimesSync(join(backups, 'a', 'countersign.db'), old, old)
    expect(await look()).toBe('warn')
  })

  test('promise: the folder of an app that is broken fails, a bare preamble is warned of', async () => {
    const apps = join(scratch, 'apps')
    for (const [name, yaml] of [
      ['good', 'name: good\ntitle: Good\ntools: { builtin: [get_balance] }\n'],
      ['bad', 'name: bad\ntitle: Bad\ntoolz: {}\n'],
    ] as const) {
      mkdirSync(join(apps, name), { recursive: true })
      writeFileSync(join(apps, name, 'app.yaml'), yaml)
      writeFileSync(join(apps, name, 'preamble.md'), 'Be brief.\n')
    }
    const { checks } = await doctor(['--offline'], { COUNTERSIGN_APPS_DIR: apps })
    expect(checks.find(({ id, about }) => id === 'app-folder' && about === 'bad')?.status).toBe('fail')
    expect(checks.filter(({ id, about }) => id === 'preamble' && about === 'good').map(({ status }) => status)).toEqual(
      expect.arrayContaining(['warn']),
    )
    expect(checks.find(({ id, about }) => id === 'tools' && about === 'good')?.status).toBe('pass')
  })
})

describe('what is asked and run', () => {
  test('a provider that serves its chain passes with its head, and the engine proves itself', async () => {
    const found = await doctor([], { COUNTERSIGN_RPC_31337: chain.rpcUrl })
    for (const id of ['provider', 'provider-capabilities', 'conformance', 'engine'])
      expect([id, statusOf(found, id)]).toEqual([id, 'pass'])
    expect(['pass', 'warn']).toContain(statusOf(found, 'clock'))
  })

  test('promise: a provider of another chain, one that does not answer, and one from the future do not pass', async () => {
    const wrong = await doctor([], { COUNTERSIGN_RPC_1: chain.rpcUrl })
    expect(statusOf(wrong, 'provider')).toBe('fail')
    expect(wrong.checks.find(({ id }) => id === 'provider')?.evidence).toContain('31337')
    expect(wrong.code).toBe(11)
    const dead = await doctor([], { COUNTERSIGN_RPC_1: 'http://127.0.0.1:9' })
    expect(['fail', 'not_checked']).toContain(statusOf(dead, 'provider'))
    const future = createServer((request, response) => {
      let body = ''
      request.on('data', (piece: Buffer) => (body += piece.toString()))
      request.on('end', () => {
        const asked = JSON.parse(body) as { id: number; method: string } | { id: number; method: string }[]
        const answer = ({ id, method }: { id: number; method: string }) => ({
          ...{ jsonrpc: '2.0', id },
          ...(method === 'eth_chainId'
            ? { result: '0x1' }
            : method === 'eth_getBlockByNumber'
              ? {
                  result: {
                    ...{ hash: `0x${'1'.repeat(64)}`, parentHash: `0x${'2'.repeat(64)}`, number: '0x10' },
                    ...{ stateRoot: `0x${'3'.repeat(64)}`, gasLimit: '0x1c9c380', gasUsed: '0x0' },
                    ...{ miner: `0x${'0'.repeat(40)}`, transactions: [] },
                    timestamp: `0x${(Math.floor(Date.now() / 1000) + 3_600).toString(16)}`,
                  },
                }
              : { error: { code: -32601, message: 'not offered' } }),
        })
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(Array.isArray(asked) ? asked.map(answer) : answer(asked)))
      })
    })
    await new Promise<void>((resolve) => future.listen(0, '127.0.0.1', resolve))
    const { port } = future.address() as { port: number }
    const found = await doctor([], { COUNTERSIGN_RPC_1: `http://127.0.0.1:${port}` })
    future.close()
    expect(statusOf(found, 'provider')).toBe('pass')
    expect(statusOf(found, 'clock')).toBe('fail')
  })
})
