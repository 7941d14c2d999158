import { Address, Digest, type Hex } from '@countersign/base'
import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem'
import type { Chain, Place } from './Chain.ts'
import { expectResult, type RpcAnswer, type RpcCall, type RpcEndpoint } from './rpc/Rpc.ts'

const ABI = parseAbi([
  'function decimals() view returns (uint8)',
  'function symbol() view returns (string)',
  'function factory() view returns (address)',
])

/** A field on which a record and the chain part. */
export interface Mismatch {
  readonly file: string
  readonly line: number
  readonly field: string
  readonly file_says: string
  readonly chain_says: string
}

/** One thing to ask, and what is wrong with the answer: null where it agrees. */
interface Question {
  readonly call: RpcCall
  readonly place: Place | undefined
  readonly field: string
  readonly says: string
  judge(answer: RpcAnswer | undefined): string | null
}

/**
 * Asks a chain whether its record is right: code at each address, decimals and symbol of each token, the factory of each
 * router, and the code hash where the record has one. One request.
 *
 * @param blockHash - The block to ask at.
 */
export async function compareRecord(
  endpoint: RpcEndpoint,
  { chain, blockHash }: { chain: Chain; blockHash: Hex.Hex },
): Promise<readonly Mismatch[]> {
  const questions = questionsOf(chain, { blockHash })
  const answers = questions.length === 0 ? [] : await endpoint.batch(questions.map(({ call }) => call))
  return questions.flatMap(({ place, field, says, judge }, i) => {
    const chainSays = judge(answers[i])
    return chainSays === null ? [] : [mismatch(chain, { place, field, says, chainSays })]
  })
}

/** A mismatch at a place of the record. */
export function mismatch(
  chain: Pick<Chain, 'id' | 'places'>,
  { place, field, says, chainSays }: { place: Place | undefined; field: string; says: string; chainSays: string },
): Mismatch {
  const { file, line } = place ?? chain.places['id'] ?? { file: `${chain.id}.yaml`, line: 1 }
  return { file, line, field, file_says: says, chain_says: chainSays }
}

function questionsOf(chain: Chain, at: { blockHash: Hex.Hex }): Question[] {
  const hasCode = (address: Address.Address, field: string, place: Place | undefined): Question => ({
    call: { method: 'eth_getCode', params: [address, at] },
    place,
    field,
    says: address,
    judge: (answer) => (expectResult<string>(answer, 'eth_getCode') === '0x' ? 'no code there' : null),
  })
  const ask = (
    to: Address.Address,
    name: 'decimals' | 'symbol' | 'factory',
    { field, says, place }: { field: string; says: string; place: Place },
  ): Question => ({
    call: {
      method: 'eth_call',
      params: [{ to, data: encodeFunctionData({ abi: ABI, functionName: name }) }, at],
    },
    place,
    field,
    says,
    judge(answer) {
      const told = read(answer, name)
      return told !== null && told.toLowerCase() === says.toLowerCase() ? null : (told ?? 'no answer')
    },
  })
  const { coin, l1Fee, prices, places } = chain
  return [
    ...(coin?.wrapped == null ? [] : [hasCode(coin.wrapped, 'coin.wrapped', places['coin'])]),
    ...(l1Fee === null ? [] : [hasCode(l1Fee.oracle, 'fees.l1.oracle', places['fees'])]),
    ...(prices.oracle === null ? [] : [hasCode(prices.oracle.address, 'prices.oracle.address', places['prices'])]),
    ...chain.tokens.flatMap(({ symbol, address, decimals, at: place }) => [
      hasCode(address, `tokens.${symbol}.address`, place),
      ask(address, 'decimals', { field: `tokens.${symbol}.decimals`, says: String(decimals), place }),
      ask(address, 'symbol', { field: `tokens.${symbol}.symbol`, says: symbol, place }),
    ]),
    ...chain.contracts.flatMap(({ name, address, codeHash, at: place }) => [
      hasCode(address, `contracts.${name}.address`, place),
      ...(codeHash === null ? [] : [hashOf(address, codeHash, { field: `contracts.${name}.code_hash`, place, at })]),
    ]),
    ...chain.exchanges.flatMap(({ kind, router, factory, quoter, at: place }) => [
      hasCode(router, `exchanges.${kind}.router`, place),
      ...(factory === null
        ? []
        : [ask(router, 'factory', { field: `exchanges.${kind}.factory`, says: factory, place })]),
      ...(quoter === null ? [] : [hasCode(quoter, `exchanges.${kind}.quoter`, place)]),
    ]),
  ]
}

function hashOf(
  address: Address.Address,
  codeHash: Hex.Hex,
  { field, place, at }: { field: string; place: Place; at: { blockHash: Hex.Hex } },
): Question {
  return {
    call: { method: 'eth_getCode', params: [address, at] },
    place,
    field,
    says: codeHash,
    judge(answer) {
      const own = Digest.keccak256(expectResult<Hex.Hex>(answer, 'eth_getCode'))
      return own === codeHash ? null : own
    },
  }
}

function read(answer: RpcAnswer | undefined, name: 'decimals' | 'symbol' | 'factory'): string | null {
  if (answer?.ok !== true) return null
  try {
    const told = decodeFunctionResult({ abi: ABI, functionName: name, data: answer.result as Hex.Hex })
    return String(told)
      .replaceAll(/[^\p{L}\p{N}\p{Sc}.+/ -]/gu, '?')
      .slice(0, 60)
  } catch {
    return null
  }
}
