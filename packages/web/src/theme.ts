/** How a frame looks, as far as the page around it may say. */

/** What a host page may set of the frame's look, each a custom property of the style sheet. Nothing that carries a warning is among it. */
export const THEMED = ['--color-paper', '--color-sheet', '--color-line', '--color-accent', '--color-on-accent'] as const
const ROUNDED = ['--radius-lg', '--radius-xl'] as const

export interface Theme {
  readonly scheme: 'light' | 'dark'
  readonly properties: Readonly<Record<string, string>>
}

/**
 * The theme that a host page asks for, as JSON; null for one that is not valid.
 *
 * @param own - What the style sheet says of a property now, in `scheme`, as `#rrggbb`.
 */
export function themeIn(text: string, own: (property: string, scheme: Theme['scheme']) => string): Theme | null {
  if (text.length > 1_000) return null
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    return null
  }
  const { scheme, ...properties } = (given ?? {}) as Record<string, unknown>
  if (scheme !== 'light' && scheme !== 'dark') return null
  for (const [name, value] of Object.entries(properties)) {
    const isColour = THEMED.some((each) => each === name) && /^#[0-9a-f]{6}$/i.test(String(value))
    const isRadius = ROUNDED.some((each) => each === name) && /^(?:1?\d|2[0-4])px$/.test(String(value))
    if (!isColour && !isRadius) return null
  }
  const theme = { scheme, properties: properties as Record<string, string> } as const
  return isReadable(theme, own) ? theme : null
}

/** Texts that stand on paper and on sheets: none may vanish by what a host page chose. */
const TEXTS = ['--color-ink', '--color-quiet', '--color-accent', '--color-good', '--color-care', '--color-bad']
/** WCAG 1.4.3. */
const LEAST_CONTRAST = 4.5

function isReadable(
  { scheme, properties }: Theme,
  own: (property: string, scheme: Theme['scheme']) => string,
): boolean {
  const colour = (name: string): string => properties[name] ?? own(name, scheme)
  const pairs = [
    ['--color-on-accent', '--color-accent'],
    ...TEXTS.flatMap((text) => ['--color-paper', '--color-sheet'].map((ground) => [text, ground] as const)),
  ] as const
  return pairs.every(([text, ground]) => contrast(colour(text), colour(ground)) >= LEAST_CONTRAST)
}

/** The contrast of two colours (WCAG 2.2, "contrast ratio"), 1 to 21; 0 where one is not `#rrggbb`. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) || 0
}

function luminance(colour: string): number {
  const [, ...parts] = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour) ?? []
  if (parts.length < 3) return Number.NaN
  const [red = 0, green = 0, blue = 0] = parts.map((hex) => {
    const value = Number.parseInt(hex, 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** A colour of the style sheet: `#rrggbb`, or one of the two in `light-dark(…)`. */
export function colourIn(value: string, scheme: Theme['scheme']): string {
  const found = value.match(/#[0-9a-f]{3,6}/gi) ?? []
  const colour = found[scheme === 'dark' ? 1 : 0] ?? found[0] ?? ''
  return colour.length === 4 ? colour.replace(/[0-9a-f]/gi, '$&$&') : colour
}

/** Takes the look that the host page asked for, once; a theme that would hide a text is left out as a whole. */
export function wearTheme(text: string): void {
  const { style } = document.documentElement
  const sheet = getComputedStyle(document.documentElement)
  const theme = themeIn(text, (name, scheme) => colourIn(sheet.getPropertyValue(name), scheme))
  if (theme === null) return
  style.colorScheme = theme.scheme
  for (const [name, value] of Object.entries(theme.properties)) style.setProperty(name, value)
}
