import type { Rule } from '../../Rule.ts'
import { at, cleaned, isTurned, phrases } from '../ask.ts'

/** A literal of many numbers. */
const NUMBERS = /(?:\b\d{1,3}\s{0,2},\s{0,2}){30,}/
/** A long run without words, of the letters that encodings use. */
const BLOB = /^[A-Za-z0-9+/=_-]{80,}$|^(?=[^\n]{0,200}[^\w\s"'])[^\s"'\n]{64,}$/
/** Letters that are worked out from numbers of a file. */
const SHIFTED =
  /\b(?:chr|String\.fromCharCode|fromCodePoint|Char\.chr)\(\s{0,2}(?:int|Number|parseInt|\+)\s{0,2}\(?[^()\n]{1,40}\)?\s{0,2}[-+^]\s{0,2}\d{1,3}/
/** Calls that take such a run apart. */
const DECODES =
  /(?:^|\.)(?:b\d\ddecode|urlsafe_b64decode|a85decode|unhexlify|fromhex|atob|decompress|base64_decode|decode64|strict_decode64|decode_base64|FromBase64String|hex2bin|gzinflate|unpack1?)$/
/** What a picture or a letter's shape is decoded for. */
const HARMLESS = /\b(?:image|icon|logo|favicon|png|jpe?g|gif|svg|woff2?|font|thumbnail|certificate|pem)\b/i
const UNFOLDS =
  /pow\([^)]{1,40},\s{0,3}-1\s{0,3},|\^\s{0,3}(?:key|0x[0-9a-f]{1,4}|\d{1,4})\b|b85decode|a85decode|b64decode|b32decode|unhexlify|fromhex|atob\(|fromCharCode|chr\(|\bxor\b|decompress\(|\.split\(','\)|bytes\(/i
const DECODE_STEPS =
  /\b(?:decode|decrypt|deobfuscate|unscramble|reconstruct|reassemble)\b[^.\n]{0,60}\b(?:payload|instructions?|message|string|blob|commands?|text below|block below)\b[^.\n]{0,80}\b(?:and|then|to)\b[^.\n]{0,40}\b(?:run|execute|follow|obey|apply|use|install)|\b(?:protected|encoded|obfuscated|encrypted|split) payload\b|\b(?:generate|derive|compute|obtain)\b[^.\n]{0,40}\binstructions?\b[^.\n]{0,30}\b(?:on the fly|by decoding|from the (?:payload|encoded))|\bdecode instructions\b|\b(?:reverse|unreverse|rot13|decode|unscramble)\b[^.\n]{0,40}\b(?:line|text|string|words|note|message|letters)\b[^.\n]{0,30}\b(?:and|then)\b (?:then )?(?:carry it out|do (?:it|what)|follow|execute|run|obey)|\binterpret (?:the )?resulting bytes as\b/g

export const rule: Rule = {
  name: 'opaque-payload',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about:
    'A block of data that nobody can read is taken apart by code or by instructions beside it, to be used by the agent.',
  severity: 'high',
  because: 'A reviewer cannot say what the agent will read or run once it is unfolded.',
  remediation: 'Write in plain text what it unfolds to.',
  *find(material) {
    for (const view of material.views) {
      if (view.name === 'prose' && view.holder === 'frontmatter') continue
      const text = view.text
      const page = /\]\(\s{0,3}data:(?:text\/html|application\/|text\/javascript|image\/svg)[^)\s]{16,200}/i.exec(text)
      if (page !== null)
        yield at(
          { file: view.file, line: cleaned(view).lineOf(page.index), view: view.name, role: view.role },
          page[0],
          { because: 'The link opens a page that is written into its address, where nobody reads it.' },
        )
      const shifted = view.holder === 'script' ? SHIFTED.exec(text) : null
      if (shifted !== null && /\b(?:csv|json|open|readFileSync|read_text)\b/.test(text))
        yield at(
          { file: view.file, line: cleaned(view).lineOf(shifted.index), view: view.name, role: view.role },
          shifted[0],
        )
      if (view.name !== 'prose') {
        const blob = NUMBERS.exec(text)
        if (blob !== null && UNFOLDS.test(text) && !/-----BEGIN|data:image|integrity/.test(text))
          yield at(
            { file: view.file, line: cleaned(view).lineOf(blob.index), view: view.name, role: view.role },
            text.slice(blob.index, blob.index + 160),
          )
      }
    }
    // A run of letters is nothing by itself; one that is handed to a decoder is.
    for (const call of material.facts.call) {
      if (!DECODES.test(call.callee)) continue
      const blob = call.literals.find((literal) => BLOB.test(literal))
      if (blob !== undefined && !HARMLESS.test(contextOf(material, call.file, blob)))
        yield at(call, `${call.callee}(${blob.slice(0, 160)})`)
    }
    for (const phrase of phrases(material, DECODE_STEPS)) {
      if (isTurned(phrase)) continue
      yield at(phrase, phrase.sentence, {
        because: 'The instructions are hidden in data and have to be decoded before anybody can read them.',
      })
    }
  },
}

/** The words around a literal, without it. */
function contextOf(material: Parameters<Rule['find']>[0], file: string, blob: string): string {
  const head = blob.slice(0, 60)
  for (const view of material.views) {
    const found = view.file === file ? view.text.indexOf(head) : -1
    if (found >= 0)
      return `${view.text.slice(Math.max(0, found - 160), found)} ${view.text.slice(found + blob.length, found + blob.length + 160)}`
  }
  return ''
}
