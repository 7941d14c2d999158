import type { Ecosystem } from '../Dependency.ts'
import { parsers } from '../../parsers.ts'

/** Orders two versions as their ecosystem does: SemVer, PEP 440, or RubyGems' segments. */
export function compareVersions(ecosystem: Ecosystem, a: string, b: string): number {
  if (ecosystem === 'PyPI') return comparePep440(a, b)
  if (ecosystem === 'RubyGems') return compareSegments(a, b)
  const { compare: compareSemver, parse: parseSemver } = parsers.semver()
  const left = parseSemver(a, { loose: true })
  const right = parseSemver(b, { loose: true })
  // What is no SemVer is ordered by its numbers, so that an odd version is still compared.
  return left === null || right === null ? compareSegments(a, b) : compareSemver(left, right)
}

const PEP440 =
  /^v?(?:(\d{1,9})!)?(\d{1,9}(?:\.\d{1,9}){0,9})[-_.]?(?:(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d{0,9}))?(?:-(\d{1,9})|[-_.]?(post|rev|r)[-_.]?(\d{0,9}))?(?:[-_.]?(dev)[-_.]?(\d{0,9}))?(?:\+[a-z0-9._-]{1,60})?$/i

/** PEP 440, "Summary of permitted suffixes and relative ordering": dev < a < b < rc < release < post. */
export function comparePep440(a: string, b: string): number {
  const left = keyOf(a)
  const right = keyOf(b)
  if (left === null || right === null) return compareSegments(a, b)
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return Math.sign(difference)
  }
  return 0
}

const RELEASE_PARTS = 10

/** A list of numbers that orders as the version does: epoch, ten release parts, pre, its number, post, dev. */
function keyOf(version: string): number[] | null {
  const match = PEP440.exec(version.trim())
  if (match === null) return null
  const [, epoch, release = '', pre, preNumber, bare, post, postNumber, dev, devNumber] = match
  const parts = release.split('.').map(Number)
  const phase =
    { a: -3, alpha: -3, b: -2, beta: -2, c: -1, rc: -1, pre: -1, preview: -1 }[pre?.toLowerCase() ?? ''] ?? 0
  const hasPost = bare !== undefined || post !== undefined
  // A development release of a final version comes before all of its pre-releases.
  const isEarliest = dev !== undefined && pre === undefined && !hasPost
  return [
    Number(epoch ?? 0),
    ...Array.from({ length: RELEASE_PARTS }, (_, i) => parts[i] ?? 0),
    isEarliest ? -4 : phase,
    Number(preNumber ?? 0),
    hasPost ? 1 + Number(bare ?? postNumber ?? 0) : 0,
    dev === undefined ? 1 : 0,
    Number(devNumber ?? 0),
  ]
}

/** Dotted numbers and words; a word comes before a number (Gem::Version). */
function compareSegments(a: string, b: string): number {
  const split = (text: string): string[] => text.slice(0, 200).match(/\d+|[a-z]+/gi) ?? []
  const left = split(a)
  const right = split(b)
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const x = left[i] ?? '0'
    const y = right[i] ?? '0'
    const isNumber = [/^\d/.test(x), /^\d/.test(y)]
    if (isNumber[0] !== isNumber[1]) return isNumber[0] === true ? 1 : -1
    const difference = isNumber[0] === true ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0
    if (difference !== 0) return Math.sign(difference)
  }
  return 0
}
