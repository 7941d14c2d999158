import { Address, BaseError, Clock, Hex } from '@countersign/base'
import { encodeFunctionData, parseAbi, recoverAddress } from 'viem'
import type { Chain } from '../chains/Chain.ts'
import * as Document from './Document.ts'
import type { Gate } from './Gate.ts'
import { isSignable, TransitionError, type Proposal } from './Proposal.ts'
import { loadProposal, moveProposal } from './rows.ts'
import { chainOf } from './stageProposal.ts'

/**
 * Takes the owner's signature of a document. It is believed only when it is a signature of exactly the committed
 * document by the proposal's own account: recovered from the digest or, for a contract wallet, confirmed by it on chain
 * (ERC-1271). A signature that is not is refused and changes nothing. The same signature again changes nothing either.
 *
 * @throws {SignatureMismatchError} `proposals:signature:mismatch`.
 * @throws {TransitionError} when the proposal is not signable.
 */
export async function submitSignature(
  gate: Gate,
  { id, sid, signature }: { id: string; sid: string; signature: Hex.Hex },
): Promise<Proposal> {
  const proposal = await loadProposal(gate.store.read, { id, sid })
  if (proposal.settlement?.signature === signature) return proposal
  const nowMs = gate.clock.nowMs()
  if (!isSignable(proposal, nowMs)) throw new TransitionError(proposal.state, 'submitted')
  const read = Document.signatureOf(proposal, { nowMs, known: [] })
  if (read === null) throw new SignatureMismatchError('the proposal holds transactions, not a document')
  const chain = chainOf(gate, proposal.chainId)
  if (!(await isSignedBy(chain, { account: proposal.from, digest: read.digest, signature })))
    throw new SignatureMismatchError(`it is not ${proposal.from}'s signature of this document`)

  return gate.store.write(async (write) => {
    const now = await loadProposal(write.db, { id, sid })
    if (!isSignable(now, gate.clock.nowMs())) throw new TransitionError(now.state, 'submitted')
    await write.db
      .updateTable('proposal_calls')
      .set({ status: 'confirmed', submitted_ms: gate.clock.nowMs() })
      .where('proposal_id', '=', id)
      .where('status', '=', 'waiting')
      .execute()
    await moveProposal(gate, write, { id, sid, target: 'submitted', only: ['pending'], facts: { signed: read.digest } })
    return moveProposal(gate, write, {
      id,
      sid,
      target: 'settled',
      set: {
        settlement: JSON.stringify({
          verified_at: Clock.iso(gate.clock.nowMs()),
          block_number: null,
          differences: [],
          signature,
        }),
      },
      // The signature itself is a power: the record names only what was signed.
      facts: { signed: read.digest },
    })
  })
}

const ERC1271 = parseAbi(['function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)'])
/** ERC-1271, "Specification": `bytes4(keccak256("isValidSignature(bytes32,bytes)"))`. */
const MAGIC = '0x1626ba7e'

async function isSignedBy(
  chain: Chain,
  { account, digest, signature }: { account: Address.Address; digest: Hex.Hex; signature: Hex.Hex },
): Promise<boolean> {
  if (Hex.size(signature) === 65) {
    try {
      if (Address.isEqual(await recoverAddress({ hash: digest, signature }), account)) return true
    } catch {
      // No point of the curve; a contract wallet may still know what to do with it.
    }
  }
  if ((await chain.rpc<Hex.Hex>('eth_getCode', [account, 'latest'])) === '0x') return false
  const data = encodeFunctionData({ abi: ERC1271, functionName: 'isValidSignature', args: [digest, signature] })
  try {
    const answer = await chain.rpc<Hex.Hex>('eth_call', [{ to: account, data }, 'latest'])
    return answer.length === 66 && answer.startsWith(MAGIC) && /^0*$/.test(answer.slice(10))
  } catch (error) {
    // A revert is a no; a provider that does not answer is no answer.
    if (error instanceof BaseError && error.code === 'chains:rpc:unreachable') throw error
    return false
  }
}

export class SignatureMismatchError extends BaseError {
  override readonly name = 'proposals.SignatureMismatchError'
  constructor(reason: string) {
    super(`This signature is not taken: ${reason}.`, {
      code: 'proposals:signature:mismatch',
      kind: 'conflict',
      hint: 'Sign the document of the card with the account it names.',
    })
  }
}
