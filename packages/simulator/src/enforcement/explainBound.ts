import { decodeFunctionData } from 'viem'
import type { OutcomeBound } from '../model/OutcomeBound.ts'
import { GETTERS } from './getters.ts'
import type { DecodedBound } from './PackedBounds.ts'

/** One sentence for a bound of which only the bytes are known: units and names stay as they stand there. */
export function explainBound(bound: DecodedBound & Partial<Pick<OutcomeBound, 'text'>>): string {
  if (bound.text !== undefined && bound.text !== '') return `${bound.text}.`
  const value = valueText(bound)
  const what = reading(bound)
  return {
    at_least: `${what} is at least ${value}.`,
    at_most: `${what} is at most ${value}.`,
    equals: `${what} is ${value}.`,
    falls_at_most: bound.value === 0n ? `${what} does not fall.` : `${what} falls by at most ${value}.`,
    rises_at_least: `${what} rises by at least ${value}.`,
    rises_at_most: `${what} rises by at most ${value}.`,
    unchanged: `${what} does not change.`,
  }[bound.op]
}

function reading({ source, target, data, word }: DecodedBound): string {
  const at = target ?? ''
  switch (source) {
    case 'balance':
      return `The balance of ${at} in wei`
    case 'code_hash':
      return `The code hash of ${at}`
    case 'gas_price':
      return 'The price of a unit of gas in wei'
    case 'timestamp':
      return 'The time of the block in seconds'
    case 'block_number':
      return 'The block number'
    case 'call_hash':
      return `The hash of the answer of ${question(data ?? '0x')} at ${at}`
    case 'call':
      return `${word === 0 ? 'The answer' : `Word ${word} of the answer`} of ${question(data ?? '0x')} at ${at}`
  }
}

function question(data: `0x${string}`): string {
  try {
    const { functionName, args } = decodeFunctionData({ abi: GETTERS, data })
    return `${functionName}(${args.map(String).join(', ')})`
  } catch {
    return data
  }
}

function valueText({ source, value }: DecodedBound): string {
  if (source === 'timestamp') return `${value}`
  if (source === 'code_hash' || source === 'call_hash') return `0x${value.toString(16).padStart(64, '0')}`
  return `${value}`
}
