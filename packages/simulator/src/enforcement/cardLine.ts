import type { OutcomeBound } from '../model/OutcomeBound.ts'

/** What of an enforcement the line of the card is made from. */
export interface LineInput {
  readonly status: 'enforced' | 'partly' | 'none'
  readonly because: string | null
  readonly bounds: readonly OutcomeBound[]
  readonly notEnforced: readonly { readonly what: string; readonly why: string }[]
}

const OTHERWISE = 'Otherwise nothing happens and you pay only the network fee.'

/** The card's one line: what the chain enforces, or why it enforces nothing. */
export function cardLine({ status, because, bounds, notEnforced }: LineInput): string {
  if (status === 'none') return `Not enforced: ${because ?? 'no bound could be built.'}`
  const moves = bounds.filter(
    ({ op, text }) => (op === 'rises_at_least' || op === 'falls_at_most') && !text.startsWith('No '),
  )
  const rights = bounds.filter(
    ({ op, stage, text }) => stage === 'close' && op === 'at_most' && text.includes('ermission'),
  )
  const permission =
    rights.length === 0
      ? []
      : rights.every(({ value }) => value === 0n)
        ? ['no permission is left behind on the tokens that moved']
        : ['permissions are at most those shown']
  const arriving = bounds.filter(({ source, op, stage }) => stage === 'close' && source === 'call' && op === 'equals')
  const parts = [...moves, ...arriving.filter(({ text }) => text.endsWith('is yours'))].map(({ text }) => lower(text))
  const held = [...parts, ...permission]
  const line = held.length === 0 ? 'nothing leaves you' : held.join(', ')
  if (status === 'enforced') return `Enforced on chain: ${line}. ${OTHERWISE}`
  return `Partly enforced on chain: ${line}. ${OTHERWISE} Not enforced: ${notEnforced.map(({ what }) => what).join('; ')}.`
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
