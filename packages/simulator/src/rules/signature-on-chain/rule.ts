import { toFunctionSelector } from 'viem'
import type { CallFrame } from '../../model/Step.ts'
import { finding, framesOf, nameOf, type Rule, type RuleContext } from '../Rule.ts'

/**
 * Calls by which an account says on chain that it has signed something: Safe (`approveHash`, `signMessage` of its
 * library), CoW Protocol, 0x 3, Seaport 1.x. The hash says no more than a bare hash that is to be signed.
 */
const SIGNING = new Map(
  [
    'function approveHash(bytes32 hash)',
    'function signMessage(bytes data)',
    'function setPreSignature(bytes orderUid, bool signed)',
    'function preSign(bytes32 hash, address signerAddress, bytes signature)',
    'function preSign(bytes32 hash)',
  ].map((signature) => [toFunctionSelector(signature), signature.slice(9, signature.indexOf('('))]),
)
const VALIDATE = toFunctionSelector(
  'function validate(((address,address,(uint8,address,uint256,uint256,uint256)[],(uint8,address,uint256,uint256,uint256,address)[],uint8,uint256,uint256,bytes32,uint256,bytes32,uint256),bytes)[])',
)
const EXECUTE = toFunctionSelector(
  'function execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)',
)

/** A signature that is given by a call: judged as the bare hash that it is. */
export const rule: Rule = {
  name: 'signature-on-chain',
  remediation: 'Do not sign it unless you expect exactly this document to become valid.',
  about:
    'A call records on chain that you, or an account of yours, signed a hash or an order (approveHash, setPreSignature, preSign, signMessage, validate), as a bare hash to be signed would.',
  levels: 'block; warn for an order that is shown in full, and for a Safe that runs a transaction in the same batch',
  check(context) {
    const frames = [...framesOf(context)]
    const runs = new Set(frames.filter(({ frame }) => frame.selector === EXECUTE).map(({ frame }) => frame.to))
    return frames.flatMap(({ frame, step }) => {
      const name = frame.selector === VALIDATE ? 'validate' : SIGNING.get(frame.selector ?? '0x')
      if (name === undefined || frame.to === null || frame.type === 'STATICCALL') return []
      // A proxy passes every call on; only the library of Safe's signs by being run as the account's own code.
      if (frame.type === 'DELEGATECALL' && name !== 'signMessage') return []
      if (!isOfUser(context, frame, step.calls) || isTakenBack(frame)) return []
      const isShown = name === 'validate' || (name === 'approveHash' && runs.has(frame.to))
      return [
        finding(
          'signature-on-chain',
          isShown ? 'warn' : 'block',
          'A signature given on chain',
          isShown
            ? `${nameOf(context, frame.to)} would count ${name} as the signature of ${frame.from}. Whoever finds it there can use it.`
            : `${nameOf(context, frame.to)} would count ${name} as the signature of ${frame.from} under a bare hash, which may stand for any transaction or order. Ask for the document it was made from.`,
          { step: step.step, subject: frame.to, evidence: { function: name } },
        ),
      ]
    })
  },
}

/** Made by the user, or by an account that the user's own transaction calls first: a Safe, a smart account. */
function isOfUser({ request }: RuleContext, frame: CallFrame, root: CallFrame | null): boolean {
  return frame.from === request.from || (root !== null && frame.from === root.to)
}

/** `setPreSignature(uid, false)` ends one. */
function isTakenBack({ args }: CallFrame): boolean {
  return args?.length === 2 && args[1] === false
}
