/**
 * What the bytes of a step say, decoded in this browser: nothing here comes from the server's description of them. Only
 * calls whose whole encoding is understood are named; everything else is shown as bytes.
 */
import type { Proposal, ProposalCall, ReportCallFrame } from '@countersign/sdk'
import type { Catalogue } from '../text/en.ts'
import { t } from '../text/text.ts'

type Kind = 'address' | 'amount' | 'time' | 'flag' | 'path' | 'number'
type Role = 'recipient' | 'spender' | 'minimum' | 'amount' | 'deadline' | 'source' | 'token'

/** What an argument is, in every language. */
type Label = keyof Catalogue['bytes']['fields']

interface Parameter {
  readonly label: Label
  readonly kind: Kind
  readonly role?: Role
}

interface Shape {
  readonly name: string
  readonly parameters: readonly Parameter[]
}

/** One argument in words. Amounts are whole numbers of the smallest unit. */
export interface Field {
  readonly label: string
  readonly value: string
}

export interface Decoded {
  readonly step: number
  /** The contract or account that is called. */
  readonly to: string | null
  /** The function; null for a plain payment and for bytes that are not understood. */
  readonly name: string | null
  readonly isPayment: boolean
  readonly fields: readonly Field[]
  /** Who receives, by these bytes: of a payment, a token transfer or a trade. */
  readonly recipient: string | null
  readonly spender: string | null
  /** The least of `takes` that a trade accepts; null where the bytes name none. */
  readonly minimum: string | null
  /** Token that a trade gives back: an address, or null for the coin; undefined where it is no trade. */
  readonly takes: string | null | undefined
  /** Until when the bytes work, in seconds since 1970. */
  readonly deadlineS: bigint | null
}

const p = (label: Label, kind: Kind, role?: Role): Parameter => ({
  label,
  kind,
  ...(role === undefined ? {} : { role }),
})
const TO = p('to', 'address', 'recipient')
const SPENDER = p('spender', 'address', 'spender')
const AMOUNT = p('amount', 'amount', 'amount')
const LEAST = p('atLeast', 'amount', 'minimum')
const PATH = p('through', 'path', 'token')
const DEADLINE = p('until', 'time', 'deadline')

/** By selector: the first four bytes of the Keccak-256 digest of the signature. */
const SHAPES: Readonly<Record<string, Shape>> = {
  a9059cbb: { name: 'transfer', parameters: [TO, AMOUNT] },
  '23b872dd': { name: 'transferFrom', parameters: [p('from', 'address', 'source'), TO, AMOUNT] },
  '42842e0e': { name: 'safeTransferFrom', parameters: [p('from', 'address', 'source'), TO, p('tokenId', 'number')] },
  '095ea7b3': { name: 'approve', parameters: [SPENDER, AMOUNT] },
  '39509351': { name: 'increaseAllowance', parameters: [SPENDER, AMOUNT] },
  a22cb465: { name: 'setApprovalForAll', parameters: [SPENDER, p('allowed', 'flag')] },
  '87517c45': { name: 'approve', parameters: [p('token', 'address'), SPENDER, AMOUNT, p('until', 'time')] },
  '7ff36ab5': { name: 'swapExactETHForTokens', parameters: [LEAST, PATH, TO, DEADLINE] },
  '38ed1739': { name: 'swapExactTokensForTokens', parameters: [AMOUNT, LEAST, PATH, TO, DEADLINE] },
  '18cbafe5': { name: 'swapExactTokensForETH', parameters: [AMOUNT, LEAST, PATH, TO, DEADLINE] },
  d0e30db0: { name: 'deposit', parameters: [] },
  '2e1a7d4d': { name: 'withdraw', parameters: [AMOUNT] },
}
/** Trades that give back the coin, not the last token of their path. */
const GIVES_COIN = new Set(['swapExactTokensForETH'])

/** Reads the bytes of one step. Text and documents that are signed are not calls, and are left alone. */
export function decode(call: Pick<ProposalCall, 'step' | 'to' | 'value' | 'data'>): Decoded {
  const none = { step: call.step, to: call.to, recipient: null, spender: null, minimum: null, deadlineS: null }
  const data = call.data.slice(2).toLowerCase()
  if (data === '') {
    const fields = [
      { label: t().bytes.fields.to, value: call.to ?? t().bytes.newContract },
      { label: t().bytes.fields.amount, value: call.value },
    ]
    return { ...none, name: null, isPayment: true, fields, recipient: call.to, takes: undefined }
  }
  const shape = SHAPES[data.slice(0, 8)]
  const values = shape === undefined ? null : valuesOf(data.slice(8), shape)
  if (shape === undefined || values === null) {
    return { ...none, name: null, isPayment: false, fields: [], takes: undefined }
  }
  const of = (role: Role): string | null => {
    const at = shape.parameters.findIndex((each) => each.role === role)
    return at < 0 ? null : (values[at] ?? null)
  }
  const path = of('token')
  const deadline = of('deadline')
  return {
    ...none,
    name: shape.name,
    isPayment: false,
    fields: shape.parameters.map(({ label, kind }, i) => ({
      label: t().bytes.fields[label],
      value: textOf(values[i] ?? '', kind),
    })),
    recipient: of('recipient'),
    spender: of('spender'),
    minimum: of('minimum'),
    takes: path === null ? undefined : GIVES_COIN.has(shape.name) ? null : (path.split(' ').at(-1) ?? null),
    deadlineS: deadline === null ? null : BigInt(deadline),
  }
}

/** The arguments as text; null where the bytes are not the one canonical encoding of them. */
function valuesOf(args: string, { parameters }: Shape): readonly string[] | null {
  const words = args.match(/.{64}/g) ?? []
  if (words.length * 64 !== args.length || words.length < parameters.length) return null
  const values: string[] = []
  let end = parameters.length
  for (const [i, { kind }] of parameters.entries()) {
    const word = words[i] ?? ''
    if (kind === 'path') {
      if (BigInt(`0x${word}`) !== BigInt(parameters.length * 32)) return null
      const count = Number(BigInt(`0x${words[parameters.length] ?? '0'}`) & 0xffffn)
      const hops = words.slice(parameters.length + 1, parameters.length + 1 + count)
      if (hops.length !== count || hops.some((hop) => !isAddress(hop))) return null
      end = parameters.length + 1 + count
      values.push(hops.map((hop) => `0x${hop.slice(24)}`).join(' '))
    } else if (kind === 'address') {
      if (!isAddress(word)) return null
      values.push(`0x${word.slice(24)}`)
    } else values.push(BigInt(`0x${word}`).toString())
  }
  return words.length === end ? values : null
}

const isAddress = (word: string): boolean => word.startsWith('0'.repeat(24))

function textOf(value: string, kind: Kind): string {
  if (kind === 'flag') return value === '0' ? t().bytes.no : t().bytes.yes
  if (kind === 'amount' && BigInt(value) >= 2n ** 159n) return t().bytes.unlimited
  if (kind === 'time') return t().age.utc(new Date(Math.min(Number(value), 8.64e12) * 1000).toISOString().slice(0, 16))
  return value
}

/**
 * Where what the card says and what the bytes say differ. Any entry blocks: the card would be about something else.
 *
 * @param digest - Recomputed in this browser from chain, sender and bytes.
 */
export function mismatches(proposal: Proposal, digest: string): readonly string[] {
  const found: string[] = []
  if (digest !== proposal.digest) found.push(t().bytes.notThisCard)
  const { report } = proposal
  if (report === null) return found
  if (report.chain_id !== proposal.chain_id || !same(report.from, proposal.from)) found.push(t().bytes.otherAccount)
  if (report.signature !== null || proposal.kind === 'signature') return found
  if (report.steps.length !== proposal.calls.length && proposal.calls.every(({ status }) => status === 'waiting'))
    found.push(t().bytes.otherSteps(report.steps.length, proposal.calls.length))
  const bytes = proposal.calls.map(({ to, data }) => `${to ?? ''} ${data}`.toLowerCase()).join(' ')
  for (const address of proposal.summary.match(/0x[0-9a-fA-F]{40}\b/g) ?? []) {
    if (!same(address, proposal.from) && !bytes.includes(address.slice(2).toLowerCase()))
      found.push(t().bytes.otherTitle(address))
  }
  return [...found, ...unseenRecipient(proposal), ...otherCalls(proposal)]
}

/** Steps of the simulation whose outermost call is not the call of the bytes: target, amount of coin, function or argument. */
function otherCalls({ calls, report }: Proposal): readonly string[] {
  const steps = report?.steps ?? []
  const left = calls.filter(({ status }) => status === 'waiting')
  const simulated = [calls, left].find(({ length }) => length === steps.length) ?? []
  return simulated.flatMap((call, i) => {
    const frame = steps[i]?.calls ?? null
    return frame !== null && isOther(call, frame) ? [t().bytes.otherCall(call.step)] : []
  })
}

function isOther(call: ProposalCall, { to, value, selector, args }: ReportCallFrame): boolean {
  // What a deployment is called at is known by its simulation only.
  if (call.to !== null && (to === null || !same(to, call.to))) return true
  if (value !== call.value) return true
  const data = call.data.slice(2).toLowerCase()
  // A plain payment has no selector: bytes that call a function are another call, and the other way round.
  if ((selector ?? '0x').slice(2).toLowerCase() !== (data.length < 8 ? '' : data.slice(0, 8))) return true
  const shape = SHAPES[data.slice(0, 8)]
  const values = shape === undefined ? null : valuesOf(data.slice(8), shape)
  if (values === null || args === null) return false
  return values.join(' ').toLowerCase() !== args.map(argumentText).join(' ').toLowerCase()
}

/** An argument of the simulation, spelled as `valuesOf` does. */
function argumentText(argument: unknown): string {
  if (typeof argument === 'boolean') return argument ? '1' : '0'
  return Array.isArray(argument) ? argument.map(argumentText).join(' ') : String(argument)
}

/** One plain payment that succeeds, whose recipient gains nothing in the simulation: it is of other bytes. */
function unseenRecipient({ calls, report, from }: Proposal): readonly string[] {
  const [call] = calls
  if (report === null || call === undefined || calls.length !== 1 || report.steps[0]?.status !== 'success') return []
  const { isPayment, name, recipient } = decode(call)
  if (recipient === null || same(recipient, from) || !(isPayment || name === 'transfer')) return []
  const leaves = report.token_changes.some(({ account, delta }) => same(account, from) && delta.startsWith('-'))
  const isSeen = report.token_changes.some(({ account }) => same(account, recipient))
  return leaves && !isSeen ? [t().bytes.otherRecipient(recipient)] : []
}

export function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
