import { Address, BaseError, type Hex } from '@countersign/base'
import type { Question } from '../provenance/Provenance.ts'
import type { SignedIn } from '../sessions/Session.ts'
import { safeText } from '@countersign/simulator'
import { hashTypedData } from 'viem'

/** What of a proposal a step-up is about. */
interface Asked {
  readonly id: string
  readonly app: string
  readonly state: string
  readonly level: 'ordinary' | 'step-up'
  readonly summary: string
  readonly questions: readonly Question[]
  readonly digest: string
  readonly expiresMs: number
  readonly stepUpWallet: { readonly chainId: number } | null
}

/** The wallet whose signature does in place of the values: JSON for the row; null where none does. */
export function walletFor(questions: readonly Question[], signedIn: SignedIn | null): string | null {
  if (signedIn === null || questions.length === 0 || questions.some(({ isWhole }) => isWhole === true)) return null
  return JSON.stringify({ address: signedIn.address, chainId: signedIn.chainId })
}

/** What a step-up accepts, for clients; null for an ordinary proposal. */
export function toWire(proposal: Asked): { readonly methods: readonly string[]; readonly typed_data?: unknown } | null {
  if (proposal.level !== 'step-up') return null
  if (proposal.stepUpWallet === null || proposal.state !== 'pending') return { methods: ['retype'] }
  return { methods: ['retype', 'wallet'], typed_data: typedData(proposal, proposal.stepUpWallet) }
}

const TYPES = {
  EIP712Domain: [
    { name: 'name', type: 'string' },
    { name: 'version', type: 'string' },
    { name: 'chainId', type: 'uint256' },
  ],
  StepUp: [
    { name: 'proposal', type: 'string' },
    { name: 'digest', type: 'bytes32' },
    { name: 'app', type: 'string' },
    { name: 'summary', type: 'string' },
    { name: 'questions', type: 'string' },
    { name: 'expires', type: 'uint256' },
  ],
} as const

/** The document that a wallet signs in place of the values, complete for `eth_signTypedData_v4`. */
export function typedData(proposal: Asked, wallet: { readonly chainId: number }) {
  return {
    types: TYPES,
    primaryType: 'StepUp',
    domain: { name: 'Countersign', version: '1', chainId: wallet.chainId },
    message: {
      proposal: proposal.id,
      digest: bytesOf(proposal.digest),
      app: proposal.app,
      summary: proposal.summary,
      questions: proposal.questions
        .map(({ argument, value, source }) => `${argument === '' ? 'tool' : argument} = ${line(value)} (${source})`)
        .join('\n'),
      expires: Math.floor(proposal.expiresMs / 1_000),
    },
  } as const
}

/** A value on one line, whole: what would break it, or is not seen, stands as `\u{…}`. */
function line(value: string): string {
  return safeText(value, Number.MAX_SAFE_INTEGER)
}

/** The hash that the wallet signs. */
export function signedHash(proposal: Asked, wallet: { readonly chainId: number }): Hex.Hex {
  const { types, primaryType, domain, message } = typedData(proposal, wallet)
  return hashTypedData({
    types,
    primaryType,
    domain: { ...domain, chainId: BigInt(domain.chainId) },
    message: { ...message, expires: BigInt(message.expires) },
  })
}

function bytesOf(digest: string): Hex.Hex {
  return (digest.startsWith('sha256:') ? `0x${digest.slice(7)}` : digest) as Hex.Hex
}

/** Whether every value was typed: addresses compare without case, everything else as text. */
export function isRetyped(questions: readonly Question[], values: Readonly<Record<string, unknown>>): boolean {
  return questions.every(({ argument, value, retype, isWhole }) => {
    const typed = Object.hasOwn(values, argument) ? values[argument] : undefined
    if (typeof typed !== 'string') return false
    if (typed === value || (Address.isAddress(value) && typed.toLowerCase() === value.toLowerCase())) return true
    if (retype === undefined || isWhole === true) return false
    const part = value.slice(-retype.length)
    return typed === part || (Address.isAddress(value) && typed.toLowerCase() === part.toLowerCase())
  })
}

export class StepUpWalletError extends BaseError {
  override readonly name = 'proposals.StepUpWalletError'
  constructor() {
    super('This is not the signature of the wallet that signed in, or the proposal does not accept one.', {
      code: 'proposals:step-up:wallet',
      kind: 'refused',
      hint: 'Sign "step_up.typed_data" with the wallet that signed in, or use a method that "step_up" lists.',
    })
  }
}
