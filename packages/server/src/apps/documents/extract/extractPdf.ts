import { getDocumentProxy, getResolvedPDFJS } from 'unpdf'
import { withoutUnseen, type Extracted, type HiddenText } from './Extracted.ts'

/** The most pages that are read; a longer document is refused, because what is not read is not reviewed. */
const MAX_PAGES = 300

interface Glyph {
  readonly unicode?: string
}

/**
 * The text of a PDF line by line, without what a page draws invisibly: text of the rendering mode 3 or 7, white text, text too
 * small to read, and text outside of the page. Scripts, forms and attachments are not run or read.
 */
export async function extractPdf(bytes: Uint8Array): Promise<Extracted> {
  const pdf = await getDocumentProxy(bytes, { disableFontFace: true })
  if (pdf.numPages > MAX_PAGES) throw new Error(`it has ${pdf.numPages} pages, and at most ${MAX_PAGES} are read`)
  const { OPS } = await getResolvedPDFJS()
  const lines: string[] = []
  const hidden: HiddenText[] = []
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number)
    const { fnArray, argsArray } = await page.getOperatorList()
    const invisible = invisibleIn(OPS, fnArray, argsArray)
    const { items } = await page.getTextContent()
    const [left = 0, bottom = 0, right = 0, top = 0] = page.view
    let line = ''
    for (const item of items) {
      if (!('str' in item)) continue
      const [, , , , x = 0, y = 0] = item.transform as readonly number[]
      const isOutside = x > right || y > top || x + item.width < left || y + item.height < bottom
      const isTiny = item.height > 0 && item.height < 2
      const isHidden = item.str.trim() !== '' && (isOutside || isTiny || invisible.has(squeezed(item.str)))
      if (isHidden)
        hidden.push({
          text: item.str,
          line: lines.length + 1,
          how: isOutside
            ? `text outside of page ${number}`
            : isTiny
              ? `text too small to read on page ${number}`
              : `invisible text on page ${number}`,
        })
      else line += item.str
      if (item.hasEOL) {
        lines.push(line)
        line = ''
      }
    }
    if (line !== '') lines.push(line)
    lines.push('')
  }
  const visible = withoutUnseen(lines.join('\n'))
  if (visible.trim() === '') throw new Error('it holds no text: a scan has to be turned into text first')
  return { visible, lines: lines.map((_, i) => i + 1), hidden: joined(hidden) }
}

/** Pieces of text that the page draws without showing them. */
function invisibleIn(
  OPS: Readonly<Record<string, number>>,
  operators: readonly number[],
  args: readonly unknown[],
): ReadonlySet<string> {
  const found = new Set<string>()
  let state = { mode: 0, isWhite: false }
  const stack: (typeof state)[] = []
  for (const [i, operator] of operators.entries()) {
    const given = (args[i] ?? []) as readonly unknown[]
    if (operator === OPS['save']) stack.push(state)
    else if (operator === OPS['restore']) state = stack.pop() ?? state
    else if (operator === OPS['setTextRenderingMode']) state = { ...state, mode: Number(given[0]) }
    else if (
      operator === OPS['setFillRGBColor'] ||
      operator === OPS['setFillGray'] ||
      operator === OPS['setFillCMYKColor']
    )
      state = { ...state, isWhite: isWhite(given) }
    else if (operator === OPS['showText'] && (state.mode === 3 || state.mode === 7 || state.isWhite)) {
      const glyphs = (given[0] ?? []) as readonly (Glyph | number)[]
      found.add(squeezed(glyphs.map((each) => (typeof each === 'number' ? '' : (each.unicode ?? ''))).join('')))
    }
  }
  return found
}

/** Colours come as `#rrggbb` or as numbers, by the version of the reader. */
function isWhite(given: readonly unknown[]): boolean {
  const [first] = given
  if (typeof first === 'string') return /^#f[a-f0-9]f[a-f0-9]f[a-f0-9]$/i.test(first)
  return given.length > 0 && given.every((part) => Number(part) >= 240)
}

function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, '')
}

/** Pieces that follow each other in one. */
function joined(hidden: readonly HiddenText[]): readonly HiddenText[] {
  const all: HiddenText[] = []
  for (const each of hidden) {
    const last = all.at(-1)
    if (last?.how === each.how) all[all.length - 1] = { ...last, text: `${last.text} ${each.text}` }
    else all.push(each)
  }
  return all
}
