import { batchDigest, type Proposal } from '@countersign/sdk'
import type { Account, Address, Chain as ViemChain, Client, Hex, Transport } from 'viem'
import { sendTransaction } from 'viem/actions'
import type { Atomic } from './batch/Batch.ts'
import type { Phase } from './card/CardState.ts'
import { forgetUnreported, keepUnreported, type Unreported } from './unreported.ts'
import { problemText, type SessionView } from './useSession.ts'
import { windowName } from './windowName.ts'
import { isWalletRejection, walletErrorText } from './words.ts'

/** A step whose bytes are an EIP-712 document. */
export const DOCUMENT_KIND = 'sign_typed_data'
/** A step whose bytes are a text for `personal_sign`. */
export const MESSAGE_KIND = 'personal_sign'
/** How often a sent step is looked at until the server has verified it. Milliseconds. */
const LOOK_AGAIN_MS = 400

/** What signing needs of the page. */
export interface SigningTools {
  readonly session: SessionView
  readonly wallet: Client<Transport, ViemChain | undefined, Account | undefined>
  readonly account: Address
  readonly chainId: number
  readonly setPhase: (phase: Phase) => void
  readonly setProblem: (text: string | null) => void
  /** Called when the last look found another outcome than the one that was read. */
  readonly onDrift: () => void
  readonly onReported: () => void
  /** Called when the wallet refused to do the steps as one: nothing was sent. */
  readonly onBatchRefused: () => void
}

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

/** The last look before the wallet opens: the card as the server has it now; null where it may not be signed as it was read. */
export async function checkCard(tools: SigningTools, proposal: Proposal): Promise<Proposal | null> {
  const { session, account, chainId, setPhase, setProblem, onDrift } = tools
  // The card as it was read when this was drawn: another one is never signed.
  const shown = proposal.receipt?.digest
  setPhase({ kind: 'checking' })
  const checked = await session.client.recheck(proposal.id, account, chainId, await windowName(), shown)
  session.accept(checked)
  if (!checked.signable || (shown !== undefined && checked.opened?.receipt !== shown)) {
    if (checked.recheck === 'drifted') onDrift()
    setProblem(checked.reason ?? 'The card has changed since you looked. Read it again before you sign.')
    return null
  }
  // The very calls that go to the wallet must be the ones this card was about.
  if ((await batchDigest(checked)) !== proposal.digest)
    throw new Error('The server now offers other bytes than this card shows. Nothing was handed to the wallet.')
  return checked
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

/** Tells the server of a hash until it has it. The server looks for the transaction by itself as well. */
export async function reportSent(
  { session, onReported }: Pick<SigningTools, 'session' | 'onReported'>,
  sent: Unreported,
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      session.accept(await session.client.submitted(sent.proposal, sent.steps ?? sent.step, sent.hash))
      break
    } catch (error) {
      // An answer is an answer: what a card that is over says of it stands on the card.
      const status = isServerError(error) ? (error as { status?: number }).status : undefined
      // No status at all, or 0, is no answer: the server may not know of it.
      if (status !== undefined && status >= 400 && status < 500 && status !== 429) break
      await new Promise((resolve) => setTimeout(resolve, Math.min(30_000, 500 * 2 ** attempt)))
    }
  }
  forgetUnreported(sent.hash)
  onReported()
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

function isServerError(error: unknown): boolean {
  return error instanceof Error && error.name === 'CountersignError'
}
