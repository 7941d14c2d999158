import { SIGNING } from '../../capabilities.ts'
import type { Declared } from '../../Capability.ts'
import type { Match, Rule } from '../../Rule.ts'
import { at, isTurned, phrases } from '../ask.ts'

const MAX =
  /\bf{64}\b|0xf{64}|2\s{0,2}\*\*\s{0,2}256|2n\s{0,2}\*\*\s{0,2}256n|max[_]?uint(?:256)?|MaxUint256|MAX_UINT|type\(uint256\)\.max|constants\.MaxUint|maxUint(?:160|256)|115792089237316195423570985008687907853269984665640564039457584007913129639935/i
const PROSE =
  /\b(?:approve|grant|set|request|sign)\b[^.\n]{0,40}\b(?:unlimited|infinite|maximum|max)\b[^.\n]{0,20}\b(?:allowance|approval|spending|amount)\b/g

/** A spender that is written into the skill and not declared is worse: the skill chose who may take. */
function spender(text: string, declared: Declared['contracts']): Partial<Match> {
  const address = /0x[0-9a-fA-F]{40}(?![0-9a-fA-F])/.exec(text)?.[0].toLowerCase()
  return declared !== null && address !== undefined && !declared.includes(address)
    ? { severity: 'high', because: `The spender ${address} is written into the skill and not declared.` }
    : {}
}

export const rule: Rule = {
  name: 'unlimited-approval',
  check: 'behavior',
  ast: 'AST01',
  item: null,
  about:
    'The skill approves a spender without limit: `approve(max)`, `setApprovalForAll`, an unlimited permit, or a delegation of the whole account.',
  severity: 'medium',
  because: 'The spender can take everything, now and later, without asking again.',
  remediation: 'Approve the amount of the trade, with an end; revoke what is not used.',
  *find(material) {
    const declared = material.declared.contracts
    for (const command of material.facts.command) {
      const line = command.args.join(' ')
      if (!SIGNING.test(command.program)) continue
      if (
        /--auth\s{1,3}0x(?!0{40}\b)[0-9a-fA-F]{40}\b/.test(line) &&
        declared?.includes(/--auth\s{1,3}(0x\w{40})/.exec(line)?.[1]?.toLowerCase() ?? '') !== true
      )
        yield at(command, command.text, {
          severity: 'high',
          because: 'The whole account is delegated to code at an address that is written into the skill.',
        })
      if (!/\bapprove|setApprovalForAll|increaseAllowance|permit\b|approve\(address,uint256\)/.test(line)) continue
      if (MAX.test(line) || /setApprovalForAll.{0,80}\btrue\b/.test(line))
        yield at(command, command.text, spender(line, declared))
    }
    for (const call of material.facts.call) {
      const text = `${call.callee}(${call.text})`
      if (
        !/approve|setApprovalForAll|increaseAllowance|permit|writeContract|encodeFunctionData|authorize|signAuthorization/i.test(
          text,
        )
      )
        continue
      const isMax = MAX.test(call.text) && /approve|permit|allowance/i.test(text)
      const isAll = /setApprovalForAll/.test(text) && /\btrue\b/.test(call.text)
      const isDelegation = /signAuthorization|set_code|7702/i.test(text) && /0x[0-9a-fA-F]{40}/.test(call.text)
      if (isMax || isAll || isDelegation) yield at(call, text, spender(call.text, declared))
    }
    for (const phrase of phrases(material, PROSE)) if (!isTurned(phrase)) yield at(phrase, phrase.sentence)
    for (const value of material.facts['chain-value']) {
      // approve(address,uint256) and setApprovalForAll(address,bool) written out as calldata.
      if (
        value.what === 'calldata' &&
        (/^0x095ea7b3[0-9a-f]{64}f{64}$/.test(value.value) || /^0xa22cb465[0-9a-f]{64}0{63}1$/.test(value.value))
      )
        yield at(value, value.text, { severity: 'high' })
    }
  },
}
