import { BaseError, Digest, type Hex } from '@countersign/base'
import { verifyMerkleProof } from '@ethereumjs/mpt'
import { decode, encode, type NestedUint8Array } from '@ethereumjs/rlp'
import { USED_HEADER_FIELDS, type Header } from '../../model/Block.ts'
import { EMPTY_CODE_HASH, word, type AccessSet } from '../../model/Access.ts'
import type { StateCache } from './StateCache.ts'
import { expectResult, UpstreamError, type RpcEndpoint } from '../rpc/Rpc.ts'

/** Where the provider's word and its own proof part. */
export interface ProofMismatch {
  /** Null when it is about the header. */
  readonly address: string | null
  readonly slot: string | null
  /** `proof`: the proof itself does not hold against the root. */
  readonly field: 'header' | 'proof' | 'balance' | 'nonce' | 'codeHash' | 'storage'
  /** What was taken for true, and what is proven. For a header, the field's name stands before the value. */
  readonly claimed: string
  readonly proven: string
}

export type ProofCheck =
  | { readonly ok: true; readonly accounts: number; readonly slots: number }
  | { readonly ok: false; readonly mismatches: readonly ProofMismatch[] }

/** keccak256(rlp('')): the root of a trie with nothing in it (Yellow Paper, appendix D). */
const EMPTY_ROOT = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'

/** Answer of `eth_getProof` (EIP-1186). Only the proofs are used; the values beside them are claims like any other. */
interface ProofAnswer {
  readonly accountProof: readonly Hex.Hex[]
  readonly storageProof: readonly { readonly key: string; readonly proof: readonly Hex.Hex[] }[]
}

/**
 * Proves what a simulation rests on: the header's fields hash to the block hash, and every account and slot of the
 * read set stands under the header's state root as the cache has it, absence included. One request.
 *
 * It ties state to the block hash. That the hash is the chain's own it cannot tell: ask two providers for that.
 *
 * @param access - What the run read. Something in it that the cache does not hold counts as a mismatch.
 * @throws {ProofsUnsupportedError} `simulation:proofs:unsupported`; {UpstreamError}.
 */
export async function verifyReadSet({
  endpoint,
  header,
  access,
  cache,
}: {
  endpoint: RpcEndpoint
  header: Header
  access: AccessSet
  cache: StateCache
}): Promise<ProofCheck> {
  const wanted = [...access].map(([address, slots]) => ({ address, slots: [...slots] }))
  const at = { blockHash: cache.blockHash }
  const [blockAnswer, ...answers] = await endpoint.batch([
    { method: 'eth_getBlockByHash', params: [cache.blockHash, false] },
    ...wanted.map(({ address, slots }) => ({ method: 'eth_getProof', params: [address, slots, at] })),
  ])
  const block = expectResult<Record<string, unknown> | null>(blockAnswer, 'eth_getBlockByHash')
  if (block === null) throw new UpstreamError('', new Error('eth_getBlockByHash: the block is not there'))
  const mismatches = checkHeader(header, block, cache.blockHash)
  // Against a root that is not the block's own, nothing can be proven.
  if (mismatches.length > 0) return { ok: false, mismatches }

  let slotCount = 0
  for (const [i, { address, slots }] of wanted.entries()) {
    const answer = answers[i]
    if (answer?.ok === false && isUnsupported(answer.code, answer.message))
      throw new ProofsUnsupportedError(answer.message)
    const proof = expectResult<ProofAnswer>(answer, 'eth_getProof')
    mismatches.push(...(await checkAccount({ address, slots, proof, cache, stateRoot: header.stateRoot })))
    slotCount += slots.length
  }
  return mismatches.length > 0 ? { ok: false, mismatches } : { ok: true, accounts: wanted.length, slots: slotCount }
}

/** -32601 method not found, -32004 method not supported (EIP-1474); wordings of providers that use other codes. */
function isUnsupported(code: number, message: string): boolean {
  return (
    code === -32601 ||
    code === -32004 ||
    /method .*(not found|not available|not supported|does not exist|disabled)|unsupported method/i.test(message)
  )
}

/**
 * A header's fields in the order in which they are hashed (Yellow Paper 4.4; EIP-1559, 4895, 4844, 4788, 7685).
 * `number`: hashed without leading zeros; `bytes`: as they are. From `baseFeePerGas` on, a fork added each; a block
 * has them up to its fork. A fork after Osaka adds more, and then no hash fits until the list does.
 */
const HEADER_FIELDS: readonly (readonly [name: string, kind: 'number' | 'bytes', isAdded?: true])[] = [
  ['parentHash', 'bytes'],
  ['sha3Uncles', 'bytes'],
  ['miner', 'bytes'],
  ['stateRoot', 'bytes'],
  ['transactionsRoot', 'bytes'],
  ['receiptsRoot', 'bytes'],
  ['logsBloom', 'bytes'],
  ['difficulty', 'number'],
  ['number', 'number'],
  ['gasLimit', 'number'],
  ['gasUsed', 'number'],
  ['timestamp', 'number'],
  ['extraData', 'bytes'],
  ['mixHash', 'bytes'],
  ['nonce', 'bytes'],
  ['baseFeePerGas', 'number', true],
  ['withdrawalsRoot', 'bytes', true],
  ['blobGasUsed', 'number', true],
  ['excessBlobGas', 'number', true],
  ['parentBeaconBlockRoot', 'bytes', true],
  ['requestsHash', 'bytes', true],
]

/**
 * The hash of a block header as JSON-RPC gives it, up to Osaka.
 *
 * @returns null when a field is missing or cannot be read, so that no hash exists.
 */
export function headerHash(block: Readonly<Record<string, unknown>>): Hex.Hex | null {
  const fields: Uint8Array[] = []
  for (const [name, kind, isAdded] of HEADER_FIELDS) {
    const value = block[name]
    if (isAdded === true && (value === undefined || value === null)) continue
    if (typeof value !== 'string' || !/^0x[0-9a-f]*$/i.test(value)) return null
    if (kind === 'bytes' && value.length % 2 === 1) return null
    fields.push(kind === 'bytes' ? bytes(value) : bytes(minimal(value)))
  }
  return Digest.keccak256(encode(fields))
}

/** Each field that a simulation takes from the header it was given must be as in the block that hashes to the hash. */
function checkHeader(header: Header, block: Record<string, unknown>, blockHash: Hex.Hex): ProofMismatch[] {
  const mismatch = (name: string, claimed: unknown, proven: unknown): ProofMismatch => ({
    address: null,
    slot: null,
    field: 'header',
    claimed: `${name} ${textOf(claimed)}`,
    proven: `${name} ${textOf(proven)}`,
  })
  const hash = headerHash(block)
  if (hash !== blockHash.toLowerCase()) return [mismatch('hash', blockHash, hash)]
  return USED_HEADER_FIELDS.flatMap((name) => {
    const claimed = header[name]
    const proven = name === 'hash' ? hash : block[name]
    return textOf(claimed) === textOf(proven) ? [] : [mismatch(name, claimed, proven)]
  })
}

/** Text as it is compared: letter case and leading zeros aside. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase().replace(/^0x0+(?=.)/, '0x') : 'absent'
}

async function checkAccount({
  address,
  slots,
  proof,
  cache,
  stateRoot,
}: {
  address: string
  slots: readonly string[]
  proof: ProofAnswer
  cache: StateCache
  stateRoot: Hex.Hex
}): Promise<ProofMismatch[]> {
  const held = cache.accounts.get(address)
  const leaf = await provenValue(stateRoot, address, proof?.accountProof)
  const account = leaf === 'broken' ? null : accountOf(leaf)
  if (account === null) {
    return [
      {
        address,
        slot: null,
        field: 'proof',
        claimed: 'an account proof',
        proven: 'nothing: it does not hold against the state root',
      },
    ]
  }
  const found: ProofMismatch[] = []
  const compare = (slot: string | null, field: ProofMismatch['field'], claimed: string, proven: string): void => {
    if (claimed !== proven) found.push({ address, slot, field, claimed, proven })
  }
  compare(null, 'balance', held === undefined ? 'not read' : `${held.balance}`, `${account.balance}`)
  compare(null, 'nonce', held === undefined ? 'not read' : `${held.nonce}`, `${account.nonce}`)
  // The cache hashes the code it was given, so an equal hash is equal code.
  compare(null, 'codeHash', held?.codeHash ?? 'not read', account.codeHash)

  const proofs = new Map((proof.storageProof ?? []).map((entry) => [word(entry.key), entry.proof]))
  for (const slot of slots) {
    const value = await provenValue(account.storageRoot, slot, proofs.get(word(slot)))
    const proven = value === 'broken' ? null : storageOf(value)
    if (proven === null) {
      found.push({
        address,
        slot,
        field: 'proof',
        claimed: 'a storage proof',
        proven: 'nothing: it does not hold against the storage root',
      })
    } else {
      compare(slot, 'storage', cache.slots.get(address)?.get(slot) ?? 'not read', proven)
    }
  }
  return found
}

/** What the trie under a root holds at a key: its bytes, null for proven absence, or `broken` when nothing is proven. */
async function provenValue(
  root: Hex.Hex,
  key: string,
  proof: readonly Hex.Hex[] | undefined,
): Promise<Uint8Array | null | 'broken'> {
  // An empty trie has no nodes to show; its root is proof enough.
  if (root === EMPTY_ROOT) return null
  if (!Array.isArray(proof) || proof.length === 0) return 'broken'
  try {
    return await verifyMerkleProof(
      bytes(key),
      proof.map((node) => bytes(node as string)),
      { root: bytes(root), useKeyHashing: true },
    )
  } catch {
    return 'broken'
  }
}

/** An account leaf (Yellow Paper 4.1): nonce, balance, storage root, code hash. */
function accountOf(
  leaf: Uint8Array | null,
): { nonce: bigint; balance: bigint; storageRoot: Hex.Hex; codeHash: Hex.Hex } | null {
  if (leaf === null) return { nonce: 0n, balance: 0n, storageRoot: EMPTY_ROOT, codeHash: EMPTY_CODE_HASH }
  let fields: Uint8Array | NestedUint8Array
  try {
    fields = decode(leaf)
  } catch {
    return null
  }
  const [nonce, balance, storageRoot, codeHash] = fields
  if (!(nonce instanceof Uint8Array && balance instanceof Uint8Array)) return null
  if (!(storageRoot instanceof Uint8Array && codeHash instanceof Uint8Array)) return null
  return {
    nonce: BigInt(hex(nonce, '0')),
    balance: BigInt(hex(balance, '0')),
    storageRoot: hex(storageRoot),
    codeHash: hex(codeHash),
  }
}

function storageOf(leaf: Uint8Array | null): Hex.Hex | null {
  if (leaf === null) return word('0x')
  try {
    const value = decode(leaf)
    return value instanceof Uint8Array ? word(hex(value)) : null
  } catch {
    return null
  }
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
}

function hex(value: Uint8Array, empty = ''): Hex.Hex {
  return `0x${value.length === 0 ? empty : Buffer.from(value).toString('hex')}`
}

/** A number's bytes without leading zeros; zero is no bytes at all. */
function minimal(text: string): string {
  const digits = text.slice(2).replace(/^0+/, '')
  return `0x${digits.length % 2 === 1 ? '0' : ''}${digits}`
}

/** The provider cannot prove anything, so what it says stays unproven. */
export class ProofsUnsupportedError extends BaseError {
  override readonly name = 'simulator.ProofsUnsupportedError'
  constructor(cause: unknown) {
    super('The RPC provider does not offer eth_getProof, so its answers cannot be proven.', {
      code: 'simulation:proofs:unsupported',
      kind: 'upstream',
      hint: 'Use a provider with eth_getProof, or leave out --verify-proofs and let two providers agree (--quorum 2).',
      cause,
    })
  }
}
