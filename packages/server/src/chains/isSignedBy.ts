import { Address, Hex } from '@countersign/base'
import type { ChainReads, StateReads } from '@countersign/simulator'
import {
  decodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  erc6492SignatureValidatorAbi,
  erc6492SignatureValidatorByteCode,
  parseAbi,
  recoverAddress,
} from 'viem'

const ERC1271 = parseAbi(['function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)'])
/** ERC-1271, "Specification": `bytes4(keccak256("isValidSignature(bytes32,bytes)"))`. */
const MAGIC_VALUE = '0x1626ba7e'
/** ERC-6492, "Signer side": what a signature of an account that is not deployed yet ends with. */
const WRAPPED_END = '6492'.repeat(16)

/** What is said to be signed, by whom. */
export interface Signed {
  readonly account: Address.Address
  readonly digest: Hex.Hex
  readonly signature: Hex.Hex
}

/**
 * Whether a signature of a digest is the account's, for sign-in and for documents. A plain account's is verified by
 * recovery alone, with no provider; a call never speaks for an account without code. A contract is asked on the chain at
 * the hash of one block, with the chain's quorum (ERC-1271); one that is not deployed yet must come into being by the
 * signature's own factory call first (ERC-6492).
 *
 * @throws {ChainReadError} of kind `upstream` when the chain does not answer: that is no yes and no no.
 */
export async function isSignedBy(
  chain: Pick<ChainReads, 'head' | 'at'>,
  { account, digest, signature }: Signed,
): Promise<boolean> {
  if (await recovers({ account, digest, signature })) return true
  const state = chain.at(await chain.head())
  const isPlain = (await state.code(account)) === '0x'
  const wrapped = unwrap(signature)
  if (isPlain) return wrapped !== null && isSignedOnceDeployed(state, { account, digest, signature })
  if (await confirms(state, { account, digest, signature: wrapped ?? signature })) return true
  return wrapped !== null && isSignedOnceDeployed(state, { account, digest, signature })
}

/** Whether the account is the one whose key signed. */
async function recovers({ account, digest, signature }: Signed): Promise<boolean> {
  if (Hex.size(signature) !== 65) return false
  try {
    return Address.isEqual(await recoverAddress({ hash: digest, signature }), account)
  } catch {
    // Not a point on the curve; a contract wallet may still know what it is.
    return false
  }
}

/** Whether a deployed contract says that the signature is its own (ERC-1271). */
async function confirms(state: StateReads, { account, digest, signature }: Signed): Promise<boolean> {
  const data = encodeFunctionData({ abi: ERC1271, functionName: 'isValidSignature', args: [digest, signature] })
  const outcome = await state.call({ to: account, data })
  // A revert is a no.
  if (outcome.status === 'failed') return false
  const { data: answer } = outcome
  return Hex.size(answer) === 32 && answer.startsWith(MAGIC_VALUE) && /^0*$/.test(answer.slice(MAGIC_VALUE.length))
}

/** Whether the account, after its factory call, says that the signature is its own (ERC-6492, "Verifier side"). */
async function isSignedOnceDeployed(state: StateReads, { account, digest, signature }: Signed): Promise<boolean> {
  const data = encodeDeployData({
    abi: erc6492SignatureValidatorAbi,
    bytecode: erc6492SignatureValidatorByteCode,
    args: [account, digest, signature],
  })
  const outcome = await state.call({ to: null, data })
  return outcome.status === 'returned' && outcome.data === '0x01'
}

/** The signature inside an ERC-6492 wrapper; null when it is not wrapped. */
function unwrap(signature: Hex.Hex): Hex.Hex | null {
  if (!signature.toLowerCase().endsWith(WRAPPED_END)) return null
  try {
    const [, , inner] = decodeAbiParameters(
      [{ type: 'address' }, { type: 'bytes' }, { type: 'bytes' }],
      `0x${signature.slice(2, -WRAPPED_END.length)}`,
    )
    return inner
  } catch {
    return null
  }
}
