/** The list was written and committed before the rules were; `docs/reference/documents.md` gives its first score. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { english } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { PDF_PREFIX } from './Document.ts'
import { contradictionsIn } from './review/contradictionsIn.ts'
import { reviewText } from './review/reviewText.ts'
import { chainFindings } from './review/chainFindings.ts'
import { pdfOf } from './testPdf.ts'

interface Case {
  readonly name: string
  readonly file: string
  readonly text: string
  readonly expect?: string
  readonly released?: Readonly<Record<string, string>>
}
const list = JSON.parse(readFileSync(join(import.meta.dirname, 'blindDocuments.json'), 'utf8')) as {
  hostile: Case[]
  honest: Case[]
}
const NOW_MS = Date.parse('2026-11-30T12:00:00Z')

const bytes = (seed: string): Buffer => createHash('sha512').update(`countersign ${seed}`).digest()
const letters = (seed: string, length: number, alphabet: string): string =>
  [...Buffer.concat([bytes(seed), bytes(`${seed}+`)])]
    .slice(0, length)
    .map((each) => alphabet[each % alphabet.length])
    .join('')
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const MIXED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

function phrase(seed: string): string[] {
  const entropy = bytes(seed).subarray(0, 16)
  const bits = [...entropy, createHash('sha256').update(entropy).digest()[0] ?? 0]
    .map((each) => each.toString(2).padStart(8, '0'))
    .join('')
  return Array.from({ length: 12 }, (_, i) => english[Number.parseInt(bits.slice(i * 11, i * 11 + 11), 2)] ?? '')
}

/** No key stands in the list: each is made here. */
function filled(text: string): string {
  return text.replaceAll(/\{\{(\w+?):(\d+)\}\}/g, (_, kind: string, seed: string) => {
    const hex = bytes(seed).toString('hex')
    if (kind === 'key') return `0x${hex.slice(0, 64)}`
    if (kind === 'phrase') return phrase(seed).join(' ')
    if (kind === 'phraselist')
      return phrase(seed)
        .map((word, i) => `${i + 1}. ${word}`)
        .join('\n')
    if (kind === 'aws') return `AKIA${letters(seed, 16, UPPER)}`
    if (kind === 'secret40') return letters(seed, 40, MIXED)
    if (kind === 'github') return `ghp_${letters(seed, 36, MIXED)}`
    return hex.slice(0, Number(kind.replace('hex', '')))
  })
}

function contentOf({ file, text }: Case): { path: string; text: string } {
  if (!file.endsWith('.pdf')) return { path: file, text: filled(text) }
  const pdf = pdfOf(JSON.parse(text) as [string, number][])
  return { path: file, text: PDF_PREFIX + Buffer.from(pdf).toString('base64') }
}

/** A chain with one token, of 6 decimals, and nothing else. */
const ask = async (address: string) =>
  address.toLowerCase() === '0x15d34aaf54267db7d7c367839aaf71a00a2c6a65'
    ? { hasCode: true, decimals: 6 }
    : { hasCode: false, decimals: null }

async function graveIn(given: Case): Promise<string[]> {
  const document = contentOf(given)
  const reviewed = await reviewText(document, NOW_MS)
  const others = await Promise.all(
    Object.entries(given.released ?? {}).map(async ([path, text]) => ({
      path,
      claims: (await reviewText({ path, text }, NOW_MS)).claims,
    })),
  )
  const findings = [
    ...reviewed.findings,
    ...contradictionsIn({ path: document.path, claims: reviewed.claims }, others),
    ...(await chainFindings(reviewed.chainClaims, ask)),
  ]
  return findings
    .filter(({ severity }) => severity === 'high' || severity === 'critical')
    .map(({ rule, line, because }) => `${rule} ${line} ${because}`)
}

describe('documents that were written before the rules', () => {
  test.each(list.hostile)('finds $expect: $name', async (each) => {
    expect((await graveIn(each)).map((line) => line.split(' ')[0])).toContain(each.expect)
  })

  test.each(list.honest)('leaves alone: $name', async (each) => {
    expect(await graveIn(each)).toEqual([])
  })
})
