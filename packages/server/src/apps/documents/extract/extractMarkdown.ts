import { inPlace, type Extracted, type HiddenText } from './Extracted.ts'

const FENCE = /^ {0,3}(`{3,}|~{3,})/

/**
 * Markdown without what its page does not show: comments, link titles that are long, and definitions used as comments. Code
 * is shown as it stands. HTML inside of Markdown is left to the review, which reads its views.
 */
export function extractMarkdown(text: string): Extracted {
  const hidden: HiddenText[] = []
  const lines = text.split('\n')
  let fence: string | null = null
  const isCode = lines.map((line) => {
    const found = FENCE.exec(line)?.[1] ?? null
    if (fence === null) {
      fence = found
      return found !== null
    }
    if (found !== null && found.startsWith(fence)) fence = null
    return true
  })
  const shown = blank(text, isCode, hidden)
  return inPlace(shown, hidden)
}

/** Takes comments out, and keeps line breaks, so that lines stay where they are. */
function blank(text: string, isCode: readonly boolean[], hidden: HiddenText[]): string {
  let out = ''
  let at = 0
  let line = 0
  for (const found of text.matchAll(
    /<!--([\s\S]*?)(?:-->|$(?![\s\S]))|^ {0,3}\[[^\]\n]{1,60}\]:\s*(?:#|<>)\s*[("']([^\n]{1,2000})[)"']\s*$/gm,
  )) {
    const before = text.slice(at, found.index)
    line += before.split('\n').length - 1
    out += before
    at = found.index
    if (isCode[line] === true) continue
    const inner = (found[1] ?? found[2] ?? '').trim()
    if (inner !== '')
      hidden.push({
        text: inner,
        line: line + 1,
        how: found[1] === undefined ? 'a link definition that is never shown' : 'an HTML comment',
      })
    out += found[0].replaceAll(/[^\n]/g, '')
    line += found[0].split('\n').length - 1
    at = found.index + found[0].length
  }
  return out + text.slice(at)
}
