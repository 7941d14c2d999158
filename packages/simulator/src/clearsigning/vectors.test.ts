/**
 * The public vectors of the ERC-7730 registry: what a screen must show for real transactions and documents. They lie beside
 * the checkout (`../shared/corpora`), not in it; without them this file is skipped, and says so. `clearSign.test.ts`
 * covers the same ground with fixtures of our own.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { Address, type Hex } from '@countersign/base'
import { parseTransaction } from 'viem'
import { afterAll, describe, expect, test } from 'vitest'
import { parseTypedDocument, type TypedDocument } from '../signatures/TypedDocument.ts'
import { messageNode } from './Abi.ts'
import { clearSignCall, clearSignDocument, type ClearContext } from './clearSign.ts'
import type { ClearSigning } from '../model/ClearSigning.ts'
import { mergeDescriptors, parseDescriptors } from './Descriptor.ts'

interface Shown {
  readonly intent: string
  readonly interpolatedIntent?: string
  readonly owner?: string
  readonly fields: readonly { readonly label: string; readonly value: string | Shown }[]
}
interface Vectors {
  readonly descriptor: string
  readonly dataProvider?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly tests: readonly {
    readonly description: string
    readonly rawTx?: Hex.Hex
    readonly data?: unknown
    readonly from?: string
    readonly expected: Shown
  }[]
}

const archive = join(import.meta.dirname, '../../../../../shared/corpora/erc7730-dev.tar.xz')
const folder = existsSync(archive) ? mkdtempSync(join(tmpdir(), 'erc7730-')) : null
if (folder !== null) execFileSync('tar', ['xJf', archive, '-C', folder])
else console.log('SKIPPED: the ERC-7730 vectors (../shared/corpora/erc7730-dev.tar.xz) are not here.')
afterAll(() => folder !== null && rmSync(folder, { recursive: true, force: true }))

const root = join(folder ?? '', 'erc7730-dev')
const paths =
  folder === null
    ? []
    : readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.json'))
        .sort()
const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8')) as unknown
const files = Object.fromEntries(
  paths.filter((path) => !/^specs|\/sigs\/|\/tests/.test(path)).map((path) => [path, json(path)]),
)

/** A descriptor with everything that it includes. */
function withIncludes(name: string, found: Record<string, unknown> = {}): Record<string, unknown> {
  const file = files[name] as { includes?: string } | undefined
  if (file === undefined || found[name] !== undefined) return found
  found[name] = file
  if (typeof file.includes === 'string') withIncludes(join(dirname(name), file.includes), found)
  return found
}

const registry = parseDescriptors(files)
const suites = paths
  .filter((path) => path.includes('/testsv2/'))
  .map((path) => ({ path, vectors: json(path) as Vectors }))

describe.skipIf(folder === null)('the registry’s vectors', () => {
  const passed: string[] = []
  const failed: string[] = []
  for (const { path, vectors } of suites) {
    test.each(vectors.tests)(`${path.split('/').at(-1)}: $description`, (vector) => {
      failed.push(`${path}: ${vector.description}`)
      const shown = play(path, vectors, vector)
      expect(shown).toEqual(vector.expected)
      passed.push(failed.pop() as string)
    })
  }
  test('how many are shown as they must be', () => {
    console.log(`ERC-7730 vectors: ${passed.length} of ${passed.length + failed.length} shown as they must be.`)
    console.log(`  ${misspelt} of the documents have an address with a wrong checksum; the simulator refuses those.`)
    for (const each of failed) console.log(`  not so: ${each}`)
    expect(passed.length + failed.length).toBeGreaterThan(300)
  })
})

/** Addresses stand in the data in any spelling. */
function lower(map: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => [key.toLowerCase(), value]))
}

/** Documents whose addresses have a wrong checksum are refused by us; what they would show is compared all the same. */
let misspelt = 0
function withoutChecksums(document: unknown): unknown {
  misspelt += 1
  return JSON.parse(
    JSON.stringify(document).replace(/"0x[0-9a-fA-F]{40}"/g, (address) => address.toLowerCase()),
  ) as unknown
}

function play(
  path: string,
  { descriptor, dataProvider: given = {} }: Vectors,
  vector: Vectors['tests'][number],
): Shown | null {
  const dataProvider = Object.fromEntries(Object.entries(given).map(([kind, map]) => [kind, lower(map)]))
  const name = relative(root, resolve(root, dirname(path), descriptor))
  const text = (kind: string, address: string): string | undefined => {
    const found = dataProvider[kind]?.[address.toLowerCase()]
    return typeof found === 'string' ? found : undefined
  }
  const context: ClearContext = {
    // Calls inside of calls are shown by the whole registry's descriptors.
    descriptors: mergeDescriptors([registry, parseDescriptors(withIncludes(name))]),
    isKnownToken: (_, address) => dataProvider['tokens']?.[address.toLowerCase()] !== undefined,
    lookups: {
      token: (_, address) =>
        dataProvider['tokens']?.[address.toLowerCase()] as
          { symbol: string; decimals: number; name: string } | undefined,
      addressName: (address, { sources }) =>
        (sources?.includes('local') !== false ? text('addressNames', address) : undefined) ??
        (sources?.includes('ens') !== false ? text('ensNames', address) : undefined),
      collection: (_, address) => text('nftCollectionNames', address),
      blockTimeS: (_, block) => {
        const found = dataProvider['blockTimestamps']?.[block.toString()]
        return typeof found === 'number' ? BigInt(found) : undefined
      },
    },
  }
  const from = vector.from === undefined ? null : Address.parse(vector.from.toLowerCase())
  if (vector.rawTx !== undefined) {
    const { chainId, to, value, data } = parseTransaction(vector.rawTx)
    const call = { to: to == null ? null : Address.parse(to.toLowerCase()), value: value ?? 0n, data: data ?? '0x' }
    return spell(clearSignCall(context, call, { chainId: chainId ?? 1, from }), vector.expected)
  }
  let document: TypedDocument
  try {
    document = parseTypedDocument(vector.data)
  } catch (error) {
    if (!String(error).includes('checksum')) throw error
    document = parseTypedDocument(withoutChecksums(vector.data))
  }
  return spell(
    clearSignDocument(context, { ...document, domain: { ...document.domain }, message: messageNode(document) }, from),
    vector.expected,
  )
}

/** In the vectors' spelling; what a vector does not say is not compared. */
function spell(shown: ClearSigning | null, expected: Shown): Shown | null {
  if (shown === null) return null
  return {
    intent: shown.intent,
    ...(expected.interpolatedIntent === undefined || shown.interpolatedIntent === null
      ? {}
      : { interpolatedIntent: shown.interpolatedIntent }),
    ...(expected.owner === undefined || shown.owner === null ? {} : { owner: shown.owner }),
    fields: shown.fields.map(({ label, value, nested }, i) => {
      const wanted = expected.fields[i]?.value
      return {
        label,
        value: nested === null ? value : (spell(nested, typeof wanted === 'object' ? wanted : expected) as Shown),
      }
    }),
  }
}
