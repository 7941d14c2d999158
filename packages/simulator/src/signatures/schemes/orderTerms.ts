import type { Address } from '@countersign/base'
import type { Finding } from '../../model/Finding.ts'
import type { Movement } from '../../model/Document.ts'
import type { SignatureContext } from '../SignatureRequest.ts'
import { amountOf, finding, nameOf } from '../wording.ts'

/** Above a fifth of the price it is not a fee any more: marketplaces take 0 to 2.5 %, creators up to 10 %. */
const FEE_PARTS = 5n
/** Less than this many smallest units is next to nothing, in any token: 10^-6 of an ether, a thousandth of a dollar. */
const DUST: Readonly<Record<'native' | 'erc20', bigint>> = { native: 10n ** 12n, erc20: 1_000n }
/** What changes hands, as people read it. */
export function movementText(at: SignatureContext, { standard, token, tokenId, amount }: Movement): string {
  if (standard === 'native' || standard === 'erc20') return amountOf(at, token, amount)
  const piece = tokenId === null ? 'any token' : `token ${tokenId}`
  const collection = token === null ? 'nothing' : nameOf(at, token)
  return `${piece} of ${collection}${standard === 'erc1155' ? ` × ${amount}` : ''}`
}

/** Who comes out how: nothing back, next to nothing, or most of it to somebody else. */
export function judgeTerms(
  at: SignatureContext,
  offerer: Address.Address,
  offers: readonly Movement[],
  considerations: readonly Movement[],
): Finding[] {
  const describe = (movement: Movement): string => movementText(at, movement)
  const given = offers.map(describe).join(', ')
  const own = considerations.filter((movement) => movement.to === offerer)
  const others = considerations.filter((movement) => movement.to !== offerer)
  const findings: Finding[] = []
  const worthless = (movement: Movement): boolean =>
    (movement.standard === 'native' && movement.amount < DUST.native) ||
    (movement.standard === 'erc20' && movement.amount < DUST.erc20) ||
    movement.amount === 0n
  if (offers.length > 0 && own.every((movement) => movement.amount === 0n)) {
    findings.push(
      finding(
        'signature-gives-for-nothing',
        'block',
        'You give and receive nothing',
        `You give ${given}; you receive 0.`,
        offerer,
        { gives: offers.length },
      ),
    )
  } else if (offers.length > 0 && own.every(worthless)) {
    findings.push(
      finding(
        'signature-next-to-nothing',
        'block',
        'You give for next to nothing',
        `You give ${given}; you receive only ${own.map(describe).join(', ')}.`,
        offerer,
      ),
    )
  }
  const assetOf = (movement: Movement): string =>
    `${movement.standard}|${movement.token ?? ''}|${movement.tokenId ?? ''}`
  const sumOf = (movements: readonly Movement[], asset: string): bigint =>
    movements.reduce((sum, movement) => (assetOf(movement) === asset ? sum + movement.amount : sum), 0n)
  for (const asset of new Set(own.map(assetOf))) {
    const [gives, receives] = [sumOf(offers, asset), sumOf(own, asset)]
    if (gives <= receives) continue
    findings.push(
      finding(
        'signature-gives-for-less',
        'block',
        'You give more than you receive of the same thing',
        `You give ${given}; of the same you receive only ${own.map(describe).join(', ')}.`,
        offerer,
        { gives: gives.toString(), receives: receives.toString() },
      ),
    )
  }
  for (const asset of new Set(others.map(assetOf))) {
    const theirs = sumOf(others, asset)
    // A private listing names the buyer of the token that is offered.
    const isOffered = /^erc(?:721|1155)/.test(asset) && theirs <= sumOf(offers, asset)
    if (isOffered) continue
    // Of a listing the fee comes out of the price; of a bid it comes out of what is bid.
    const whole = sumOf(considerations, asset) + sumOf(offers, asset)
    if (theirs * FEE_PARTS <= whole) continue
    const first = others.find((movement) => assetOf(movement) === asset)
    findings.push(
      finding(
        'signature-proceeds-to-others',
        'block',
        'Somebody else gets the proceeds',
        `${others
          .filter((movement) => assetOf(movement) === asset)
          .map((movement) => `${movement.to ?? ''} receives ${describe(movement)}`)
          .join('; ')}. That is more than a fee.`,
        first?.to ?? null,
        { theirs: theirs.toString(), whole: whole.toString() },
      ),
    )
  }
  return findings
}

/** Paid in tokens that nobody vouches for: they may be worth nothing, whatever they call themselves. */
export function judgePayment(
  at: SignatureContext,
  offerer: Address.Address,
  considerations: readonly Movement[],
): Finding[] {
  const own = considerations.filter((movement) => movement.to === offerer)
  const isUnknown = (movement: Movement): boolean =>
    movement.standard === 'erc20' && movement.token !== null && at.known?.(movement.token)?.kind !== 'token'
  const [first] = own
  return first === undefined || !own.every(isUnknown)
    ? []
    : [
        finding(
          'signature-paid-in-unknown',
          'warn',
          'You are paid in a token that nobody vouches for',
          `${first.token ?? ''} may be worth nothing.`,
          first.token,
        ),
      ]
}
