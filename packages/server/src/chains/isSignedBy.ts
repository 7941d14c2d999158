import { Address, Hex } from '@countersign/base'
import type { StateReads } from '@countersign/simulator'
import {
  decodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  erc6492SignatureValidatorAbi,
  erc6492SignatureValidatorByteCode,
  parseAbi,
  recoverAddress,
} from 'viem'
import type { Chain } from './Chain.ts'

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
 * the hash of one block, with the chain's quorum (ERC-1271). One that is not deployed yet must come into being by the
 * signature's own factory call, in the EVM that runs here (ERC-6492): a provider is asked for state, not for the answer.
 *
 * @throws {ChainReadError} of kind `upstream` when the chain does not answer: that is no yes and no no.
 */
export async function isSignedBy(
  chain: Pick<Chain, 'head' | 'at' | 'play'>,
  { account, digest, signature }: Signed,
): Promise<boolean> {
  if (await recovers({ account, digest, signature })) return true
  const state = chain.at(await chain.head())
  const wrapped = unwrap(signature)
  if ((await state.code(account)) !== '0x') {
    const own = { account, digest, signature: wrapped?.signature ?? signature }
    const outcome = await state.call({ to: account, data: question(own) })
    // A revert is a no.
    if (outcome.status === 'returned' && isMagic(outcome.data)) return true
  }
  return wrapped !== null && isSignedOnceMade(chain, state, { account, digest, signature }, wrapped)
}

/** Whether the account is the one whose key signed. */
export async function recovers({ account, digest, signature }: Signed): Promise<boolean> {
  if (Hex.size(signature) !== 65) return false
  try {
    return Address.isEqual(await recoverAddress({ hash: digest, signature }), account)
  } catch {
    // Not a point on the curve; a contract wallet may still know what it is.
    return false
  }
}

/** The question of ERC-1271. */
function question({ digest, signature }: Signed): Hex.Hex {
  return encodeFunctionData({ abi: ERC1271, functionName: 'isValidSignature', args: [digest, signature] })
}

function isMagic(answer: Hex.Hex): boolean {
  return Hex.size(answer) === 32 && answer.startsWith(MAGIC_VALUE) && /^0*$/.test(answer.slice(MAGIC_VALUE.length))
}

/** An account that exists nowhere: it asks. */
const ASKER = Address.parse(`0x${'6492'.repeat(10)}`)

/** Whether the account, after the signature's factory call, says that it is its own (ERC-6492, "Verifier side"). */
async function isSignedOnceMade(
  chain: Pick<Chain, 'play'>,
  state: StateReads,
  signed: Signed,
  { factory, make, signature }: Wrapped,
): Promise<boolean> {
  const { account, digest } = signed
  const asked = { to: account, data: question({ account, digest, signature }) }
  const played = await chain.play({ from: ASKER, calls: [{ to: factory, data: make }, asked] })
  if (played !== null) {
    const answer = played.at(1)
    return answer?.success === true && isMagic(answer.data)
  }
  // No EVM here models the chain, so its own node makes the account and asks it.
  const data = encodeDeployData({
    abi: erc6492SignatureValidatorAbi,
    bytecode: erc6492SignatureValidatorByteCode,
    args: [account, digest, signed.signature],
  })
  const outcome = await state.call({ to: null, data })
  return outcome.status === 'returned' && outcome.data === '0x01'
}

/** What ERC-6492 wraps: how the account is made, and what it is to confirm. */
interface Wrapped {
  readonly factory: Address.Address
  readonly make: Hex.Hex
  readonly signature: Hex.Hex
}

/** Null when it is not wrapped. */
function unwrap(signature: Hex.Hex): Wrapped | null {
  if (!signature.toLowerCase().endsWith(WRAPPED_END)) return null
  try {
    const [factory, make, inner] = decodeAbiParameters(
      [{ type: 'address' }, { type: 'bytes' }, { type: 'bytes' }],
      `0x${signature.slice(2, -WRAPPED_END.length)}`,
    )
    return { factory: Address.parse(factory), make, signature: inner }
  } catch {
    return null
  }
}
