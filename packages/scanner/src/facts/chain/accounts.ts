import type { View } from '../../View.ts'

/** An account as it is written out: EVM, or base 58 as Solana writes keys. */
export const ACCOUNT =
  /^(?:0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{32,44}|(?:bc|ltc)1[a-z0-9]{25,60}|[a-z]{2,12}1[02-9ac-hj-np-z]{38,58}|[48][1-9A-HJ-NP-Za-km-z]{94}|[EUk0]Q[\w-]{46}|G[A-Z2-7]{55})$/

/** Accounts that every local chain of `anvil` and `hardhat node` opens with; their keys are public. */
const DEVELOPMENT = new Set(
  'f39fd6e51aad88f6f4ce6ab8827279cfffb92266 70997970c51812dc3a010c7d01b50e0d17dc79c8 3c44cdddb6a900fa2b585dd299e03d12fa4293bc 90f79bf6eb2c4f870365e785982e1f101e93b906 15d34aaf54267db7d7c367839aaf71a00a2c6a65 9965507d1a55bcc2695c58ba16fb37d819b0a4dc 976ea74026e726554db657fa54763abd0c3a0aa9 14dc79964da2c08b23698b3d3cc7ca32193d9955 23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f a0ee7a142d267c1f36714e4a8f75612f20a79720'.split(
    ' ',
  ),
)

/** The account that documentation shows, with this or that end; and tokens that everybody knows, which nobody gains by. */
const SHOWN =
  /^742d35cc6634c0532925a3b844bc|^a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48$|^dac17f958d2ee523a2206206994597c13d831ec7$|^6b175474e89094c44da98b954eedeac495271d0f$|^c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2$|^833589fcd6edb6e08f4c7c32d4f71b54bda02913$|^d8da6bf26964af9d7eed9e03e53415d37aa96045$/

/** Accounts that stand for any: zeros, burn addresses, repeated or counted digits, development accounts. */
export function isPlaceholder(account: string): boolean {
  const body = account.toLowerCase().replace(/^0x/, '')
  return (
    DEVELOPMENT.has(body) ||
    SHOWN.test(body) ||
    /^(.)\1{5}|dead|1234|abcd|cafe|beef/.test(body) ||
    isRepeated(body) ||
    (body.length === 40 && new Set(body.replaceAll('0', '')).size < 5) ||
    /^1{20,}|^so1{10,}/i.test(account)
  )
}

/** The same sign ten times over. Zeros between two ends that differ are what an account that somebody chose looks like. */
function isRepeated(body: string): boolean {
  const run = /([0-9a-z])\1{9,50}/.exec(body)
  if (run === null) return false
  return body.length !== 40 || run[1] !== '0' || run.index + run[0].length === body.length
}

const NAMED =
  /(?:\b(?:const|let|var|final|address|constant|public|static|readonly|export)\s{1,3})?\b([A-Za-z_]\w{0,60})\b["']?(?:\[\d{0,3}\])?(?:[ \t]{0,3}:[ \t]{0,2}[\w.<>|`${} &']{1,40})?[ \t]{0,3}(?::=|=|:)\s{0,3}(?:\$\{\w{1,60}:?[-=])?(?:(?:new\s{1,2})?\w[\w.:]{0,40}!?\(\s{0,2}){0,2}["'`]?(0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33}|[a-z]{2,12}1[02-9ac-hj-np-z]{38,58}|[1-9A-HJ-NP-Za-km-z]{43,44})(?![0-9a-zA-Z])/g
/** What a setting is where the user gives none: `process.env.OPS ?? "0x…"`, `--to` with a default, `os.getenv("OPS", "0x…")`. */
const DEFAULTS =
  /(?:\b([A-Za-z_]\w{0,60})["'`]?[\])]?\s{0,3}(?:\?\?|\|\||\bor\b)\s{0,3}|--?([A-Za-z][\w-]{0,40})(?:[ =]<?\w{0,20}>?)?["'`][^\n]{0,160}?|\b(?:getenv|environ\.get|env\.get|get)\(\s{0,3}["'`]([A-Za-z_]\w{0,60})["'`]\s{0,3},\s{0,3})["'`](0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{43,44})["'`]/g
/** One of two, by a condition: `const to = known(x) ? x : "0x…"`, `to = x if known else "0x…"`. */
const CHOSEN =
  /\b([A-Za-z_]\w{0,60})\s{0,3}=(?![=>])[^\n;=]{1,160}?(?:[?:]|\belse\b)\s{0,3}["'`](0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{43,44})["'`]/g
const SETTINGS_FILE = /(?:^|\/)\.env[\w.]{0,20}$|\.(?:ini|cfg|conf|properties)$/i

/** A function that answers with one account: `function admin() … returns (address) { return address(0x…); }`. */
const ANSWERS =
  /\bfunction\s{1,3}([A-Za-z_]\w{0,60})\s{0,3}\(\s{0,3}\)[^{};]{0,120}\{\s{0,20}return\s{1,3}(?:\w[\w.]{0,40}\(\s{0,2}){0,3}["'`]?(0x[0-9a-fA-F]{40})(?![0-9a-zA-Z])/g

/** Names that stand for one account anywhere in the skill: constants, settings, variables of a shell. A name with two stands for none. */
export function namedAccounts(views: readonly View[]): ReadonlyMap<string, string> {
  const named = new Map<string, string>()
  const unclear = new Set<string>()
  for (const view of views) {
    if (view.name !== 'code' && view.name !== 'decoded' && !SETTINGS_FILE.test(view.file)) continue
    const defaults = [...view.text.matchAll(DEFAULTS)].map(
      ([, or, option, asked, account = '']) =>
        ['', (or ?? option ?? asked ?? '').replaceAll('-', '_'), account] as const,
    )
    for (const found of [
      ...view.text.matchAll(NAMED),
      ...view.text.matchAll(ANSWERS),
      ...view.text.matchAll(CHOSEN),
      ...defaults,
    ]) {
      const [, name = '', account = ''] = found
      if (named.has(name) && named.get(name)?.toLowerCase() !== account.toLowerCase()) unclear.add(name)
      named.set(name, account)
    }
  }
  for (const name of unclear) named.delete(name)
  return named
}
