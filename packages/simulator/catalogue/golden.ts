/**
 * `npm run golden`: simulates every attack, every look-alike and the documents, and compares a hash of each whole report
 * (without receipt, block and the digest of what was read) with `golden.txt`. A step that moves code leaves all of them as they were; a step that
 * changes behaviour shows in its diff what it changed. `--write` writes the file; `--dump <folder>` writes the reports.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Digest } from '@countersign/base'
import {
  daiPermit,
  delegation,
  order,
  payment,
  permit,
  permit2BatchTransfer,
  permit2Single,
  userOperation,
} from './documents.ts'
import { spelled } from './histories.ts'
import { SCENES } from './historyScenes.ts'
import { ATTACKS, BENIGN, openWorld, type Scene, type World } from './index.ts'
import { DOLLAR, ETHER } from './moves.ts'

const FILE = join(import.meta.dirname, 'golden.txt')

const DOCUMENTS: readonly { readonly name: string; document(world: World): unknown }[] = [
  { name: 'permit', document: (at) => permit(at, { spender: at.thief, value: '5' }) },
  {
    name: 'permit of a router',
    document: (at) => permit(at, { spender: at.chain.addresses.uniswapV2Router, value: '5' }),
  },
  { name: 'permit with another nonce', document: (at) => permit(at, { spender: at.thief, value: '5', nonce: '7' }) },
  { name: 'Dai permit', document: (at) => daiPermit(at, { spender: at.friend }) },
  { name: 'Permit2', document: (at) => permit2Single(at, at.thief, 9n * DOLLAR) },
  {
    name: 'Permit2 transfers',
    document: (at) => permit2BatchTransfer(at, at.thief, [{ token: at.chain.addresses.usdc, amount: '5' }]),
  },
  { name: 'order', document: (at) => order(at, [1n], [{ wei: ETHER, recipient: at.me }]) },
  { name: 'order for nothing', document: (at) => order(at, [1n], []) },
  { name: 'payment', document: (at) => payment(at, at.friend, 5n) },
  { name: 'delegation', document: (at) => delegation(at, at.thief, []) },
  { name: 'user operation', document: (at) => userOperation(at, {}) },
  { name: 'message', document: () => ({ message: 'hello' }) },
]

/** All that is simulated, in an order that never changes: addresses follow from it. */
export const GOLDEN: readonly { readonly name: string; stage(world: World): Scene | Promise<Scene> }[] = [
  // A11 draws lots by the block's randomness, which is another one on each machine.
  ...ATTACKS.filter(({ id }) => id !== 'A11').map(({ id, stage }) => ({ name: id, stage })),
  ...BENIGN.map(({ family, title, stage }) => ({ name: `${family}: ${title}`, stage })),
  ...DOCUMENTS.map(({ name, document }) => ({
    name: `document: ${name}`,
    stage: (world: World): Scene => ({ document: document(world) }),
  })),
  ...SCENES.map(({ name, stage }) => ({ name: `history: ${name}`, stage })),
]

/** One line each: hash, verdict, name. */
export async function golden(world: World, keep: (name: string, text: string) => void = () => undefined) {
  const lines: string[] = []
  for (const { name, stage } of GOLDEN) {
    try {
      const { report } = await world.play(stage)
      const { receipt: _receipt, block: _block, ...rest } = spelled(report)
      // The local chain was deployed at some time of day, which stands in the slots of its pools.
      rest['read_set'] = { ...report.readSet, digest: null }
      // In which order stages say what they did not look at is no fact.
      rest['not_checked'] = (rest['not_checked'] as unknown[]).map((line) => JSON.stringify(line)).toSorted()
      keep(name, JSON.stringify(rest, null, 1))
      lines.push(`${Digest.sha256(JSON.stringify(rest)).slice(2, 18)} ${report.verdict} ${name}`)
    } catch (error) {
      const { code } = error as { code?: string }
      lines.push(`${'-'.repeat(16)} ${code ?? String(error)} ${name}`)
    }
  }
  return lines
}

async function main(args: readonly string[]): Promise<number> {
  const folder = args[args.indexOf('--dump') + 1]
  const isDumped = args.includes('--dump') && folder !== undefined
  if (isDumped) mkdirSync(folder, { recursive: true })
  const world = await openWorld()
  let lines: string[]
  try {
    lines = await golden(world, (name, text) => {
      if (isDumped) writeFileSync(join(folder, `${name.replace(/\W+/g, '-')}.json`), text)
    })
  } finally {
    await world.close()
  }
  if (args.includes('--write')) {
    writeFileSync(FILE, `${lines.join('\n')}\n`)
    console.log(`${lines.length} reports written`)
    return 0
  }
  const expected = readFileSync(FILE, 'utf8').trimEnd().split('\n')
  const isSame = lines.length === expected.length && lines.every((line, i) => line === expected[i])
  for (const line of expected.filter((each) => !lines.includes(each))) console.log(`- ${line}`)
  for (const line of lines.filter((each) => !expected.includes(each))) console.log(`+ ${line}`)
  console.log(
    isSame ? `${lines.length} reports as before` : 'Reports changed. Run `npm run golden -- --write` if meant.',
  )
  return isSame ? 0 : 1
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)))
