import { accountOf, readArguments } from './readArguments.ts'
import { SELECTORS, type BeneficiaryRole } from './functions.ts'

type Add = (offset: number, account: string | null, role: BeneficiaryRole, via: string) => void

const RECORD_CHARS = 400
const TO = /(?<![\w.])["']?[tT]o["']?\s{0,2}[:=]\s{0,3}(?=["'`$\w(])/g
/** Coins that are sent along: not nothing. */
const HAS_VALUE =
  /(?<![\w.])["']?[vV]alue["']?\s{0,2}(?:[,}]|[:=](?!\s{0,3}["'`]?(?:0n?|0x0*)["'`]?\s{0,3}(?:[,}\n)]|$)))/
const HAS_DATA =
  /(?<![\w.])["']?(?:data|input|calldata|Data)["']?\s{0,2}(?:[:=](?!\s{0,3}["'`]?(?:0x|b?["']{2})?["'`]?\s{0,3}[,})\n])|[,}])/
/** Typed data, messages and mails have such fields as well. */
const OTHER =
  /\b(?:subject|verifyingContract|primaryType|message|body|text|html|from_email|jsonrpc|params|topics|fromBlock|blockNumber|hash|event)\b/

/** A transaction as a record: `{ to: "0x…", value }` without a call pays the account that it names. */
export function readRecords(text: string, named: ReadonlyMap<string, string>, add: Add): void {
  readBuilders(text, named, add)
  if (!/value|Value/.test(text)) return
  for (const found of text.matchAll(TO)) {
    const before = text.slice(Math.max(0, found.index - RECORD_CHARS), found.index)
    const open = openIn(before)
    if (open < 0) continue
    const after = text.slice(found.index, found.index + RECORD_CHARS)
    const close = closeIn(after)
    if (close < 0) continue
    const record = before.slice(open + 1) + after.slice(0, close + 1)
    // A call into the Safe's own storage: whatever the code there does.
    if (/\boperation["']?\s{0,2}:\s{0,2}(?:1\b|\w+\.DelegateCall)/.test(record)) {
      const value = /^["'`]?[$\w.]{1,80}["'`]?/.exec(text.slice(found.index + found[0].length))?.[0] ?? ''
      add(found.index, accountOf(value, named), 'module', 'a delegate call')
    }
    if (!HAS_VALUE.test(record) || HAS_DATA.test(record) || OTHER.test(record)) continue
    const value = /^["'`]?[$\w.]{1,80}["'`]?(?:\([^()\n]{0,90}\))?/.exec(text.slice(found.index + found[0].length))?.[0]
    add(found.index, value === undefined ? null : accountOf(value, named), 'recipient', 'a payment')
  }
}

const BUILT = /\.(?:to|with_to|set_to|setTo)\(/g
const BUILDER_CHARS = 240

/** `TransactionRequest::new().to(…).value(…)`: a record that is put together by calls. */
function readBuilders(text: string, named: ReadonlyMap<string, string>, add: Add): void {
  for (const found of text.matchAll(BUILT)) {
    const around = text.slice(Math.max(0, found.index - BUILDER_CHARS), found.index + BUILDER_CHARS)
    if (!/\.(?:with_|set_?)?[vV]alue\(/.test(around) || /\.(?:with_|set_?)?(?:data|input|Data|Input)\(/.test(around))
      continue
    const [first = ''] = readArguments(text, found.index + found[0].length - 1)
    add(found.index, accountOf(first, named), 'recipient', 'a payment')
  }
}

/** Where the bracket stands that the end of a text is in; -1 when there is none. */
function openIn(text: string): number {
  let depth = 0
  for (let at = text.length - 1; at >= 0; at -= 1) {
    const char = text.charAt(at)
    if (char === '}' || char === ')') depth += 1
    else if (char === '{' || char === '(') {
      if (depth === 0) return at
      depth -= 1
    }
  }
  return -1
}

function closeIn(text: string): number {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (char === '{' || char === '(') depth += 1
    else if (char === '}' || char === ')') {
      if (depth === 0) return at
      depth -= 1
    }
  }
  return -1
}

const SELECTOR = new RegExp(`["'\`](?:0x)?(${Object.keys(SELECTORS).join('|')})["'\`]`, 'i')
/** A word of calldata that is filled up to 64 digits: written out, or by a name. */
const FILLED =
  /(?:["'`](?:0x)?([0-9a-fA-F]{40})["'`]|\b([A-Za-z_]\w{0,40}))(?:\.(?:slice|replace|substring|toLowerCase|lower|removeprefix)\([^()\n]{0,24}\)|\[2:\])*\.(?:padStart|rjust|zfill)\(\s{0,3}(?:64|32)/g

/** Zeros that are repeated or written out, and then the account. */
const ZEROS_FIRST =
  /(?:["'`]0["'`]\s{0,2}\*\s{0,2}24|["'`]0["'`]\.repeat\(\s{0,2}24\s{0,2}\)|["'`]0{24}["'`])\s{0,3}\+\s{0,3}(?:["'`]([0-9a-fA-F]{40})["'`]|([A-Za-z_]\w{0,40}))/g

/** Calldata that is put together: a selector, then an account filled up to a word. */
export function readPieces(text: string, named: ReadonlyMap<string, string>, add: Add): void {
  const selector = SELECTOR.exec(text)?.[1]?.toLowerCase()
  const read = selector === undefined ? undefined : SELECTORS[selector]
  if (read === undefined) return
  const bare = bareAccounts(text)
  for (const found of [...text.matchAll(FILLED), ...text.matchAll(ZEROS_FIRST)]) {
    const name = found[2]
    const account = found[1] === undefined ? (bare.get(name ?? '') ?? named.get(name ?? '') ?? null) : `0x${found[1]}`
    add(found.index, account, read.role, 'calldata')
  }
}

const BARE = /\b([A-Za-z_]\w{0,40})\s{0,3}=\s{0,3}["'`]([0-9a-fA-F]{40})["'`]/g

/** `OP = "7c1d…"`: accounts without their `0x`, by name; the first of a name counts. */
function bareAccounts(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const [, name = '', digits = ''] of text.matchAll(BARE)) if (!found.has(name)) found.set(name, `0x${digits}`)
  return found
}

const OWNER_CALL =
  /\bcreate(?:Add|Swap)OwnerTx\(\s{0,4}\{[^}]{0,300}?\b(?:newOwnerAddress|ownerAddress)["']?\s{0,2}:\s{0,3}(["'`]?[$\w.]{1,80}["'`]?)/g

/** The Safe's own kit names its owners in a record. */
export function readOwners(text: string, named: ReadonlyMap<string, string>, add: Add): void {
  for (const found of text.matchAll(OWNER_CALL))
    add(found.index, accountOf(found[1] ?? '', named), 'owner', 'an owner of the Safe')
}
