import type { View } from '../../View.ts'

/** An account as it is written out: EVM, or base 58 as Solana writes keys. */
export const ACCOUNT = /^(?:0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{32,44}|(?:bc|ltc)1[a-z0-9]{25,60})$/

/** Accounts that every local chain of `anvil` and `hardhat node` opens with; their keys are public. */
const DEVELOPMENT = new Set(
  'f39fd6e51aad88f6f4ce6ab8827279cfffb92266 70997970c51812dc3a010c7d01b50e0d17dc79c8 3c44cdddb6a900fa2b585dd299e03d12fa4293bc 90f79bf6eb2c4f870365e785982e1f101e93b906 15d34aaf54267db7d7c367839aaf71a00a2c6a65 9965507d1a55bcc2695c58ba16fb37d819b0a4dc 976ea74026e726554db657fa54763abd0c3a0aa9 14dc79964da2c08b23698b3d3cc7ca32193d9955 23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f a0ee7a142d267c1f36714e4a8f75612f20a79720'.split(
    ' ',
  ),
)

/** Accounts that stand for any: zeros, burn addresses, repeated or counted digits, development accounts. */
export function isPlaceholder(account: string): boolean {
  const body = account.toLowerCase().replace(/^0x/, '')
  return (
    DEVELOPMENT.has(body) ||
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
  /(?:\b(?:const|let|var|final|address|constant|public|static|readonly|export)\s{1,3})?\b([A-Za-z_]\w{0,60})\b["']?(?:\s{0,3}:\s{0,2}[\w.<>|`${} ]{1,40})?\s{0,3}(?::=|=|:)\s{0,3}(?:(?:new\s{1,2})?\w[\w.]{0,40}\(\s{0,2}){0,2}["'`]?(0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{43,44})(?![0-9a-zA-Z])/g

/** A function that answers with one account: `function admin() … returns (address) { return address(0x…); }`. */
const ANSWERS =
  /\bfunction\s{1,3}([A-Za-z_]\w{0,60})\s{0,3}\(\s{0,3}\)[^{};]{0,120}\{\s{0,20}return\s{1,3}(?:\w[\w.]{0,40}\(\s{0,2}){0,3}["'`]?(0x[0-9a-fA-F]{40})(?![0-9a-zA-Z])/g

/** Names that stand for one account anywhere in the skill: constants, settings, variables of a shell. A name with two stands for none. */
export function namedAccounts(views: readonly View[]): ReadonlyMap<string, string> {
  const named = new Map<string, string>()
  const unclear = new Set<string>()
  for (const view of views) {
    if (view.name !== 'code' && view.name !== 'decoded') continue
    for (const found of [...view.text.matchAll(NAMED), ...view.text.matchAll(ANSWERS)]) {
      const [, name = '', account = ''] = found
      if (named.has(name) && named.get(name)?.toLowerCase() !== account.toLowerCase()) unclear.add(name)
      named.set(name, account)
    }
  }
  for (const name of unclear) named.delete(name)
  return named
}
