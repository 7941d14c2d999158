import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { mutated, probed, sitesOf } from './sitesOf.ts'

const SOURCE = `const LIMIT = 5
export function pays(sum: number, isFree: boolean): boolean {
  if (sum > LIMIT && !isFree) throw new Error('too much')
  return sum + 1 === 3 || isFree === true
}`

test('each place in a function has one small fault, with types left alone, and constants beside functions have none', () => {
  expect(sitesOf(SOURCE).map(({ kind, start, end, text }) => [kind, SOURCE.slice(start, end), text])).toEqual([
    ['logic', '&&', '||'],
    ['comparison', '>', '>='],
    ['throw', "throw new Error('too much')", ';'],
    ['logic', '||', '&&'],
    ['comparison', '===', '!=='],
    ['arithmetic', '+', '-'],
    ['number', '1', '2'],
    ['number', '3', '4'],
    ['comparison', '===', '!=='],
    ['boolean', 'true', 'false'],
  ])
})

test('promise: a probe changes nothing but that it tells which places were reached, and a mutant differs at its place alone', async () => {
  const sites = sitesOf(SOURCE)
  const reached: number[] = []
  Object.assign(globalThis, { probeOfThisTest: (index: number) => reached.push(index) })
  const folder = mkdtempSync(join(tmpdir(), 'countersign-sites-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'probed.ts')
  writeFileSync(file, probed(SOURCE, sites, 'probeOfThisTest'))
  const { pays } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
    pays: (sum: number, isFree: boolean) => boolean
  }
  expect([pays(2, false), pays(3, false), pays(3, true)]).toEqual([true, false, true])
  expect(reached).not.toContain(2)
  expect(() => pays(6, false)).toThrow('too much')
  expect(new Set(reached)).toEqual(new Set(sites.keys()))
  for (const site of sites)
    expect(mutated(SOURCE, site).length - SOURCE.length).toBe(site.text.length - (site.end - site.start))
})

test('of what a function for sorting answers only the sign counts: its numbers above zero have no mutant', () => {
  const numbersOf = (source: string) =>
    sitesOf(source)
      .filter(({ kind }) => kind === 'number')
      .map(({ start }) => source.slice(start - 1, start + 1))
  expect(numbersOf('const f = (x) => x.toSorted((a, b) => a - b || (a < b ? -1 : a > b ? 1 : 0))')).toEqual([' 0'])
  expect(numbersOf('const f = (x) => x.sort((a, b) => (a > 5 ? 1 : -1))')).toEqual([' 5'])
  expect(numbersOf('const f = (x) => x.map((a, b) => (a > b ? 1 : -1))')).toEqual([' 1', '-1'])
  expect(numbersOf('const f = (x) => x.sort((a, b) => { const y = 1; return a - y })')).toEqual([' 1'])
})
