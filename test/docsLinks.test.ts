import { expect, test } from 'vitest'
import { readPages, siteFiles } from '../tools/site/readPages.ts'

test('every link and picture of the documentation leads somewhere', () => {
  const { pages, broken } = readPages()
  expect(broken.map(({ file, link }) => `${file}: ${link}`)).toEqual([])
  expect(pages).toHaveLength(siteFiles().length)
})

test('every page of the documentation can be reached from docs/README.md or README.md', () => {
  const { pages } = readPages()
  const links = new Map(
    pages.map(({ path, html }) => [
      path,
      [...html.matchAll(/<a href="([^"#]+)/g)].map(([, href = '']) =>
        new URL(href, `http://docs.invalid/${path}`).pathname.slice(1),
      ),
    ]),
  )
  const reached = new Set<string>()
  const queue = ['index.html', 'README.html']
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue
    reached.add(path)
    queue.push(...(links.get(path) ?? []))
  }
  expect(pages.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([])
})
