import { Address } from '@countersign/base'
import { toFunctionSelector } from 'viem'
import { finding, framesOf, isVouchedFor, nameOf, type Rule, type RuleContext } from '../Rule.ts'

/** Calls that move something or give a power, and which argument gains by it. */
const GAINING = (
  [
    ['transfer(address,uint256)', 0],
    ['transferFrom(address,address,uint256)', 1],
    ['safeTransferFrom(address,address,uint256)', 1],
    ['safeTransferFrom(address,address,uint256,bytes)', 1],
    ['safeTransferFrom(address,address,uint256,uint256,bytes)', 1],
    ['approve(address,uint256)', 0],
    ['increaseAllowance(address,uint256)', 0],
    ['setApprovalForAll(address,bool)', 0],
    ['transferOwnership(address)', 0],
    ['grantRole(bytes32,address)', 1],
    ['upgradeTo(address)', 0],
    ['upgradeToAndCall(address,bytes)', 0],
    ['enableModule(address)', 0],
    ['addOwnerWithThreshold(address,uint256)', 0],
  ] as const
).map(([signature, at]) => ({
  name: signature.slice(0, signature.indexOf('(')),
  selector: toFunctionSelector(`function ${signature}`).slice(2),
  at,
}))
const WORD_DIGITS = 64
/** Behind the 0x and the selector of the call itself. */
const ARGUMENTS_AT = 10
/** The most of one step that are reported. */
const MAX_TOLD = 4

interface Deferred {
  readonly name: string
  readonly selector: string
  readonly subject: Address.Address
}

/**
 * A call stands in the arguments of another one and is not made now: it is scheduled, queued, sent to another chain or written
 * into an order. What it does later is what the user agrees to now.
 */
export const rule: Rule = {
  name: 'deferred-call',
  remediation: 'Read what is to be done later as if it were done now.',
  about:
    'A payment or a grant to somebody unverified stands in the arguments of a call and is not made in this transaction: it is scheduled, queued or sent on, and takes effect later.',
  levels: 'warn if an agent proposed it; otherwise a note',
  check(context) {
    const done = new Set(
      [...framesOf(context)].flatMap(({ frame: { selector, args } }) =>
        (args ?? []).map((argument) => `${selector?.slice(2) ?? ''}|${String(argument).toLowerCase()}`),
      ),
    )
    return context.request.calls.flatMap((call, i) => {
      const open = deferredIn(call.data).filter(
        ({ selector, subject }) => !done.has(`${selector}|${subject.toLowerCase()}`) && !isOurs(context, subject),
      )
      const once = new Map(open.map((each) => [`${each.selector}|${each.subject}`, each]))
      return [...once.values()].slice(0, MAX_TOLD).map(({ name, subject }) =>
        finding(
          'deferred-call',
          // Whoever named the account said nothing of a call for later.
          context.request.isAgentProposed === true ? 'warn' : 'info',
          'Something is to happen later',
          `Step ${i + 1} hands ${call.to === null ? 'a new contract' : nameOf(context, call.to)} a call of ${name} for ${subject}, which is unverified. It is not made now; it may be made later, without asking you again.`,
          { step: i + 1, subject, evidence: { function: name } },
        ),
      )
    })
  },
}

const isOurs = (context: RuleContext, subject: Address.Address): boolean =>
  context.mine.has(subject) ||
  isVouchedFor(context, subject) ||
  context.isMeantRecipient(subject) ||
  context.known(subject) !== undefined

/** Calls within call data, at any byte: arguments are padded to words, and calls within them begin anywhere. */
function deferredIn(data: string): readonly Deferred[] {
  const text = data.toLowerCase()
  return GAINING.flatMap(({ name, selector, at }) => {
    const found: Deferred[] = []
    for (let i = text.indexOf(selector, ARGUMENTS_AT); i >= 0; i = text.indexOf(selector, i + 2)) {
      const start = i + selector.length + at * WORD_DIGITS
      const word = text.slice(start, start + WORD_DIGITS)
      // At a whole byte, and an address with nothing in front of it.
      if (i % 2 === 0 && /^0{24}(?!0{16})[0-9a-f]{40}$/.test(word))
        found.push({ name, selector, subject: Address.fromWord(word) })
    }
    return found
  })
}
