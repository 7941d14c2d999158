import type { Proposal } from '@countersign/sdk'
import { checkCard, reportSent, type SigningTools } from '../signing.ts'
import {
  atomicIn,
  endText,
  hexOf,
  idIn,
  isRefused,
  reportsOf,
  requestOf,
  statusIn,
  type Atomic,
  type Status,
} from './Batch.ts'
import { forgetBatch, keepBatch } from './openBatches.ts'
import { t } from '../text/text.ts'

/** How often the wallet is asked what became of a batch. Milliseconds. */
const LOOK_AGAIN_MS = 500

/** How long a wallet may take to say whether it makes batches, before it signs step by step. Milliseconds. */
const ASK_MS = 5_000

type Wallet = Pick<SigningTools['wallet'], 'request'>

/** What the wallet says of atomic batches. It is asked before any prompt; no answer is a no. */
export async function askAtomic(wallet: Wallet, account: `0x${string}`, chainId: number): Promise<Atomic> {
  const ask = wallet
    .request({ method: 'wallet_getCapabilities', params: [account, [hexOf(chainId)]] })
    .then((answer): Atomic => atomicIn(answer, chainId))
    .catch((): Atomic => 'none')
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<Atomic>((resolve) => {
    timer = setTimeout(resolve, ASK_MS, 'none')
  })
  return Promise.race([ask, silence]).finally(() => clearTimeout(timer))
}

/**
 * Hands all steps that wait to the wallet as one batch, after one last look. The wallet's answer is followed to its end and
 * every transaction is reported: the server compares each with what was shown.
 *
 * Nothing is ever sent singly afterwards: where the wallet refuses the batch, the owner chooses what to do next.
 */
export async function signBatch(tools: SigningTools, proposal: Proposal): Promise<void> {
  const { wallet, account, chainId, setPhase, setProblem, onBatchRefused } = tools
  const checked = await checkCard(tools, proposal)
  if (checked === null) return
  const waiting = checked.calls.filter(({ status }) => status === 'waiting')
  setPhase({ kind: 'wallet', step: waiting[0]?.step ?? 1 })
  const request = requestOf(waiting, { id: batchId(), from: account, chainId })
  let id: string
  try {
    id = idIn(await wallet.request({ method: 'wallet_sendCalls', params: [request] }, { retryCount: 0 }))
  } catch (error) {
    if (!isRefused(error)) throw error
    onBatchRefused()
    return setProblem(t().buttons.batchRefused)
  }
  keepBatch({ proposal: proposal.id, id })
  await followBatch(tools, checked, id)
}

/** Asks the wallet what became of a batch until it is over, and reports its transactions. */
export async function followBatch(tools: SigningTools, proposal: Proposal, id: string): Promise<void> {
  const { session, wallet, setPhase, setProblem } = tools
  const steps = proposal.calls.filter(({ status }) => status === 'waiting').map(({ step }) => step)
  setPhase({ kind: 'confirming', step: steps[0] ?? 1 })
  const status = await endOf(wallet, id)
  for (const { steps: of, hash } of reportsOf(steps, status))
    await reportSent(tools, { proposal: proposal.id, step: of[0] ?? 1, steps: of, hash })
  forgetBatch(proposal.id)
  setProblem(endText(status))
  session.accept(await session.client.proposal(proposal.id))
}

async function endOf(wallet: Wallet, id: string): Promise<Status> {
  for (;;) {
    const status = statusIn(await wallet.request({ method: 'wallet_getCallsStatus', params: [id] }))
    if (status.kind !== 'waiting') return status
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

/** An id of our own: 32 bytes, as the standard recommends, so that a batch that is sent twice is one batch. */
function batchId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
