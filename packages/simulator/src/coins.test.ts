import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Address } from '@countersign/base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, renderReport, spawnAnvil, type AnvilProcess, type Simulator } from './index.ts'
import * as Report from './Report.ts'
import { parseIntent } from './intent/Intent.ts'
import { requestOf } from './wire/parseRequest.ts'

const ME = Address.parse('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
const FRIEND = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const ETHER = 10n ** 18n

/** Chains whose own coin is not ether, and one of which nothing is known. */
for (const [id, coin] of [
  [56, 'BNB'],
  [100, 'xDAI'],
  [137, 'POL'],
  [43114, 'AVAX'],
  [987_654, null],
] as const) {
  describe(`the coin of chain ${id} is ${coin ?? 'not known'}`, () => {
    let anvil: AnvilProcess
    let simulator: Simulator
    beforeAll(async () => {
      anvil = await spawnAnvil({ args: ['--chain-id', String(id)] })
      simulator = await createSimulator({ chainId: id, rpcUrls: [anvil.url], engine: 'anvil' })
    })
    afterAll(async () => {
      await simulator.close()
      await anvil.close()
    })
    const simulate = async (value: bigint) =>
      simulator.simulate(
        requestOf({
          signature: null,
          chainId: id,
          from: ME,
          calls: [{ to: FRIEND, value, data: '0x', gasLimit: null, maxFeePerGasWei: null, label: null }],
          block: 'latest',
          known: [],
          intent: parseIntent({
            version: 1,
            chain_id: id,
            account: ME,
            assertions: [
              { name: 'max_outflow', token: null, amount: String(ETHER) },
              { name: 'max_fee', amount: '1' },
            ],
          }),
        }),
      )

    test('in the report, the fee, the intent and the card of a payment, and ETH nowhere', async () => {
      const report = await simulate(ETHER)
      expect(report.chain).toMatchObject({ id, coin, record: coin === null ? null : 'shipped' })
      expect(report.tokenChanges.map(({ symbol }) => symbol)).toEqual([coin ?? 'coin', coin ?? 'coin'])
      const card = renderReport(report, { nowMs: Date.now() })
      expect(card).toContain(`-1 ${coin ?? 'coin'}`)
      expect(card).toMatch(new RegExp(`at most 0\\.\\d+ ${coin ?? 'coin'}, expected 0\\.\\d+ ${coin ?? 'coin'}`))
      expect(card).toMatch(new RegExp(`1 ${coin ?? 'coin'} leaves, at most 1 ${coin ?? 'coin'} may`))
      expect(card + JSON.stringify(Report.toWire(report))).not.toMatch(/\bETH\b|ether\b/i)
    })

    test('in the reason why a payment cannot be made', async () => {
      const report = await simulate(1_000_000n * ETHER)
      expect(report.verdict).toBe('block')
      const text = renderReport(report, { nowMs: Date.now() })
      expect(text).toMatch(new RegExp(`the account holds 10000 ${coin ?? 'coin'}, and it needs`))
      expect(text).not.toMatch(/\bETH\b|\bwei\b/i)
    })
  })
}

test('promise: no source but the records says what a chain’s coin is called', () => {
  const root = join(import.meta.dirname, '../../..')
  const files = execFileSync(
    'git',
    ['ls-files', '-co', '--exclude-standard', 'packages/*/src/**/*.ts', 'packages/*/src/**/*.tsx'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
    .split('\n')
    .filter((file) => file !== '' && !/\.test\.tsx?$|\/fixture\.ts$|\/cases\.ts$|\/(?:bad|good)\//.test(file))
    // Sentences of the grammar's corpus are what users type; words of the scanner's rules are what skills say.
    .filter((file) => !file.endsWith('provenance/sentences.ts') && !file.startsWith('packages/scanner/'))
    // Nicknames of each coin, by its symbol.
    .filter((file) => !file.endsWith('simulator/src/chain/Chain.ts'))
  const said = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, i) =>
        /(?<!\*.*|\/\/.*)(?:'|"|`|> ?)[^'"`]*\bETH\b(?!For|;)/.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [],
      ),
  )
  expect(said).toEqual([])
})
