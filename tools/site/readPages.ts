import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import MarkdownIt, { type Token } from 'markdown-it'

const ROOT = join(import.meta.dirname, '..', '..')

/** A page of the site. */
export interface Page {
  /** Its file in the repository. */
  readonly file: string
  /** Its address in the site. */
  readonly path: string
  readonly title: string
  readonly html: string
  /** What the search looks through: one entry a heading. */
  readonly sections: readonly { readonly id: string; readonly heading: string; readonly text: string }[]
}

/** A link that leads nowhere. */
export interface BrokenLink {
  readonly file: string
  readonly link: string
}

/** Pages outside of `docs` that a reader of the docs is sent to. */
const OTHERS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'examples/README.md']

/** The files of the site, in the order of their paths. */
export function siteFiles(): string[] {
  const found = globSync('{docs,packages/*}/**/*.md', {
    cwd: ROOT,
    exclude: (name) => name.includes('node_modules'),
  })
  return [...found.filter((file) => file.startsWith('docs/') || /^packages\/\w+\/README\.md$/.test(file)), ...OTHERS]
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
}

/** Renders all pages; links between them become links of the site, links to other files of the repository become names. */
export function readPages(): { pages: Page[]; broken: BrokenLink[] } {
  const files = siteFiles()
  const ids = new Map(files.map((file) => [file, idsOf(parse(readFileSync(join(ROOT, file), 'utf8')))]))
  const broken: BrokenLink[] = []
  const pages = files.map((file) => {
    const tokens = parse(readFileSync(join(ROOT, file), 'utf8'))
    nameHeadings(tokens)
    for (const token of tokens) for (const child of token.children ?? []) relink(child, { file, ids, broken })
    return {
      file,
      path: pathOf(file),
      title: textOf(tokens[1]) || file,
      html: markdown.renderer.render(tokens, markdown.options, {}),
      sections: sectionsOf(tokens),
    }
  })
  return { pages, broken }
}

/** `docs/README.md` is the entry; everything else keeps its path. */
function pathOf(file: string): string {
  return file === 'docs/README.md' ? 'index.html' : file.replace(/\.md$/, '.html')
}

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false })
// What scrolls sideways can be reached by the keyboard.
markdown.renderer.rules['table_open'] = () => '<table tabindex="0">\n'
const fence = markdown.renderer.rules.fence?.bind(markdown.renderer.rules)
markdown.renderer.rules.fence = (...args) => (fence?.(...args) ?? '').replace('<pre', '<pre tabindex="0"')
const block = markdown.renderer.rules.code_block?.bind(markdown.renderer.rules)
markdown.renderer.rules.code_block = (...args) => (block?.(...args) ?? '').replace('<pre', '<pre tabindex="0"')

function parse(source: string): Token[] {
  return markdown.parse(source, {})
}

/** The id that GitHub gives a heading, numbered when it comes again. */
function slugs(): (text: string) => string {
  const seen = new Map<string, number>()
  return (text) => {
    const slug = text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  }
}

function headingsOf(tokens: readonly Token[]): { open: Token; text: string }[] {
  return tokens.flatMap((token, i) =>
    token.type === 'heading_open' ? [{ open: token, text: textOf(tokens[i + 1]) }] : [],
  )
}

function idsOf(tokens: readonly Token[]): Set<string> {
  const slug = slugs()
  return new Set(headingsOf(tokens).map(({ text }) => slug(text)))
}

function nameHeadings(tokens: readonly Token[]): void {
  const slug = slugs()
  for (const { open, text } of headingsOf(tokens)) open.attrSet('id', slug(text))
}

/** The text of an inline token, without its marks. */
function textOf(token: Token | undefined): string {
  return (token?.children ?? [])
    .map(({ type, content }) => (type === 'text' || type === 'code_inline' ? content : type === 'softbreak' ? ' ' : ''))
    .join('')
}

function relink(token: Token, at: { file: string; ids: ReadonlyMap<string, Set<string>>; broken: BrokenLink[] }): void {
  if (token.type === 'image') {
    const source = String(token.attrGet('src'))
    if (!/^https?:/.test(source) && !existsSync(join(ROOT, dirname(at.file), source)))
      at.broken.push({ file: at.file, link: source })
    token.attrSet('src', fromPage(at.file, normalize(join(dirname(at.file), source))))
    return
  }
  if (token.type !== 'link_open') return
  const href = String(token.attrGet('href'))
  if (/^(?:https?:|mailto:)/.test(href)) return
  const [path = '', anchor = ''] = decodeURI(href).split('#')
  const target =
    path === ''
      ? at.file
      : normalize(join(dirname(at.file), path))
          .replaceAll('\\', '/')
          .replace(/\/$/, '')
  const ids = at.ids.get(target)
  if (ids === undefined) {
    if (!existsSync(join(ROOT, target))) at.broken.push({ file: at.file, link: href })
    // A file of the repository: the site names it and does not hold it.
    token.attrSet('class', 'elsewhere')
    token.attrSet('title', `In the repository: ${target}`)
    token.attrs = (token.attrs ?? []).filter(([name]) => name !== 'href')
    return
  }
  if (anchor !== '' && !ids.has(anchor)) at.broken.push({ file: at.file, link: href })
  token.attrSet('href', `${fromPage(at.file, pathOf(target))}${anchor === '' ? '' : `#${anchor}`}`)
}

/** A path of the site as a page names it. */
export function fromPage(file: string, target: string): string {
  const path = relative(dirname(pathOf(file)), target).replaceAll('\\', '/')
  return path === '' ? '.' : path
}

function sectionsOf(tokens: readonly Token[]): Page['sections'] {
  const sections: { id: string; heading: string; text: string }[] = []
  let isHeading = false
  for (const token of tokens) {
    if (token.type === 'heading_open') {
      isHeading = true
      sections.push({ id: String(token.attrGet('id')), heading: '', text: '' })
    }
    const section = sections.at(-1)
    if (section === undefined) continue
    if (token.type === 'inline' && isHeading) section.heading = textOf(token)
    else if (token.type === 'inline') section.text += `${textOf(token)} `
    else if (token.type === 'fence') section.text += `${token.content} `
    if (token.type === 'heading_close') isHeading = false
  }
  return sections
}
