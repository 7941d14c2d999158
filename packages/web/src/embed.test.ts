import { describe, expect, test } from 'vitest'
import { appIn } from './embed.ts'
import { colourIn, contrast, themeIn } from './theme.ts'

const SHEET: Readonly<Record<string, string>> = {
  '--color-paper': 'light-dark(#f6f7f9, #0e1116)',
  '--color-sheet': 'light-dark(#fff, #161b22)',
  '--color-ink': 'light-dark(#14181f, #e8ecf1)',
  '--color-quiet': 'light-dark(#515c6b, #9aa7b7)',
  '--color-accent': 'light-dark(#1f4fd8, #8fb0ff)',
  '--color-on-accent': 'light-dark(#ffffff, #0b1530)',
  '--color-good': 'light-dark(#0f6b3f, #63d49b)',
  '--color-care': 'light-dark(#8a5200, #f2b95c)',
  '--color-bad': 'light-dark(#b3231f, #ff918a)',
}
const own = (name: string, scheme: 'light' | 'dark') => colourIn(SHEET[name] ?? '', scheme)
const themed = (theme: unknown) => themeIn(JSON.stringify(theme), own)

test.each([
  ['/embed/shop', 'shop'],
  ['/embed/shop/', 'shop'],
  ['/embed/', 'default'],
  ['/embed/a/b', 'default'],
  ['/', 'default'],
])('the app of %s is %s', (path, app) => {
  expect(appIn(path)).toBe(app)
})

test('takes colours of its scheme and rounded corners', () => {
  const theme = { scheme: 'light', '--color-accent': '#7a1fa2', '--radius-xl': '4px' }
  expect(themed(theme)).toEqual({ scheme: 'light', properties: { '--color-accent': '#7a1fa2', '--radius-xl': '4px' } })
})

describe('promise: a host page takes no text out of sight', () => {
  test.each([
    ['an accent that the sheet swallows', { scheme: 'light', '--color-accent': '#f0f0ff' }],
    ['paper as dark as the ink', { scheme: 'light', '--color-paper': '#222222' }],
    ['a sheet in the colour of a warning', { scheme: 'light', '--color-sheet': '#8a5200' }],
    ['words of a button in its colour', { scheme: 'dark', '--color-on-accent': '#8fb0ff' }],
    ['another colour for what is bad', { scheme: 'light', '--color-bad': '#0f6b3f' }],
    ['another ink', { scheme: 'light', '--color-ink': '#14181f' }],
    ['a picture', { scheme: 'light', '--color-paper': 'url(https://host.invalid/)' }],
    ['a colour by name', { scheme: 'light', '--color-paper': 'white' }],
    ['no scheme', { '--color-accent': '#7a1fa2' }],
    ['corners that swallow the page', { scheme: 'light', '--radius-xl': '900px' }],
    ['another property', { scheme: 'light', display: 'none' }],
    ['no object', null],
  ])('%s', (_, theme) => {
    expect(themed(theme)).toBeNull()
  })
})

test('contrast is that of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBe(21)
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
  expect(contrast('red', '#ffffff')).toBe(0)
})
