/** What every picture of a card has to keep, whatever its state: in the browser, on real layouts. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { CDPSession, Page } from 'playwright-core'

const root = join(import.meta.dirname, '..', '..', '..')
/** Where the pictures of the documentation stand. */
const PICTURES = join(root, 'docs', 'screenshots')
/** Where every other run leaves its pictures. */
const SCRATCH = join(root, 'test', '.scratch', 'states')
/** Set by `npm run screenshots`. */
const isForDocs = process.env['COUNTERSIGN_SCREENSHOTS'] === '1'

export interface Look {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly colorScheme: 'light' | 'dark'
  /** Kept among the documentation's pictures. */
  readonly isShown: boolean
  /** On which the decision has to stand without scrolling. */
  readonly hasFold: boolean
}

/** `COUNTERSIGN_LOOKS=narrow,zoom-200` looks at those alone, `all` at every one, as `npm run test:states` does. */
const chosen = (process.env['COUNTERSIGN_LOOKS'] || null)?.split(',') ?? null

/** Phone and desktop in both schemes, the narrowest reflow (WCAG 1.4.10), and 1280 px at 200 % zoom: half the pixels each way. */
const ALL: readonly Look[] = [
  { name: 'phone', width: 390, height: 844, colorScheme: 'light', isShown: true, hasFold: true },
  { name: 'phone-dark', width: 390, height: 844, colorScheme: 'dark', isShown: false, hasFold: true },
  { name: 'narrow', width: 320, height: 700, colorScheme: 'light', isShown: false, hasFold: false },
  { name: 'zoom-200', width: 640, height: 400, colorScheme: 'light', isShown: false, hasFold: false },
  { name: 'desktop', width: 1280, height: 800, colorScheme: 'light', isShown: false, hasFold: true },
  { name: 'desktop-dark', width: 1280, height: 800, colorScheme: 'dark', isShown: true, hasFold: true },
]
let turn = 0
/** What is looked at next. In `npm test` the two that are shown take turns: 28 states in six looks take ten minutes. */
function nextLooks(): readonly Look[] {
  const shown = ALL.filter(({ isShown }) => isShown)
  if (isForDocs) return shown
  if (chosen !== null) return ALL.filter(({ name }) => chosen.includes('all') || chosen.includes(name))
  turn += 1
  return shown.filter((_, i) => i === turn % shown.length)
}

/** Brings the page into a look, as it stands when nobody has scrolled. */
export async function setLook(page: Page, { width, height, colorScheme }: Look): Promise<void> {
  await page.setViewportSize({ width, height })
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await page.evaluate(() => {
    window.scrollTo(0, 0)
    for (const pane of document.querySelectorAll('main *'))
      if (pane.scrollTop > 0 && !pane.matches('[role=log]')) pane.scrollTop = 0
  })
}

const sessions = new WeakMap<Page, Promise<CDPSession>>()

/** The picture of one look as WebP: a fifth of the size of PNG. */
export async function picture(page: Page, name: string, look: Pick<Look, 'name' | 'isShown'>): Promise<void> {
  const folder = isForDocs ? PICTURES : SCRATCH
  if (isForDocs && !look.isShown) return
  mkdirSync(folder, { recursive: true })
  // Never detached: Chromium would take the virtual authenticators of the page with it.
  const cdp = await (sessions.get(page) ?? page.context().newCDPSession(page))
  sessions.set(page, Promise.resolve(cdp))
  const { data } = await cdp.send('Page.captureScreenshot', { format: 'webp', quality: 60 })
  writeFileSync(join(folder, `${name}-${look.name}.webp`), Buffer.from(data, 'base64'))
}

/** Faults of the layout as sentences: sideways scroll, a header that is too high, digits of one number on two lines. */
export function layoutFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth > clientWidth) found.push(`scrolls sideways: ${scrollWidth} > ${clientWidth}`)
    const header = document.querySelector('header')?.getBoundingClientRect().height ?? 0
    if (window.innerWidth < 768 && header > 56) found.push(`the header is ${header} px high`)
    // What is wider than its box is cut, or stands in its neighbour. What only a screen reader reads is one pixel wide.
    for (const part of document.querySelectorAll('header, header *:not(option)')) {
      if (!part.checkVisibility() || part.clientWidth <= 1 || part.closest('nav') !== null) continue
      if (part.scrollWidth > part.clientWidth + 1)
        found.push(`cut in the header: “${(part.textContent ?? '').slice(0, 60)}”`)
    }
    // However long a dialog is, what ends it is in sight.
    for (const end of document.querySelectorAll('dialog[open] > :last-child button')) {
      const { top, bottom } = end.getBoundingClientRect()
      if (top < 0 || bottom > window.innerHeight) found.push(`below the fold: “${end.textContent ?? ''}”`)
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement
      // Addresses and hashes may break anywhere: each is compared in groups, and none is an amount.
      if (parent === null || parent.closest('.address, pre, script, style') !== null) continue
      // What is folded away is laid out in the width of its heading, and nobody sees it.
      if (!parent.checkVisibility()) continue
      const text = node.textContent ?? ''
      for (const match of text.matchAll(/\d+(?:[.,]\d+)*/g)) {
        const at = match.index
        if (/0x[0-9a-fA-F]*$/.test(text.slice(0, at))) continue
        // A thousands separator is the one place at which a long figure may break.
        for (const run of match[0].matchAll(/\d+(?:\.\d+)?/g)) {
          const range = document.createRange()
          range.setStart(node, at + run.index)
          range.setEnd(node, at + run.index + run[0].length)
          const lines = new Set(
            [...range.getClientRects()].filter(({ width }) => width > 0).map(({ top }) => Math.round(top)),
          )
          if (lines.size > 1) found.push(`“${match[0]}” breaks inside its digits, in “${text.slice(0, 80)}”`)
        }
      }
    }
    return found
  })
}

/** Which of these stand in sight without scrolling, whole and covered by nothing. Returns those that do not. */
export function outOfSight(page: Page, selectors: readonly string[]): Promise<string[]> {
  return page.evaluate((wanted) => {
    const isSeen = (element: Element): boolean => {
      const box = element.getBoundingClientRect()
      if (box.width === 0 || box.top < 0 || box.bottom > window.innerHeight) return false
      return [box.top + 2, box.bottom - 2].every((y) => {
        const top = document.elementFromPoint(box.left + Math.min(box.width / 2, 40), y)
        return top !== null && (element.contains(top) || top.contains(element))
      })
    }
    return wanted.filter((selector) => {
      const all = [...document.querySelectorAll(selector)].filter((each) => each.getClientRects().length > 0)
      return all.length === 0 || !all.every(isSeen)
    })
  }, selectors)
}

/** Violations of axe, each with its place. */
export async function violationsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => ({ id, place: target.join(' ') })))
  const small: string[] = []
  for (const { id, place } of found)
    if (id !== 'target-size' || (await isSmall(page, place))) small.push(`${id} ${place}`)
  return small
}

/**
 * Whether a target is small where it can be pressed. Half hidden at the edge of its pane it measures smaller than it is: it is
 * judged again scrolled into view. 24 px each way is WCAG 2.5.8.
 */
function isSmall(page: Page, selector: string): Promise<boolean> {
  return page.evaluate((wanted) => {
    const element = document.querySelector(wanted)
    if (element === null) return true
    element.scrollIntoView({ block: 'center' })
    const { width, height, left, top } = element.getBoundingClientRect()
    const hit = document.elementFromPoint(left + width / 2, top + height / 2)
    return width < 24 || height < 24 || hit === null || !(element.contains(hit) || hit.contains(element))
  }, selector)
}

/**
 * What is wrong with what is open, in every look that is due; each finding names its look. Pictures are kept of what is wrong, and of
 * everything where looks were asked for.
 *
 * @param first - What has to stand in sight without scrolling, as selectors.
 */
export async function looks(page: Page, name: string, first: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const look of nextLooks()) {
    await setLook(page, look)
    const faults = [
      ...(await layoutFaults(page)),
      ...(look.hasFold ? (await outOfSight(page, first)).map((each) => `out of sight: ${each}`) : []),
      ...(await violationsOf(page)),
    ]
    found.push(...faults.map((fault) => `${look.name}: ${fault}`))
    if (isForDocs || chosen !== null || faults.length > 0) await picture(page, name, look)
  }
  return found
}
