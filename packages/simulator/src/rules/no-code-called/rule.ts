import { Address } from '@countersign/base'
import type { CallFrame } from '../../model/Step.ts'
import { finding, framesOf, type Rule } from '../Rule.ts'

/** A call with data goes to an address without code: it succeeds and nothing runs. */
export const rule: Rule = {
  name: 'no-code-called',
  remediation: 'Check the address and the chain: no contract stands there.',
  about:
    'A call with data goes to an address that has no code at that moment: it succeeds, nothing runs, and what was sent with it stays there. Usual on the wrong network.',
  levels:
    'block with value; warn without, and where you named the address; a note where the data are a readable memo to the account that is paid, and for a contact',
  check(context) {
    const { account, request } = context
    const made = new Set<string>()
    const found = new Map<string, { readonly frame: CallFrame; readonly step: number; readonly isInner: boolean }>()
    for (const { frame, step } of framesOf(context)) {
      const { to, type } = frame
      if (to === null) continue
      if (type.startsWith('CREATE')) made.add(to)
      const hasData = frame.selector !== null && (type === 'CALL' || type === 'CALLCODE' || type === 'DELEGATECALL')
      if (!hasData || made.has(to) || isPrecompile(to) || to === request.from) continue
      if (account(to)?.hasCode !== false) continue
      const before = found.get(to)
      if (before === undefined || before.frame.value < frame.value)
        found.set(to, { frame, step: step.step, isInner: frame !== step.calls })
    }
    return [...found].map(([to, { frame, step, isInner }]) => {
      const isMemo = !isInner && isText(request.calls[step - 1]?.data ?? '0x')
      const recipient = to as Address.Address
      const isContact = context.known(recipient)?.kind === 'contact'
      // A person who is paid may get any bytes beside; whose address was typed may still be a contract elsewhere.
      const isSaid = (request.saidRecipients ?? []).includes(recipient)
      const level = isMemo || isContact ? 'info' : frame.value > 0n && !isSaid ? 'block' : 'warn'
      return finding(
        'no-code-called',
        level,
        'There is no contract at this address',
        `${isInner ? `A contract in step ${step}` : `Step ${step}`} calls ${to}, which has no code: nothing runs there${frame.value > 0n ? ', and the value that is sent with the call stays there' : ''}.${isMemo ? ' The data are a text, which such an account ignores.' : ' Check the address and the network.'}`,
        {
          step,
          subject: to as Address.Address,
          evidence: { selector: frame.selector, value: frame.value.toString(), type: frame.type },
        },
      )
    })
  },
}

/** The precompiled contracts of Ethereum (0x01 to 0x11, EIP-2537) and of rollups (0x100, RIP-7212) have no code. */
function isPrecompile(address: string): boolean {
  return BigInt(address) <= 0x1ffn
}

/** Whether bytes are a text that people wrote: printable UTF-8 and nothing else. */
function isText(data: string): boolean {
  const bytes = Buffer.from(data.slice(2), 'hex')
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) && /^[\p{L}\p{N}\p{P}\p{S}\p{Zs}\r\n\t]+$/u.test(text)
}
