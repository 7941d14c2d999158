import type { Proposal } from '@countersign/sdk'
import type { Address, Hex } from 'viem'
import { sendTransaction } from 'viem/actions'
import type { Atomic } from './batch/Batch.ts'
import { checkCard, isServerError, reportSent, type SigningTools } from './signing.ts'
import { keepUnreported } from './unreported.ts'
import { problemText, type SessionView } from './useSession.ts'
import { windowName } from './windowName.ts'
import { isWalletRejection, walletErrorText } from './words.ts'

/** A step whose bytes are an EIP-712 document. */
export const DOCUMENT_KIND = 'sign_typed_data'
/** A step whose bytes are a text for `personal_sign`. */
export const MESSAGE_KIND = 'personal_sign'
/** How often a sent step is looked at until the server has verified it. Milliseconds. */
const LOOK_AGAIN_MS = 400

/** Whether a card is signed as one batch: several transactions wait, none was sent, and the wallet does all or nothing. */
export function isBatch({ kind, calls }: Proposal, atomic: Atomic): boolean {
  const isOpen = calls.length > 1 && calls.every(({ status, to }) => status === 'waiting' && to !== null)
  return kind === 'transactions' && isOpen && atomic !== 'none'
}

/**
 * Signs a card: as one batch where the wallet makes atomic ones, and step by step otherwise. Before each prompt the gate looks
 * once more, the bytes are digested here, and only then the wallet opens. A rejection in the wallet ends the card; every other
 * failure is a sentence, and nothing further is sent.
 */
export async function signProposal(tools: SigningTools, proposal: Proposal, atomic: Atomic): Promise<void> {
  const { session, setPhase, setProblem } = tools
  setProblem(null)
  try {
    if (isBatch(proposal, atomic)) {
      // Loaded only where it is used: a card of one transaction never needs it.
      const { signBatch } = await import('./batch/signBatch.ts')
      await signBatch(tools, proposal)
      return setPhase({ kind: 'idle' })
    }
    for (const { step, status } of proposal.calls) {
      if (status !== 'waiting') continue
      if (!(await signStep(tools, proposal, step))) break
    }
  } catch (error) {
    if (isWalletRejection(error)) {
      const window = await windowName()
      await session.client.reject(proposal.id, 'Rejected in the wallet.', window).then(session.accept, () => undefined)
    } else setProblem(isServerError(error) ? problemText(error) : walletErrorText(error))
  }
  setPhase({ kind: 'idle' })
}

/** One step; false where nothing further is to be signed. */
async function signStep(tools: SigningTools, proposal: Proposal, step: number): Promise<boolean> {
  const { session, wallet, account, setPhase } = tools
  const checked = await checkCard(tools, proposal)
  const call = checked?.calls.find((each) => each.step === step)
  if (checked === null || call === undefined) return false
  setPhase({ kind: 'wallet', step })
  if (call.kind === DOCUMENT_KIND || call.kind === MESSAGE_KIND) {
    const signature = await wallet.request(signatureRequest(call, account))
    session.accept(await session.client.signed(proposal.id, signature))
    return true
  }
  const hash = await sendTransaction(wallet, {
    account,
    chain: null,
    to: call.to as Address | null,
    value: BigInt(call.value),
    data: call.data as Hex,
    gas: BigInt(call.gas ?? '0'),
    // What the card shows as "at most" is what the wallet is asked for.
    ...(call.max_fee_per_gas === null ? {} : feesOf(checked, BigInt(call.max_fee_per_gas))),
  })
  keepUnreported({ proposal: proposal.id, step, hash })
  setPhase({ kind: 'confirming', step })
  await reportSent(tools, { proposal: proposal.id, step, hash })
  return isConfirmed(session, proposal.id, step)
}

/** The request for a signature of a text or a document, whose bytes were digested: no library spells them anew. */
function signatureRequest(call: Proposal['calls'][number], account: Address) {
  const text = textOf(call.data as Hex)
  if (call.kind === DOCUMENT_KIND)
    return { method: 'eth_signTypedData_v4' as const, params: [account, text] as [Address, string] }
  // Wallets take hexadecimal text for bytes; every other text goes there as its bytes.
  const bytes = /^0x(?:[0-9a-fA-F]{2})*$/.test(text) ? (text as Hex) : (call.data as Hex)
  return { method: 'personal_sign' as const, params: [bytes, account] as [Hex, Address] }
}

/** Waits until the server has verified the step on chain; false where it is another transaction. */
async function isConfirmed(session: SessionView, id: string, step: number): Promise<boolean> {
  for (;;) {
    const now = await session.client.proposal(id)
    session.accept(now)
    const mine = now.calls.find((each) => each.step === step)
    if (mine?.status === 'confirmed') return true
    if (mine?.status === 'mismatched' || now.state === 'mismatched') return false
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

/** The fee cap, and of it the tip that the simulation expected: half the rest is room for the base fee to rise. */
function feesOf(
  { report }: Proposal,
  capWei: bigint,
): { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint } | { gasPrice: bigint } {
  const used = BigInt(report?.gas_estimate.gas_used ?? '0')
  const l1Wei = BigInt(report?.gas_estimate.l1_fee_wei ?? '0')
  const expectedWei = BigInt(report?.gas_estimate.expected_fee_wei ?? '0') - l1Wei
  const priceWei = used === 0n ? capWei : expectedWei / used
  const tipWei = 2n * priceWei - capWei
  // The same with and without room: the chain has no base fee, and knows a price only.
  if (priceWei >= capWei) return { gasPrice: capWei }
  return { maxFeePerGas: capWei, maxPriorityFeePerGas: tipWei < 0n ? 0n : tipWei }
}

/** The document that a step's bytes are. */
function textOf(data: Hex): string {
  const bytes = Uint8Array.from(data.slice(2).match(/../g) ?? [], (pair) => parseInt(pair, 16))
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}
