import type { Command, Place } from '../../Fact.ts'
import { liner, type View } from '../../View.ts'
import { namedAccounts } from './accounts.ts'
import { accountsOfWallet, readAnyVerb } from './anyVerb.ts'
import { FIELDS, GAINS, SELECTORS, type BeneficiaryRole, type Gain } from './functions.ts'
import { readOwners, readPieces, readRecords } from './inRecords.ts'
import { accountOf, argumentAt, readArguments } from './readArguments.ts'

/** An account, written into the skill, that gains by something that the skill has signed. */
export interface Beneficiary extends Place {
  readonly account: string
  readonly gain: BeneficiaryRole
  /** The function, field or command by which it gains. */
  readonly via: string
  readonly text: string
  /** It stands in a sample of data on a page, such as an answer that a service gives. */
  readonly isSample: boolean
  /** The skill calls it as a contract elsewhere, and the power is over an amount. */
  readonly isCalled: boolean
}

const FOUND = new WeakMap<readonly View[], readonly Beneficiary[]>()
const MATCHES_MAX = 2_000
const ANY_ACCOUNT =
  /0x[0-9a-fA-F]{40}|\b[a-z]{2,12}1[02-9ac-hj-np-z]{38}|["'`][0-9a-fA-F]{40}["'`]|bc1[a-z0-9]{25}|\bT[1-9A-HJ-NP-Za-km-z]{33}\b|\b0[23][0-9a-f]{64}\b|\b[48][1-9A-HJ-NP-Za-km-z]{94}\b|\b[EUk0]Q[\w-]{46}\b|\bG[A-Z2-7]{55}\b|(?<![\w/.-])[1-9A-HJ-NP-Za-km-z]{43,44}(?![\w/-])/
/** The shortest account that is read: Tron's. */
const ACCOUNT_CHARS_MIN = 34

/** Whether letters and digits follow each other for as long as an account is; most texts hold no such run. */
function hasLongRun(text: string): boolean {
  for (let at = ACCOUNT_CHARS_MIN - 1; at < text.length; at += ACCOUNT_CHARS_MIN) {
    // Of every run of that length one of these places is part.
    let from = at
    while (from >= 0 && at - from < ACCOUNT_CHARS_MIN && isAlphanumeric(text.charCodeAt(from))) from -= 1
    if (from === at) continue
    let to = at + 1
    while (to < text.length && to - from <= ACCOUNT_CHARS_MIN && isAlphanumeric(text.charCodeAt(to))) to += 1
    if (to - from - 1 >= ACCOUNT_CHARS_MIN) return true
  }
  return false
}

function isAlphanumeric(code: number): boolean {
  // TON writes dashes within an account.
  return (
    (code >= 48 && code <= 57) ||
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    code === 45 ||
    code === 95
  )
}

const LOCAL = /127\.0\.0\.1|localhost|\banvil\b|\bhardhat node\b/

/** Every literal account that gains by a call, a command, typed data, a request or calldata of the skill. */
export function beneficiariesIn(views: readonly View[], commands: readonly Command[]): readonly Beneficiary[] {
  const known = FOUND.get(views)
  if (known !== undefined) return known
  const found: Beneficiary[] = []
  if (
    commands.some(({ program }) => program.startsWith('near')) ||
    views.some((view) => hasLongRun(view.text) && ANY_ACCOUNT.test(view.text))
  ) {
    const named = namedAccounts(views)
    for (const view of views) if (view.name === 'code' || view.name === 'decoded') readCode(view, named, found)
    for (const command of commands) readCommand(command, named, found)
    const called = calledContracts(views, named)
    for (const [i, each] of found.entries())
      if (
        (called.get(each.account.toLowerCase()) ?? 0) > Number(each.via.startsWith(VALUE_OF)) &&
        /^(?:spender|recipient)$/.test(each.gain) &&
        !UNLIMITED.test(each.text)
      )
        found[i] = { ...each, isCalled: true }
  }
  const seen = new Set<string>()
  const unique = found.filter((each) => {
    const key = `${each.file}\0${each.line}\0${each.account}\0${each.gain}`
    return !seen.has(key) && seen.add(key)
  })
  FOUND.set(views, unique)
  return unique
}

const CALL = new RegExp(`(?<![\\w$])(${Object.keys(GAINS).join('|')})\\s{0,2}\\(`, 'g')
/** A function that is named in a record or as the first argument, with its arguments in a list beside it. */
const BY_NAME = new RegExp(
  `(?:\\b(?:functionName|function_name|fn_name|method|functionSignature|signature)["']?\\s{0,2}[:=]\\s{0,2}|(?:encode\\w{0,24}|populate\\w{0,24}|send|call)\\(\\s{0,4})["'\`](?:function\\s{1,2})?(${Object.keys(GAINS).join('|')})(?:\\([^"'\`)]{0,200}\\)[^"'\`]{0,80})?["'\`]`,
  'g',
)
/** A request for a withdrawal, with the account in its body. */
const WITHDRAWN =
  /\bwithdraw(?:al)?s?\b[^{}]{0,300}\{[^{}]{0,160}\\?["']?\baddress\\?["']?\s{0,2}[:=]\s{0,3}\\?(["'`]?[\w$]{1,80})/gi
const FIELD = /["']?\b([A-Za-z_]{5,24})["']?\]?\s{0,2}(?:[:=](?!=)|%3D)\s{0,3}(?=["'`$\w(])/g
/** An output of a transaction of Bitcoin, a message of TON: the account stands under an ordinary name. */
const OUTPUT =
  /\b(?:addOutput|add_output|internal|TxOut|createOutput|comment)\s{0,2}\(\s{0,4}\{?[^{}\n]{0,80}?\b(?:address|to|script)["']?\s{0,2}[:=]\s{0,3}(["'`][\w-]{26,64}["'`]|[A-Za-z_]\w{0,60})/g
/** A script that pays whoever holds the address: it is made to be put into an output. */
const PAYS_SCRIPT =
  /\b(?:script_for|toOutputScript|to_output_script|address_to_script\w{0,12}|addressToScript\w{0,12}|scriptPubKeyFor|script_pubkey_for|payToAddressScript|PayToAddrScript)\s{0,2}\(\s{0,4}(["'`][\w-]{26,64}["'`]|[A-Za-z_]\w{0,60})/g
const DATA =
  /\b0x((?:095ea7b3|39509351|a22cb465|a9059cbb|23b872dd|42842e0e|f2fde38b|2f2ff15d|0d582f13|610b5925|e19a9dd9|5c19a95c)[0-9a-fA-F]{64,8192})\b/g

function readCode(view: View, named: ReadonlyMap<string, string>, found: Beneficiary[]): void {
  const { text } = view
  const lineOf = liner(view)
  const isSample = view.holder === 'fence' && /^\s{0,4}[{[]/.test(text) && /^\s{0,4}[{[]\s{0,8}["{[]/.test(text)
  const add = (offset: number, account: string | null, role: BeneficiaryRole, via: string, isShown = isSample) => {
    if (account === null || found.length >= MATCHES_MAX) return
    const line = lineOf(offset)
    found.push({
      file: view.file,
      line,
      view: view.name,
      role: view.role,
      account,
      via,
      text: excerpt(text, offset),
      gain: role,
      isSample: isShown,
      isCalled: false,
    })
  }
  const gains = (name: string, args: readonly string[], offset: number) => {
    for (const gain of GAINS[name] ?? [])
      if (!isTakenAway(args, gain)) add(offset, accountOf(argumentAt(args, gain.at), named), gain.role, name)
  }
  for (const call of text.matchAll(CALL)) {
    const args = readArguments(text, call.index + call[0].length - 1)
    // A declaration of the function has types where a call has values.
    if (!/\bfunction\s{1,3}$|\bdef\s{1,3}$|\bfn\s{1,3}$/.test(text.slice(Math.max(0, call.index - 12), call.index)))
      gains(call[1] ?? '', args, call.index)
  }
  for (const call of text.matchAll(BY_NAME)) {
    const after = text.slice(call.index, call.index + 600)
    const list = /\bargs["']?\s{0,2}[:=]\s{0,2}(?=[[(])|["'`]\s{0,2},\s{0,4}(?=\[)/.exec(after)
    if (list !== null) gains(call[1] ?? '', readArguments(text, call.index + list.index + list[0].length), call.index)
  }
  for (const field of text.matchAll(FIELD)) {
    const role = FIELDS[(field[1] ?? '').toLowerCase().replaceAll('_', '')]
    if (role === undefined) continue
    const value =
      /^["'`]?[$\w.{}]{1,80}["'`]?(?:\([^()\n]{0,90}\))?/.exec(text.slice(field.index + field[0].length))?.[0] ?? ''
    add(field.index, accountOf(value, named), role, field[1] ?? '')
  }
  readRecords(text, named, add)
  for (const found of [...text.matchAll(OUTPUT), ...text.matchAll(PAYS_SCRIPT)])
    add(found.index, accountOf(found[1] ?? '', named), 'recipient', 'an output')
  for (const found of text.matchAll(WITHDRAWN))
    add(found.index, accountOf(found[1] ?? '', named), 'recipient', 'a withdrawal')
  // On a page such a call shows how; in a file it is what runs.
  if (!isSample)
    readAnyVerb(text, named, (offset, account, role, via) => add(offset, account, role, via, view.holder !== 'script'))
  readPieces(text, named, add)
  readOwners(text, named, add)
  for (const authorization of text.matchAll(/\bsignAuthorization\s{0,2}\(/g)) {
    const inside = readArguments(text, authorization.index + authorization[0].length - 1).join(',')
    const contract = /\b(?:contractAddress|address)\s{0,2}:\s{0,2}([^,}\n]{1,80})/.exec(inside)?.[1]
    if (contract !== undefined) add(authorization.index, accountOf(contract, named), 'delegate', 'signAuthorization')
  }
  for (const data of text.matchAll(DATA)) {
    const read = SELECTORS[(data[1] ?? '').slice(0, 8).toLowerCase()]
    if (read !== undefined) add(data.index, accountInData(data[1] ?? '', read), read.role, 'calldata')
  }
}

function accountInData(
  data: string,
  { word, unless }: { readonly word: number; readonly unless?: number },
): string | null {
  const at = (n: number) => data.slice(8 + 64 * n, 72 + 64 * n)
  if (unless !== undefined && /^0{0,64}$/.test(at(unless))) return null
  return at(word).length === 64 ? `0x${at(word).slice(24)}` : null
}

/** Whether the call takes the power back: an allowance of nothing, an approval that is false. */
function isTakenAway(args: readonly string[], gain: Gain): boolean {
  return (
    gain.unless !== undefined &&
    /^["'`]?(?:0n?|0x0{1,64}|false|False|parse\w{1,8}\(["']0["'].*\)|BigInt\(0\))["'`]?$/.test(args[gain.unless] ?? '')
  )
}

/** How a gain is told that comes with the call itself. */
export const VALUE_OF = 'the value of'

/** Contracts that hand back what they are paid, as a token: the wrapped coin of the large chains. */
const WRAPPED = new Set([
  '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
  '0x4200000000000000000000000000000000000006',
  '0x82af49447d8a07e3bd95bd0d56f35241523fbab1',
  '0x0d500b1d8e8ef31e21c99d1db9a6444d3adf1270',
  '0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c',
])

function readCommand(command: Command, named: ReadonlyMap<string, string>, found: Beneficiary[]): void {
  if (LOCAL.test(command.text)) return
  const values = command.args.filter((each) => !each.startsWith('-'))
  const add = (value: string | undefined, role: BeneficiaryRole, via: string) => {
    const account = value === undefined ? null : accountOf(value, named)
    if (account !== null) push(account, role, via)
  }
  const push = (account: string, role: BeneficiaryRole, via: string) =>
    found.push({
      ...placeOf(command),
      account,
      via,
      text: command.text,
      gain: role,
      isSample: false,
      isCalled: false,
    })
  for (const account of accountsOfWallet(command.program, command.args, named))
    push(account, 'recipient', command.program)
  const [verb = '', ...rest] = values
  if (command.program === 'cast' && /^(?:send|calldata|mktx|publish|estimate|wallet)$/.test(verb)) {
    const at = rest.findIndex((each) => /^[A-Za-z_]\w{0,60}\(/.test(each))
    const name = /^(\w{1,60})\(/.exec(rest[at] ?? '')?.[1] ?? ''
    const args = rest.slice(at + 1)
    for (const gain of at < 0 ? [] : (GAINS[name] ?? []))
      if (!isTakenAway(args, gain)) add(argumentAt(args, gain.at), gain.role, name)
    // Value that is sent along belongs to the contract, whatever its function is called.
    const value = command.args[command.args.indexOf('--value') + 1]
    if (at >= 0 && command.args.includes('--value') && !/^0(?:\.0*)?(?:ether|gwei|wei)?$/.test(value ?? '0')) {
      const to = accountOf(rest[0] ?? '', named)
      if (to !== null && !WRAPPED.has(to.toLowerCase())) add(to, 'recipient', `${VALUE_OF} ${name}`)
    }
    if (verb === 'wallet' && rest[0] === 'sign-auth') add(rest[1], 'delegate', 'sign-auth')
    const auth = command.args.indexOf('--auth')
    if (auth >= 0) add(command.args[auth + 1], 'delegate', '--auth')
  } else if (command.program === 'spl-token') {
    if (verb === 'transfer') add(rest[2], 'recipient', 'spl-token transfer')
    if (verb === 'approve') add(rest[2], 'delegate', 'spl-token approve')
    if (verb === 'authorize') add(rest[2], 'owner', 'spl-token authorize')
    const recipient = command.args.indexOf('--recipient')
    if (verb === 'close' && recipient >= 0) add(command.args[recipient + 1], 'recipient', 'spl-token close')
  } else if (command.program === 'solana' && verb === 'transfer') add(rest[0], 'recipient', 'solana transfer')
  else if (command.program === 'solana' && /^withdraw-(?:stake|from-vote-account|from-nonce-account)$/.test(verb))
    add(rest[1], 'recipient', `solana ${verb}`)
  else if (command.program === 'solana' && /^(?:stake|vote)-authorize|^authorize-nonce/.test(verb)) {
    for (const [i, option] of command.args.entries())
      if (/^--new-(?:withdraw|stake|vote)\w*-authority$|^--new-authorized/.test(option))
        add(command.args[i + 1], 'owner', `solana ${verb}`)
  } else if (command.program === 'solana' && verb === 'program' && rest.includes('set-upgrade-authority')) {
    const at = command.args.indexOf('--new-upgrade-authority')
    if (at >= 0) add(command.args[at + 1], 'owner', 'set-upgrade-authority')
  } else if (
    command.program === 'bitcoin-cli' ||
    command.program === 'litecoin-cli' ||
    command.program === 'electrum'
  ) {
    readBitcoin(command.program, verb, rest, add)
  } else if (verb === 'tx' && rest[0] === 'bank' && /^(?:send|multi-send)$/.test(rest[1] ?? '')) {
    for (const word of rest.slice(3)) if (BECH32.test(word)) push(word, 'recipient', `${command.program} tx bank send`)
  } else if (command.program === 'forge' && verb === 'script') {
    const at = command.args.findIndex((each) => each === '--sig' || each === '-s')
    if (at >= 0 && /address/.test(command.args[at + 1] ?? ''))
      add(
        command.args.slice(at + 2).find((each) => each.startsWith('0x')),
        'recipient',
        'forge script',
      )
  }
}

/** As chains of Cosmos write accounts. */
const BECH32 = /^[a-z]{2,12}1[02-9ac-hj-np-z]{38,58}$/

/** `sendtoaddress ADDRESS AMOUNT`, `sendmany "" {"ADDRESS": AMOUNT}`, `payto ADDRESS AMOUNT`. */
function readBitcoin(
  program: string,
  verb: string,
  rest: readonly string[],
  add: (value: string | undefined, role: BeneficiaryRole, via: string) => void,
): void {
  if (
    !/^(?:sendtoaddress|sendmany|send|sendall|payto|paytomany|walletcreatefundedpsbt|createrawtransaction)$/.test(verb)
  )
    return
  for (const word of rest)
    for (const [account] of word.matchAll(
      /\b(?:bc1[a-z0-9]{25,60}|ltc1[a-z0-9]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{32,33})\b/g,
    ))
      add(account, 'recipient', `${program} ${verb}`)
}

const UNLIMITED = /\bf{64}\b|0xf{64}|max[_-]?uint|2\s{0,2}\*\*\s{0,2}256|type\(uint256\)\.max|115792089237316195/i
const CALLS_CONTRACT =
  /\bcast\s{1,3}(?:call|send)\b[^\n|;]{0,120}?\s["']?(0x[0-9a-fA-F]{40}|\$\{?\w{1,60}\}?)["']?\s{1,3}(?:\\\s{0,4})?["'](?!approve|transfer|setApproval|safeTransfer)[A-Za-z_]\w{0,60}\(|\b(?:readContract|writeContract|simulateContract)\(\s{0,4}\{\s{0,6}(?:account(?:\s{0,2}:\s{0,2}\w{1,40})?\s{0,2},\s{0,6})?address\s{0,2}:\s{0,2}["']?([\w$.]{1,60})/g

/** Accounts that the skill calls a function of, other than to move or approve tokens. */
function calledContracts(views: readonly View[], named: ReadonlyMap<string, string>): ReadonlyMap<string, number> {
  const called = new Map<string, number>()
  for (const view of views)
    if (view.name === 'code')
      for (const found of view.text.matchAll(CALLS_CONTRACT)) {
        const account = accountOf(found[1] ?? found[2] ?? '', named)
        if (account !== null) called.set(account.toLowerCase(), (called.get(account.toLowerCase()) ?? 0) + 1)
      }
  return called
}

function placeOf({ file, line, view, role }: Place): Place {
  return { file, line, view, role }
}

function excerpt(text: string, offset: number): string {
  return text
    .slice(offset, offset + 200)
    .replace(/\s+/g, ' ')
    .trim()
}
