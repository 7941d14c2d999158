import { expect, test } from 'vitest'
import { ANY_PIECE, eachPiece } from './Sentence.ts'

/** What the one pattern of all pieces finds: place of the piece, its text, where it begins. */
function byPattern(text: string, from: number, to: number): [number, string, number][] {
  const out: [number, string, number][] = []
  ANY_PIECE.lastIndex = from
  for (const found of text.matchAll(ANY_PIECE)) {
    if (found.index >= to) break
    const piece = found.findIndex((each, i) => i > 0 && each !== undefined)
    out.push([piece, found[piece] ?? '', found.index])
  }
  return out
}

function byWalk(text: string, from: number, to: number): [number, string, number][] {
  const out: [number, string, number][] = []
  eachPiece(text, from, to, (piece, value, at) => {
    out.push([piece, value, at])
    return true
  })
  return out
}

const PIECES =
  "a no the don't it\u2019s user's \u00fcber caf\u00e9 e\u0301 na\u00efve \u65e5\u672c\u3002 \u00ab \u201d \u2014 \u{1f600} \ud800 \u00a0 \u2028 _ * - ' \" ( ) [ ] { } < > | \\ / // . , ; : ! ? % 3 3. 3.5, 12% 3,000.50% 0x 0xab bc1 bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq 0x7c1d9be2a4f3850be6d21c97f04ab38d5e6f1a92 0x7c1d9be2a4f3850be6d21c97f04ab38d5e6f1a923 https://a.invalid/b. http:// https://\u3001x a@b.invalid @ x@y ~/.aws/x /etc/passwd ./a .env .ssh x.env SKILL.md MEMORY.md a.json b.yamlx .md `a b` ` `` `x. i.e. e.g. etc. vs. 1) #tag a_b a-b \r".split(
    ' ',
  )

test('promise: the walk over characters finds the pieces that the pattern finds', () => {
  let seed = 3
  const next = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return (seed >>> 8) % below
  }
  const kinds = new Set<number>()
  for (let round = 0; round < 20_000; round += 1) {
    const text = Array.from(
      { length: 1 + next(12) },
      () => `${PIECES[next(PIECES.length)] ?? ''}${['', ' ', ' ', '\n', '\t', '  '][next(6)] ?? ''}`,
    ).join('')
    const from = next(3) === 0 ? next(text.length) : 0
    const to = next(3) === 0 ? next(text.length + 1) : text.length
    const expected = byPattern(text, from, to)
    for (const [kind] of expected) kinds.add(kind)
    expect(byWalk(text, from, to), JSON.stringify([text, from, to])).toEqual(expected)
  }
  expect([...kinds].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

test('promise: words and numbers longer than people write are cut where the pattern cuts them', () => {
  for (const text of [
    'a'.repeat(200),
    `${'a'.repeat(60)}\u00fc${'b'.repeat(99)}`,
    '1'.repeat(99),
    `${'1,'.repeat(40)}%`,
  ])
    expect(byWalk(text, 0, text.length)).toEqual(byPattern(text, 0, text.length))
})
