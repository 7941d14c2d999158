import { accountOf, readArguments } from './readArguments.ts'
import { GAINS, type BeneficiaryRole } from './functions.ts'

/**
 * Functions that no table knows: an account that is written out and handed to a verb of paying, or of giving power, gains by it,
 * whatever the library calls it.
 */

/** Words of a function's name by which value moves. */
const MOVES = new Set(
  'transfer transfers send sends pay pays payout approve permit allow withdraw withdrawal bridge sweep donate tip forward disburse distribute airdrop refund reimburse repay redeem settle stream flow collect skim cashout offramp payment payable remit wire'.split(
    ' ',
  ),
)
/** Of these the first argument is what is moved. */
const MOVES_WHAT = new Set('deposit swap stake borrow mint claim supply zap unwrap wrap exchange'.split(' '))
/** By these somebody is put into a place of power … */
const APPOINTS = new Set(
  'add set change update enable install grant assign register nominate propose accept create authorize authorise delegate approve allow whitelist trust sign upgrade new renounce transfer make'.split(
    ' ',
  ),
)
/** … and these are such places. */
const POWERS = new Set(
  'owner owners admin admins operator operators signer signers authority authorities guardian guardians module modules executor minter manager recipient receiver beneficiary treasury fee fees payout delegate delegates delegation keeper controller controllers session plugin recovery agent spender implementation governor permission permissions role roles policy account subscription allowance consent escrow custodian payee merchant affiliate referrer builder hook paymaster trustee'.split(
    ' ',
  ),
)
const LOOKS =
  /^(?:get|is|has|quote|preview|estimate|on|parse|format|check|watch|fetch|list|load|find|read|simulate|decode|it|test|describe|expect|log|print|assert|verify|console|require|import|compute|calculate|predict|query|show|render|track|subscribe|trace|debug|explain|label|lookup)(?![a-z])/
/** What is moved, and where it stands, rather than who gets it. */
const NOT_PAID =
  /token|mint$|asset|coin|currency|contract|router|pool|factory|vault|market|pair|oracle|registry|program|^from|_from|sender|source|^owner$|payer|^user|^account$|entry_?point|chain|hash|topic|collection|nft|usd[ct]?|weth|dai$|wbtc|lst|abi|^me$|signer$|quoter|multicall|deployed/i
/** Where power is given, an owner or signer is who gets it. */
const NOT_RAISED =
  /token|mint$|asset|coin|currency|contract|router|pool|factory|vault|market|pair|oracle|registry|program|^from|sender|chain|hash|topic|collection|nft|usd[ct]?|weth|dai$|wbtc|abi|^me$|target|entry_?point|^account$|deployed/i

/** A function that is named in a record, its arguments in a list beside it. */
const NAMED_CALL =
  /\b(?:functionName|function_name|method|entrypoint)["']?\s{0,2}:\s{0,2}["'`](\w{3,60})["'`]\s{0,2},\s{0,8}["']?(?:args|params|calldata|arguments)["']?\s{0,2}:\s{0,2}(?=\[)/g
const CALL = /(?<![\w$])([A-Za-z_][\w]{2,60})\s{0,2}\(/g
const DEPTH_MAX = 4
/** Chains that write accounts with 64 digits, or otherwise than most. */
const WIDE = /^(?:@|address:)?(0x[0-9a-fA-F]{64}|0x[0-9a-fA-F]{40})$/

type Add = (offset: number, account: string | null, role: BeneficiaryRole, via: string) => void

/** The words of a name: `setFeeRecipient`, `usd_transfer`. */
export function wordsOfName(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split('_')
    .filter((word) => word !== '')
}

/** What a function gives to an account that it is handed, by its name; `null` when it gives nothing that is known. */
function verbOf(name: string): { readonly role: BeneficiaryRole; readonly from: number } | null {
  if (GAINS[name] !== undefined || (LOOKS.test(name) && !/^get[A-Z]\w*(?:Instruction|Ix)$/.test(name))) return null
  const words = wordsOfName(name)
  const last = words.at(-1) ?? ''
  // An event of a contract, and whoever pays for gas.
  if (/^(?:Transfer|Approval|Payment|Deposit|Withdrawal|Send)$/.test(name) || words.includes('payer')) return null
  // A record with `to` and `value` is read by its fields.
  if (/^(?:transaction|transactions|tx|txs|calls|message|messages|mail|email|event|request|raw|log|file)$/.test(last))
    return null
  if (words.some((word) => POWERS.has(word)) && words.some((word) => APPOINTS.has(word)))
    return { role: /fee|treasury|affiliate|referrer|builder/i.test(name) ? 'fee-taker' : 'owner', from: 0 }
  if (words.some((word) => MOVES.has(word))) return { role: 'recipient', from: 0 }
  if (words.some((word) => MOVES_WHAT.has(word)))
    return { role: 'recipient', from: /^(?:to|for|behalf)$/.test(last) ? 0 : 1 }
  return null
}

/** `abi.encodeCall(ISafe.enableModules, (list))`, `encodeWithSignature("f(address)", a)`: a call that is only written down. */
const ENCODED =
  /\bencode(?:Call|WithSelector|WithSignature)\(\s{0,4}["']?(?:[A-Za-z_]\w{0,60}\.){0,2}([A-Za-z_]\w{2,60})/g

export function readAnyVerb(text: string, named: ReadonlyMap<string, string>, add: Add): void {
  for (const call of text.matchAll(ENCODED)) {
    const name = call[1] ?? ''
    const open = text.indexOf('(', call.index)
    const role = GAINS[name]?.[0]?.role ?? verbOf(name)?.role
    if (role === undefined) continue
    for (const arg of readArguments(text, open).slice(1))
      for (const account of accountsIn(arg, named, role === 'recipient' ? NOT_PAID : NOT_RAISED, 0))
        add(call.index, account, role, name)
  }
  for (const call of text.matchAll(NAMED_CALL)) {
    const name = call[1] ?? ''
    const verb = GAINS[name] === undefined ? verbOf(name) : null
    if (verb === null) continue
    const skipped = verb.role === 'recipient' ? NOT_PAID : NOT_RAISED
    for (const [i, arg] of readArguments(text, call.index + call[0].length).entries())
      if (i >= verb.from)
        for (const account of accountsIn(arg, named, skipped, 0)) add(call.index, account, verb.role, name)
  }
  for (const call of text.matchAll(CALL)) {
    const name = call[1] ?? ''
    const isPaid = /^(?:sendTransaction|NewTransaction|new_transaction)$/.test(name)
    const verb = isPaid ? { role: 'recipient' as const, from: 0 } : verbOf(name)
    if (verb === null) continue
    const before = text.slice(Math.max(0, call.index - 12), call.index)
    if (/\b(?:function|def|fn|func|interface|event|error)\s{1,3}$/.test(before)) continue
    const outer = readArguments(text, call.index + call[0].length - 1)
    // viem hands the arguments over as one list.
    const isList = outer[0]?.startsWith('[') === true && outer.length < 3
    const args = isList ? readArguments(outer[0] ?? '', 0) : outer
    for (const [i, arg] of args.entries()) {
      if (i < verb.from || (isPaid && /^[{[]/.test(arg))) continue
      const skipped = verb.role === 'recipient' ? NOT_PAID : NOT_RAISED
      for (const account of accountsIn(arg, named, skipped, 0)) add(call.index, account, verb.role, name)
    }
  }
}

/** A mail or a message goes to somebody as well. */
const LETTER = /\b(?:subject|html|body|text|from_email|template|attachments)["']?\s{0,2}:/

/** Accounts in an argument, where they do not stand for what is moved: whole, or in its records and lists. */
function accountsIn(arg: string, named: ReadonlyMap<string, string>, skipped: RegExp, depth: number): string[] {
  const field = /^["'`]?([A-Za-z_]\w{0,60})["'`]?\s{0,3}(?::(?!:)|=(?![=>]))\s{0,3}/.exec(arg)
  if (field !== null && skipped.test(field[1] ?? '')) return []
  const value = field === null ? arg.trim() : arg.slice(field[0].length).trim()
  const bare = /([A-Za-z_]\w{0,60})["'`]?\]?$/.exec(value.replace(/\.(?:address|publicKey|toString\(\))$/, ''))?.[1]
  if (bare !== undefined && /^[\w$.["'`\]]{1,80}$/.test(value) && !/^["'`]/.test(value) && skipped.test(bare)) return []
  const whole = accountOf(value, named) ?? WIDE.exec(value.replace(/^["'`]|["'`]$/g, ''))?.[1] ?? null
  if (whole !== null) return [whole]
  const open = /^(?:\w[\w.]{0,40}\s{0,2})?([{[(])/.exec(value)
  if (open === null || depth >= DEPTH_MAX || value.length > 2_000 || LETTER.test(value)) return []
  if (/^(?:new\s{1,2})?\w{0,60}(?:Contract|ERC\d{1,6}|Program)\w{0,60}\(/.test(value)) return []
  return readArguments(value, open[0].length - 1).flatMap((each) => accountsIn(each, named, skipped, depth + 1))
}

/** Wallets of the command line, besides those that are read option by option. */
const WALLETS =
  /^(?:aptos|sui|iota|near|near-cli|starkli|sncast|monero-wallet-cli|lncli|lightning-cli|cardano-cli|tron(?:box|web|-cli)?|stellar|soroban|xrpl|subkey|dfx|icp|dogecoin-cli|zcash-cli|dash-cli|squads|metaboss|sugar|gill|awal|cdp|circle|fireblocks|safe-cli|geth|ethereal|seth|clef|web3|eth|polkadot|avalanche|flow|algokey|goal|tezos-client|octez-client|ton|toncli|kaspa|btcctl|bdk-cli|ldk|phoenix-cli|bark|x402|agentkit|privy|turnkey|para|crossmint|mpcvault|mesh|moonpay|coinbase|kraken|binance|bybit|okx)$|^[a-z]{3,12}d(?:-[\w-]{1,30})?$/
const PAYS =
  /\b(?:transfer|send|pay|payout|withdraw|approve|delegate|authorize|sendpayment|keysend|send-near|send-ft|set-authority|grant|transfer-objects|add-owner|add-full-access|sweep|sendmany|sendtoaddress)\w*\b/i
const TAKES_NO_MONEY =
  /^--?(?:from|token|mint|asset|contract|rpc|rpc-url|url|node|program|package|module|coin|object-id|keypair|gas|owner|account|sender|network|chain-id|denom)\b/
const LITERAL =
  /^(?:@|address:)?(0x[0-9a-fA-F]{64}|0x[0-9a-fA-F]{40}|[a-z]{2,12}1[02-9ac-hj-np-z]{38,58}|[48][1-9A-HJ-NP-Za-km-z]{94}|0[23][0-9a-f]{64}|T[1-9A-HJ-NP-Za-km-z]{33}|[1-9A-HJ-NP-Za-km-z]{43,44}|G[A-Z2-7]{55}|r[1-9A-HJ-NP-Za-km-z]{25,34}|(?!(?:me|my|your|alice|bob|example|user|sender|recipient|receiver|account|you)\b)[a-z\d][\w-]{1,40}\.(?:near|eth|sol))$/

/** Accounts that a wallet of the command line is told to pay or to give power to. */
export function accountsOfWallet(
  program: string,
  args: readonly string[],
  named: ReadonlyMap<string, string>,
): string[] {
  if (!WALLETS.test(program) || !PAYS.test(args.join(' '))) return []
  const verb = args.findIndex((word) => PAYS.test(word))
  return args.flatMap((word, i) => {
    if (i <= verb && args[i - 1]?.startsWith('-') !== true) return []
    if (i > 0 && TAKES_NO_MONEY.test(args[i - 1] ?? '')) return []
    const plain = word.replace(/^[["']{1,4}|["'\]]{1,4}$/g, '').replace(/^--?[\w-]+=/, '')
    const found = LITERAL.exec(plain)?.[1] ?? accountOf(plain, named)
    return found === null || found === undefined ? [] : [found]
  })
}
