import { Table } from '@countersign/base'
import { parse, type DefaultTreeAdapterTypes } from 'parse5'
import { withoutUnseen, type Extracted, type HiddenText } from './Extracted.ts'

type Node = DefaultTreeAdapterTypes.ChildNode
type Element = DefaultTreeAdapterTypes.Element

const NO_TEXT = new Set([
  'script',
  'style',
  'noscript',
  'template',
  'iframe',
  'object',
  'head',
  'svg',
  'math',
  'canvas',
])
const BLOCKS = new Set(
  'address article aside blockquote br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul'.split(
    ' ',
  ),
)
const MAX_DEPTH = 400

/** The declarations of each simple selector of the page's own style sheets: `.note`, `#a`, `p`. */
type Sheet = ReadonlyMap<string, string>

/** A page as a browser shows it, as far as its own styles say so, and what it keeps from sight. */
export function extractHtml(html: string): Extracted {
  const document = parse(html, { sourceCodeLocationInfo: true })
  const walk = new Walk(sheetOf(document.childNodes))
  for (const node of document.childNodes) walk.node(node, { depth: 0, how: null, ground: '#fff' })
  return {
    visible: walk.lines.map(({ text }) => text).join('\n'),
    lines: walk.lines.map(({ line }) => line),
    hidden: walk.hidden,
  }
}

interface Around {
  readonly depth: number
  /** How an element around hides it; null where it is shown. */
  readonly how: string | null
  /** The colour behind it. */
  readonly ground: string
}

class Walk {
  readonly lines: { text: string; line: number }[] = []
  readonly hidden: HiddenText[] = []
  readonly #sheet: Sheet
  #isOpen = false

  constructor(sheet: Sheet) {
    this.#sheet = sheet
  }

  node(node: Node, around: Around): void {
    const line = node.sourceCodeLocation?.startLine ?? this.lines.at(-1)?.line ?? 1
    if (node.nodeName === '#comment') {
      this.#hide((node as DefaultTreeAdapterTypes.CommentNode).data, line, 'an HTML comment')
      return
    }
    if (node.nodeName === '#text') {
      this.#text((node as DefaultTreeAdapterTypes.TextNode).value, line, around.how)
      return
    }
    if (!('tagName' in node)) return
    this.#element(node, line, around)
  }

  #element(element: Element, line: number, around: Around): void {
    const { tagName } = element
    for (const { name, value } of element.attrs)
      if (
        (name === 'alt' || name === 'title' || name === 'aria-label' || name.startsWith('data-')) &&
        value.length > 15
      )
        this.#hide(value, line, `the attribute "${name.slice(0, 20)}"`)
    if (around.depth > MAX_DEPTH) {
      this.#hide(plainOf(element), line, 'elements nested too deeply')
      return
    }
    const style = this.#styleOf(element)
    const ground = /background(?:-color)?:\s*([^;]+)/.exec(style)?.[1]?.trim() ?? around.ground
    const how = around.how ?? (NO_TEXT.has(tagName) ? `an element "${tagName}"` : hiddenBy(element, style, ground))
    // Scripts and styles are programs, not words; they are shown to nobody and never searched.
    if (tagName === 'script' || tagName === 'style') return
    if (BLOCKS.has(tagName)) this.#isOpen = false
    const level = /^h([1-6])$/.exec(tagName)?.[1]
    if (level !== undefined && how === null) this.#text(`${'#'.repeat(Number(level))} `, line, null)
    if (tagName === 'li' && how === null) this.#text('- ', line, null)
    const inner = { depth: around.depth + 1, how, ground }
    const children =
      tagName === 'template' ? (element as DefaultTreeAdapterTypes.Template).content.childNodes : element.childNodes
    if (how !== null && around.how === null) this.#hide(plainOf(element), line, how)
    else if (how === null) for (const child of children) this.node(child, inner)
    if (tagName === 'td' || tagName === 'th') this.#text(' | ', line, how)
    if (BLOCKS.has(tagName)) this.#isOpen = false
  }

  #text(value: string, line: number, how: string | null): void {
    const text = withoutUnseen(value).replaceAll(/\s+/g, ' ')
    if (how !== null || text === '' || (text === ' ' && !this.#isOpen)) return
    const last = this.lines.at(-1)
    if (this.#isOpen && last !== undefined) last.text += text
    else this.lines.push({ text: text.trimStart(), line })
    this.#isOpen = true
  }

  #hide(value: string, line: number, how: string): void {
    const text = value.replaceAll(/\s+/g, ' ').trim()
    if (text !== '') this.hidden.push({ text, line, how })
  }

  #styleOf(element: Element): string {
    const given = (name: string): string => element.attrs.find((each) => each.name === name)?.value ?? ''
    const names = [
      element.tagName,
      ...given('class')
        .split(/\s+/)
        .map((each) => `.${each}`),
      `#${given('id')}`,
    ]
    return [...names.map((name) => this.#sheet.get(name) ?? ''), given('style')].join(';').toLowerCase()
  }
}

/** How its own style or attributes keep an element from sight; null where they do not. */
function hiddenBy(element: Element, style: string, ground: string): string | null {
  const has = (name: string): boolean => element.attrs.some((each) => each.name === name)
  if (has('hidden')) return 'the attribute "hidden"'
  if (element.tagName === 'input' && element.attrs.some(({ name, value }) => name === 'type' && value === 'hidden'))
    return 'a hidden field'
  if (/display:\s*none|visibility:\s*(?:hidden|collapse)|content-visibility:\s*hidden/.test(style))
    return 'a style that does not display it'
  if (
    /(?:^|[;\s])(?:font-size|max-height|height|width|line-height):\s*0(?:\.0+)?(?:px|em|rem|%|pt)?\s*(?:;|!|$)|font-size:\s*(?:0?\.\d+|1)px|(?:^|[;\s])opacity:\s*0(?:\.0\d*)?\s*(?:;|!|$)/.test(
      style,
    )
  )
    return 'a style that makes it too small or transparent'
  if (
    /(?:left|right|top|bottom|text-indent|margin-left|margin-top):\s*-\d{3,}|translate[xy]?\(\s*-\d{3,}|clip(?:-path)?:\s*(?:rect\(\s*0|inset\(\s*(?:50|100)%)/.test(
      style,
    )
  )
    return 'a style that moves it off the page'
  const colour = /(?:^|[;\s])color:\s*([^;!]+)/.exec(style)?.[1]?.trim()
  if (colour !== undefined && (colour === 'transparent' || isSameColour(colour, ground)))
    return 'a colour like the one behind it'
  return null
}

const COLOURS = Table.of<string>({ white: '#ffffff', black: '#000000' })

function isSameColour(a: string, b: string): boolean {
  const [x, y] = [rgbOf(a), rgbOf(b)]
  return x !== null && y !== null && x.every((part, i) => Math.abs(part - (y[i] ?? 0)) < 12)
}

function rgbOf(colour: string): readonly number[] | null {
  const text = COLOURS[colour] ?? colour
  const [, short] = /^#([0-9a-f]{3})$/.exec(text) ?? []
  if (short !== undefined) return [...short].map((each) => Number.parseInt(each + each, 16))
  const [, long] = /^#([0-9a-f]{6})/.exec(text) ?? []
  if (long !== undefined) return [0, 2, 4].map((at) => Number.parseInt(long.slice(at, at + 2), 16))
  const parts = /^rgba?\(([^)]+)\)/
    .exec(text)?.[1]
    ?.split(/[\s,/]+/)
    .filter((each) => each !== '')
  return parts === undefined ? null : parts.slice(0, 3).map(Number)
}

function sheetOf(nodes: readonly Node[]): Sheet {
  const sheet = new Map<string, string>()
  const walk = (each: Node, depth: number): void => {
    if (!('tagName' in each) || depth > MAX_DEPTH) return
    if (each.tagName === 'style') readSheet(plainOf(each), sheet)
    for (const child of each.childNodes) walk(child, depth + 1)
  }
  for (const node of nodes) walk(node, 0)
  return sheet
}

function readSheet(css: string, sheet: Map<string, string>): void {
  for (const [, selectors = '', body = ''] of css
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .matchAll(/([^{}]{1,500})\{([^{}]{0,2000})\}/g))
    for (const selector of selectors.split(',')) {
      // The last part names what is styled; what stands before it only narrows, so the stricter reading holds.
      const name = /([.#]?[\w-]+)\s*$/.exec(selector.trim())?.[1]
      if (name !== undefined) sheet.set(name, `${sheet.get(name) ?? ''};${body}`)
    }
}

function plainOf(element: Element): string {
  const parts: string[] = []
  const stack: Node[] = [...element.childNodes].toReversed()
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.nodeName === '#text') parts.push((next as DefaultTreeAdapterTypes.TextNode).value)
    else if (next.nodeName === '#comment') parts.push((next as DefaultTreeAdapterTypes.CommentNode).data)
    else if ('tagName' in next && (next.tagName === 'script' || next.tagName === 'style')) continue
    else if ('childNodes' in next) stack.push(...[...next.childNodes].toReversed())
  }
  return parts.join(' ')
}
