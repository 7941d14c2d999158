/** A piece of a document that is found and read as one. */
export interface Chunk {
  readonly n: number
  /** The headings above it, from the outside in. */
  readonly heading: string
  readonly text: string
  readonly terms: ReadonlyMap<string, number>
  readonly length: number
}

/** The most characters of a piece; a longer paragraph is cut at a space. */
export const CHUNK_CHARS = 900
const MAX_TERM = 40
const STOP = new Set(
  'a an the of for to in on at by from with and or is are was were be it its this that as do does how what when where which who why can i my me you your we our please about'.split(
    ' ',
  ),
)

/** Cuts a text at its headings and paragraphs. */
export function cut(text: string): readonly Chunk[] {
  const pieces: { heading: string; text: string }[] = []
  const headings: string[] = []
  let body = ''
  const flush = (): void => {
    for (const part of parts(body.trim()))
      pieces.push({ heading: headings.filter((each) => each !== undefined).join(' / '), text: part })
    body = ''
  }
  for (const line of text.split('\n')) {
    const [, marks, title] = /^(#{1,6})\s+(.{1,200})/.exec(line) ?? []
    if (marks !== undefined && title !== undefined) {
      flush()
      headings.length = marks.length - 1
      for (let i = 0; i < headings.length; i += 1) headings[i] ??= ''
      headings.push(title.trim())
    } else if (line.trim() === '' && body.length > CHUNK_CHARS / 2) flush()
    else body += `${line}\n`
  }
  flush()
  return pieces.map(({ heading, text: own }, n) => {
    const all = termsOf(`${heading} ${own}`)
    const terms = new Map<string, number>()
    for (const term of all) terms.set(term, (terms.get(term) ?? 0) + 1)
    return { n, heading: heading.replaceAll(/^(?: \/ )+/g, ''), text: own, terms, length: all.length }
  })
}

function parts(text: string): string[] {
  const all: string[] = []
  let rest = text
  while (rest.length > CHUNK_CHARS) {
    const space = rest.lastIndexOf(' ', CHUNK_CHARS)
    const at = space > CHUNK_CHARS / 2 ? space : CHUNK_CHARS
    all.push(rest.slice(0, at))
    rest = rest.slice(at).trimStart()
  }
  if (rest !== '') all.push(rest)
  return all
}

/** The words that are searched: folded, without the commonest, their plural and verb endings cut. */
export function termsOf(text: string): readonly string[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  return words.filter((word) => !STOP.has(word)).map((word) => stem(word.slice(0, MAX_TERM)))
}

function stem(word: string): string {
  if (word.length < 5 || /\d/.test(word)) return word
  return word
    .replace(/ies$/, 'y')
    .replace(/(?:sses)$/, 'ss')
    .replace(/(?<=\w{3})(?:ing|ed|es|(?<!s)s)$/, '')
    .replace(/(?<=\w{3})e$/, '')
}
