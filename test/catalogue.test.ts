/** The texts of the page: every language is whole, and the card says nothing that no catalogue holds. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterEach, expect, test } from 'vitest'
import * as Amount from '../packages/web/src/card/Amount.ts'
import * as Card from '../packages/web/src/card/Card.ts'
import { stateOf } from '../packages/web/src/card/CardState.ts'
import { NOW_MS, proposal } from '../packages/web/src/card/fixture.ts'
import { admin as adminDe } from '../packages/web/src/text/admin.de.ts'
import { admin as adminEn } from '../packages/web/src/text/admin.en.ts'
import { around as aroundDe } from '../packages/web/src/text/around.de.ts'
import { around as aroundEn } from '../packages/web/src/text/around.en.ts'
import { de } from '../packages/web/src/text/de.ts'
import { en } from '../packages/web/src/text/en.ts'
import { frame as frameDe } from '../packages/web/src/text/frame.de.ts'
import { frame as frameEn } from '../packages/web/src/text/frame.en.ts'
import { LANGUAGES, languageFor, serverLang, speak, t } from '../packages/web/src/text/text.ts'

const WEB = join(import.meta.dirname, '..', 'packages', 'web', 'src')

afterEach(() => speak('en'))

/** Every text of a catalogue by its path; a function by what it says of the arguments `1`, `2`, `3`. */
function textsOf(catalogue: object, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(catalogue)) {
    const at = path === '' ? key : `${path}.${key}`
    if (typeof value === 'string') found.set(at, value)
    else if (typeof value === 'function') {
      // What takes a list is told by its path: a list of numbers reads as well.
      const isList = at === 'list' || at === 'verdict.accept'
      found.set(at, (value as (...given: unknown[]) => string)(...(isList ? [['1', '2']] : ['1', 2, 3])))
    } else for (const [inner, text] of textsOf(value as object, at)) found.set(inner, text)
  }
  return found
}

/** Every catalogue: that of the first page, those of what is loaded later or alone, and that of the frames of wallets. */
const CATALOGUES = [
  ['the page', en, de, 200],
  ['around', aroundEn, aroundDe, 80],
  ['the dashboard', adminEn, adminDe, 250],
  ['the frame of a wallet', frameEn, frameDe, 5],
] as const

const PROMISE = 'promise: no text is missing in a language, none is empty, and each says all that the English one says'
test.each(CATALOGUES)(`${PROMISE}: %s`, (_, own, other, least) => {
  const [english, german] = [textsOf(own), textsOf(other)]
  expect([...german.keys()].toSorted()).toEqual([...english.keys()].toSorted())
  expect(english.size).toBeGreaterThan(least)
  for (const [key, text] of german) {
    if (key !== 'card.serverSpeaksEnglish') expect([key, english.get(key)]).not.toEqual([key, ''])
    expect([key, text]).not.toEqual([key, ''])
    // Figures, names and addresses that are handed in stand in every language.
    for (const given of ['1', '2', '3'])
      if (english.get(key)?.includes(given) === true) expect([key, text]).toEqual([key, expect.stringContaining(given)])
  }
})

/** Words that are the same in both languages, or symbols. */
const SAME =
  /^(?:number\.|page\.chat|page\.chainId$|chat\.agent$|reach\.kinds\.(?:mail|telegram)$|age\.|rows\.(?:feeMost|name)|setup\.(?:chain|app)$|app$|usage\.count|documents\.digest|checklist\.count|health\.(?:version|milliseconds)|operator\.(?:passkeys|host)|card\.step$|details\.(?:notes|block)$|bytes\.)/

test.each(CATALOGUES)('a language is translated, not copied: %s', (_, own, other) => {
  const english = textsOf(own)
  const copied = [...textsOf(other)].filter(([key, text]) => english.get(key) === text && !SAME.test(key))
  expect(copied.map(([key]) => key)).toEqual([])
})

/** Places of a source where a person could read a literal: text between tags, labels, and sentences in strings. */
function visibleLiterals(name: string, source: string): string[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX)
  const found: string[] = []
  const SPOKEN = new Set(['aria-label', 'title', 'alt', 'placeholder', 'result', 'label'])
  const isSentence = (text: string): boolean =>
    /\p{L}{2,}[,;:]? \p{L}|^\p{Lu}\p{Ll}+[.!?…:]?$|^ ?\p{Ll}+ $|^ \p{L}+/u.test(text)
  /** Class names: every part is a utility of the style sheet, and at least one has a dash, a colon or a digit in it. */
  const isStyle = (text: string): boolean =>
    text.split(/\s+/).every((part) => /^[a-z0-9:[\]()%/_.,*>&-]*$/.test(part)) && /[-:]/.test(text)
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return
    if (ts.isJsxAttribute(node) && ['className', 'rel'].includes(node.name.getText())) return
    if (ts.isJsxText(node) && /\p{L}{2}/u.test(node.text)) found.push(`${name}: ${node.text.trim()}`)
    if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText()) && node.initializer !== undefined)
      if (ts.isStringLiteral(node.initializer) && node.initializer.text !== '')
        found.push(`${name}: ${node.initializer.text}`)
    const isText = ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)
    const isPiece = isText || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)
    if (isPiece && isSentence(node.text) && !isStyle(node.text)) found.push(`${name}: ${node.text.trim()}`)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** Read by programs, kept by the server, or a name: each with who reads it. */
const NOT_TRANSLATED: Readonly<Record<string, string>> = {
  Countersign: 'a name',
  Escape: 'a key of the keyboard',
  Notification: 'a class of the browser',
  'Rejected in the wallet.': 'the reason that the server keeps',
  'the freeze button of the page': 'the reason that the server keeps',
  'what is my balance?': 'a sentence for the agent, which understands English',
  'swap 1': 'a sentence for the agent',
  'for USDC': 'a sentence for the agent',
  'price of': 'a sentence for the agent',
  revoke: 'a sentence for the agent',
  'approval for': 'a sentence for the agent',
  'countersign operator link': 'a command',
  'countersign audit verify': 'a command',
  'countersign doctor': 'a command',
  'noopener noreferrer': 'read by the browser',
  'No chain is configured.': 'a bug, for the console',
  'This page starts one worker only.': 'a bug, for the console',
}
/** A wallet answers the page, which reads its code (`words.ts`); the card of MCP clients is English, as everything that they show. */
const OTHERS = /^(?:testWallet\.ts|wallets\/(?!inside\/startFrame)|mcpCard\/|text\/)|\.test\.|^card\/fixture|\.d\.ts$/

test('promise: no component says anything that does not stand in a catalogue', () => {
  const files = globSync('**/*.{ts,tsx}', { cwd: WEB }).filter((each) => !OTHERS.test(each))
  expect(files.length).toBeGreaterThan(50)
  const found = files.flatMap((each) => visibleLiterals(each, readFileSync(join(WEB, each), 'utf8')))
  expect(found.filter((each) => !Object.hasOwn(NOT_TRANSLATED, each.slice(each.indexOf(': ') + 2)))).toEqual([])
})

test.each([
  '<p>Nothing was sent.</p>',
  '<p aria-label="Verdict" />',
  '<p>{isOver ? "Would have left" : ""}</p>',
  'const text = `Step ${step} of the batch`',
  "const label = 'Price'",
  'const text = `about ${amount}`',
  'const text = `${count} steps are done`',
])('a literal that a person could read is found: %s', (source) => {
  expect(visibleLiterals('x.tsx', source)).not.toEqual([])
})

test.each([
  '<p className="px-4 text-sm" data-testid="rows" />',
  "const box = { good: 'bg-good-soft text-good' }",
  "import { t } from '../text/text.ts'",
  "const state: 'settled' | 'rejected' = 'settled'",
])('what nobody reads is left alone: %s', (source) => {
  expect(visibleLiterals('x.tsx', source)).toEqual([])
})

test('the language is the owner’s choice, then the browser’s, then English', () => {
  expect(LANGUAGES).toEqual(['en', 'de'])
  expect(languageFor(null, ['de-AT', 'en'])).toBe('de')
  expect(languageFor(null, ['fr', 'de'])).toBe('de')
  expect(languageFor(null, ['en-GB', 'de'])).toBe('en')
  expect(languageFor('en', ['de'])).toBe('en')
  expect(languageFor('xx', ['pt'])).toBe('en')
})

test('promise: on a card in German every figure is written the German way, those of the server too', async () => {
  await speak('de')
  expect(t()).toBe(de)
  expect(serverLang()).toBe('en')
  const given = proposal()
  expect(Card.titleOf(given, 'ETH')).toBe('1 ETH gegen etwa 2.491,25 USDC tauschen')
  expect(Card.sidesOf(given, 'ETH')[0]?.arrives[0]).toMatchObject({
    figure: '+2.491,25',
    atLeast: 'mindestens 2.478,80',
    exact: '+2.491,258107 USDC',
  })
  expect(stateOf(given, { nowMs: NOW_MS }).text).toBe('Wartet auf dich')
  const plain = { ...proposal({ summary: 'Send 1234.5 USDC for 1,000 points' }), report: null }
  expect(Card.titleOf(plain, 'ETH')).toBe('Send 1.234,5 USDC for 1.000 points')
})

test('figures of a sentence change their signs, and nothing else does', async () => {
  const text = 'Pay 1,234.5 and 0.75 on 2026-11-30 at 127.0.0.1:8080, version 1.2.3, block 12345, 0x12.5'
  expect(Amount.asSpoken(text)).toBe(text)
  await speak('de')
  expect(Amount.asSpoken(text)).toBe(
    'Pay 1.234,5 and 0,75 on 2026-11-30 at 127.0.0.1:8080, version 1.2.3, block 12345, 0x12.5',
  )
})
