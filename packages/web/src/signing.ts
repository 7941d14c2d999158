import { batchDigest, type Proposal } from '@countersign/sdk'
import type { Account, Address, Chain as ViemChain, Client, Transport } from 'viem'
import type { Phase } from './card/CardState.ts'
import { forgetUnreported, type Unreported } from './unreported.ts'
import type { SessionView } from './useSession.ts'
import { windowName } from './windowName.ts'
import { t } from './text/text.ts'

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

/** The last look before the wallet opens: the card as the server has it now; null where it may not be signed as it was read. */
export async function checkCard(tools: SigningTools, proposal: Proposal): Promise<Proposal | null> {
  const { session, account, chainId, setPhase, setProblem, onDrift } = tools
  // The card as it was read when this was drawn: another one is never signed.
  const shown = proposal.receipt?.digest
  setPhase({ kind: 'checking' })
  const checked = await session.client.recheck(proposal.id, account, chainId, await windowName(), shown)
  session.accept(checked)
  if (!checked.signable || (shown !== undefined && checked.opened?.receipt !== shown)) {
    if (checked.recheck === 'drifted') {
      onDrift()
      // The answer was written before the card came back: without this look its buttons could stay away.
      const again = await session.client.proposal(proposal.id).catch(() => null)
      if (again !== null) session.accept({ ...again, reason: checked.reason })
    }
    setProblem(checked.reason ?? t().buttons.changed)
    return null
  }
  // The very calls that go to the wallet must be the ones this card was about.
  if ((await batchDigest(checked)) !== proposal.digest) throw new Error(t().buttons.otherBytes)
  return checked
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

export function isServerError(error: unknown): boolean {
  return error instanceof Error && error.name === 'CountersignError'
}
