import { SIGNING } from '../../capabilities.ts'
import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

const SENDS = /^(?:send|publish|transfer|deploy|swap|tx|call --send)\b|--broadcast|\bexecute\b/

export const rule: Rule = {
  name: 'no-simulation',
  check: 'intent',
  ast: 'AST01',
  item: null,
  about: 'A transaction can be signed or sent, and nothing says that it is simulated or shown first.',
  severity: 'low',
  because: 'What is signed unseen is signed for whoever wrote the transaction.',
  remediation: 'Simulate, show the effects, and ask the owner, before every signature.',
  *find(material) {
    const signing =
      material.facts.command.find(
        (command) =>
          command.role === 'instruction' && SIGNING.test(command.program) && SENDS.test(command.args.join(' ')),
      ) ??
      material.facts.call.find(
        (call) =>
          call.role === 'instruction' &&
          /(?:sendTransaction|sendRawTransaction|send_raw_transaction|writeContract|signTransaction|sign_transaction)$/.test(
            call.callee,
          ),
      )
    if (signing === undefined) return
    const isShown = material.views.some((view) =>
      /\bsimulat\w+|\bdry[- ]?run|\bpreview|eth_call|estimateGas|\bconfirm(?:s|ation|ed)?\b|\bapprov(?:al|e) (?:from|by) the (?:user|owner)|ask (?:the )?(?:user|owner)|--dry/i.test(
        view.text,
      ),
    )
    if (!isShown)
      yield at(signing, signing.kind === 'command' ? signing.text : `${signing.callee}(${signing.text})`, {
        severity: 'medium',
      })
  },
}
