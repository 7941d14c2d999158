/**
 * `npm run docs:site -- --out DIR`: all documentation as pages that work without a server and without a network, with a search.
 * Fails when a link leads nowhere.
 */
import { copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import MiniSearch from 'minisearch'
import { fromPage, readPages, type Page } from './readPages.ts'

const ROOT = join(import.meta.dirname, '..', '..')
/** The groups of the menu, and which files stand in each. */
const GROUPS: readonly (readonly [string, RegExp])[] = [
  ['Guides', /^docs\/(?:guide\/|README|deploy|operations|packages)/],
  ['Reference', /^docs\/reference\//],
  ['Packages and examples', /^(?:packages|examples)\//],
  ['Project', /./],
]

/** What the search keeps; the page reads the index with the same options. */
export const SEARCH_OPTIONS = { fields: ['heading', 'title', 'text'], storeFields: ['heading', 'title', 'url'] }

/** @returns how many pages were written, and the links that lead nowhere. */
export function buildSite(out: string): { pages: number; broken: string[] } {
  const { pages, broken } = readPages()
  rmSync(out, { recursive: true, force: true })
  for (const page of pages) {
    mkdirSync(dirname(join(out, page.path)), { recursive: true })
    writeFileSync(join(out, page.path), documentOf(page, pages))
  }
  cpSync(join(ROOT, 'docs/images'), join(out, 'docs/images'), { recursive: true })
  for (const file of ['site.css', 'site.js']) copyFileSync(join(import.meta.dirname, file), join(out, file))
  copyFileSync(join(ROOT, 'node_modules/minisearch/dist/umd/index.js'), join(out, 'minisearch.js'))
  writeFileSync(join(out, 'search-index.js'), `window.SEARCH = ${JSON.stringify(indexOf(pages))}\n`)
  return { pages: pages.length, broken: broken.map(({ file, link }) => `${file}: ${link}`) }
}

function indexOf(pages: readonly Page[]): { options: typeof SEARCH_OPTIONS; index: object } {
  const search = new MiniSearch(SEARCH_OPTIONS)
  let id = 0
  for (const { path, title, sections } of pages)
    for (const section of sections)
      search.add({ id: (id += 1), title, heading: section.heading, text: section.text, url: `${path}#${section.id}` })
  return { options: SEARCH_OPTIONS, index: search.toJSON() }
}

function documentOf(page: Page, pages: readonly Page[]): string {
  const to = (path: string): string => fromPage(page.file, path)
  const base = to('index.html').replace(/index\.html$/, '')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(page.title)} · Countersign</title>
<link rel="stylesheet" href="${to('site.css')}">
<script defer src="${to('minisearch.js')}"></script>
<script defer src="${to('search-index.js')}"></script>
<script defer src="${to('site.js')}" data-base="${base}"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header><a class="name" href="${to('index.html')}">Countersign</a>
<search><label for="search">Search</label><input id="search" type="search" autocomplete="off" aria-controls="results">
<ol id="results" aria-live="polite" hidden></ol></search></header>
<div class="columns">
<nav aria-label="Pages"><details open><summary>Pages</summary>${menu(page, pages)}</details></nav>
<main id="content">
${page.html}
<footer>From <code>${escape(page.file)}</code></footer>
</main>
</div>
</body>
</html>
`
}

function menu(page: Page, pages: readonly Page[]): string {
  const left = new Set(pages)
  return GROUPS.map(([name, files]) => {
    const inside = [...left].filter(({ file }) => files.test(file))
    for (const each of inside) left.delete(each)
    const items = inside.map(
      ({ file, path, title }) =>
        `<li><a href="${fromPage(page.file, path)}"${file === page.file ? ' aria-current="page"' : ''}>${escape(title)}</a></li>`,
    )
    return `<h2>${name}</h2><ul>${items.join('')}</ul>`
  }).join('')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string' } } })
  if (values.out === undefined) {
    console.error('Usage: npm run docs:site -- --out DIR')
    process.exit(2)
  }
  const out = resolve(process.env['INIT_CWD'] ?? '.', values.out)
  const { pages, broken } = buildSite(out)
  for (const link of broken) console.error(`Leads nowhere: ${link}`)
  console.log(`${pages} pages in ${out}. Open ${join(out, 'index.html')}.`)
  process.exit(broken.length === 0 ? 0 : 1)
}
