/**
 * What published clients decide, and nothing else of them: which requests they send, in which order, with which headers,
 * and when they sign. The command line 0.1.31, the React library 0.3.14 with the stock widget, and the example bot cannot
 * be installed from a registry, so these models stand for them; they follow the recorded traffic request by request.
 */
export interface Call {
  readonly to: string
  readonly value: string
  readonly data: string
}

/** What came of an attempt to sign. */
export interface Verdict {
  /** What the wallet signed, in order. */
  readonly signed: readonly Call[]
  /** The fee that the client appends as its last call, in wei; null for none. */
  readonly feeWei: bigint | null
  /** Everything that its user was shown, in order. */
  readonly shown: readonly string[]
}

export interface Account {
  readonly baseUrl: string
  readonly sessionId: string
  readonly address: string
  readonly chainId: number
  readonly apiKey?: string
  readonly app?: string
  /** Signs and sends, and answers the hash. */
  readonly sign: (call: Call) => Promise<string>
  /** Replaces the headers that name the session, for clients of other generations or faulty ones. */
  readonly sessionHeaders?: Readonly<Record<string, string>>
}

interface PendingTx extends Call {
  readonly chain_id: number
  readonly label?: string
}

export interface Snapshot {
  readonly messages: readonly { sender: string; content: string; tool_result: unknown }[] | null
  readonly system_events: readonly Record<string, unknown>[] | null
  readonly is_processing: boolean
  readonly user_state: { readonly pending_txs?: Readonly<Record<string, PendingTx>> } | null
}

/** Above this the fee is refused: `fee_exceeds_safety_limit`. 0.05 of the native coin. */
const FEE_LIMIT_WEI = 50_000_000_000_000_000n

/** Published clients throw away what a refusal says; only the reason phrase reaches a person. */
class StatusError extends Error {
  constructor({ status, statusText }: Response) {
    super(`HTTP ${status}: ${statusText}`)
  }
}

function headersOf({ sessionId, sessionHeaders }: Account): Record<string, string> {
  return { ...(sessionHeaders ?? { 'X-Session-Id': sessionId }) }
}

async function json<T>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(url, init)
  if (!response.ok) throw new StatusError(response)
  return (await response.json()) as T
}

/** The command line, `ts_cli`. */
export const cli = {
  async state(account: Account): Promise<Snapshot> {
    const { baseUrl, address, chainId } = account
    const userState = { address, chain_id: chainId, is_connected: true, ext: { client_type: 'ts_cli' } }
    return json(`${baseUrl}/api/state?user_state=${encodeURIComponent(JSON.stringify(userState))}`, {
      headers: headersOf(account),
    })
  },

  /** `aomi chat`: updates, chat, then state every half second until it is idle. Shows agent messages only. */
  async chat(account: Account, message: string): Promise<Snapshot> {
    const { baseUrl, address, chainId, apiKey, app = 'default' } = account
    const userState = { address, chain_id: chainId, is_connected: true, ext: { client_type: 'ts_cli' } }
    const query = new URLSearchParams({ message, app, public_key: address, user_state: JSON.stringify(userState) })
    let snapshot = await json<Snapshot>(`${baseUrl}/api/chat?${query}`, {
      method: 'POST',
      headers: { ...headersOf(account), ...(apiKey === undefined ? {} : { 'X-API-Key': apiKey }) },
    })
    while (snapshot.is_processing) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      snapshot = await cli.state(account)
    }
    return snapshot
  },

  /** `aomi tx sign`: state, simulate, broadcast, system once an id, state. */
  async sign(
    account: Account,
    ids: readonly string[],
    { betweenStateAndSimulate }: { betweenStateAndSimulate?: () => Promise<void> } = {},
  ): Promise<Verdict> {
    const shown: string[] = []
    const signed: Call[] = []
    let feeWei: bigint | null = null
    try {
      const queue = (await cli.state(account)).user_state?.pending_txs ?? {}
      const txs = ids.map((id) => {
        const tx = queue[id]
        if (tx === undefined) throw new Error(`Transaction "tx-${id}" not found`)
        return tx
      })
      await betweenStateAndSimulate?.()
      const { fee } = await simulateLikeTheCli(account, txs, shown)
      if (fee !== undefined) {
        if (!/^\d+$/.test(fee)) throw new Error(`Invalid fee amount: ${fee}`)
        if (BigInt(fee) > FEE_LIMIT_WEI) throw new Error('fee_exceeds_safety_limit')
        feeWei = BigInt(fee) === 0n ? null : BigInt(fee)
      }
      let hash = ''
      for (const { to, value, data } of txs) {
        hash = await account.sign({ to, value, data })
        signed.push({ to, value, data })
      }
      for (const id of ids) await report(account, { txHash: hash, status: 'success', pending_tx_ids: [Number(id)] })
      await cli.state(account)
    } catch (error) {
      shown.push(`Signing failed: ${(error as Error).message}`)
    }
    return { signed, feeWei, shown }
  },
}

/** Whatever is thrown here is taken for "no simulation today", and the command line goes on to sign. */
async function simulateLikeTheCli(
  account: Account,
  txs: readonly PendingTx[],
  shown: string[],
): Promise<{ fee?: string }> {
  const { baseUrl, address, chainId, apiKey } = account
  try {
    const { result } = await json<{
      result: {
        batch_success: boolean
        fee?: { amount_wei: string }
        steps: { step: number; success: boolean; revert_reason?: string }[]
      }
    }>(`${baseUrl}/api/simulate`, {
      method: 'POST',
      headers: {
        ...headersOf(account),
        'Content-Type': 'application/json',
        ...(apiKey === undefined ? {} : { 'X-API-Key': apiKey }),
      },
      body: JSON.stringify({
        transactions: txs.map(({ to, value, data, label, chain_id }) => ({ to, value, data, label, chain_id })),
        from: address,
        chain_id: chainId,
      }),
    })
    const failed = result.steps.find((step) => !step.success)
    if (!result.batch_success) {
      shown.push(`Simulation failed at step ${failed?.step ?? '?'}: ${failed?.revert_reason ?? 'unknown'}`)
    }
    return result.fee === undefined ? {} : { fee: result.fee.amount_wei }
  } catch {
    shown.push('Simulation unavailable, skipping fee injection.')
    return {}
  }
}

async function report(account: Account, payload: Record<string, unknown>): Promise<void> {
  const message = JSON.stringify({ type: 'wallet:tx_complete', payload })
  await json(`${account.baseUrl}/api/system?message=${encodeURIComponent(message)}`, {
    method: 'POST',
    headers: headersOf(account),
  })
}

/** What browsers add to every request of a page. */
const fromPage = (origin: string): Record<string, string> => ({
  Origin: origin,
  'Sec-Fetch-Site': 'cross-site',
  'Sec-Fetch-Mode': 'cors',
})

/** The React library with the stock widget's `RuntimeTxHandler`, in a page of `origin`. */
export function widget(account: Account, origin: string) {
  const headers = { ...headersOf(account), ...fromPage(origin) }
  const { baseUrl, address, chainId, app = 'default' } = account
  const walletOnly = JSON.stringify({ address, chainId, isConnected: true })
  return {
    /** The first poll, before a session exists, is the only request that says `web_ui`. */
    firstState: () =>
      json<Snapshot>(
        `${baseUrl}/api/state?user_state=${encodeURIComponent(JSON.stringify({ ext: { client_type: 'web_ui' } }))}`,
        { headers },
      ),
    /** Posted the moment a wallet connects, be there a session or not. A refusal is an unhandled rejection in the page. */
    connect: () =>
      json(
        `${baseUrl}/api/system?message=${encodeURIComponent(
          JSON.stringify({
            type: 'wallet:state_changed',
            payload: { address, chain_id: chainId, is_connected: true, ens_name: null },
          }),
        )}`,
        { method: 'POST', headers },
      ),
    async chat(
      message: string,
      userState = walletOnly,
    ): Promise<{ snapshot: Snapshot; events: Record<string, unknown>[] }> {
      const query = new URLSearchParams({ message, app, public_key: address, user_state: userState })
      let snapshot = await json<Snapshot>(`${baseUrl}/api/chat?${query}`, { method: 'POST', headers })
      const events = [...(snapshot.system_events ?? [])]
      while (snapshot.is_processing) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        snapshot = await json<Snapshot>(`${baseUrl}/api/state?user_state=${encodeURIComponent(userState)}`, { headers })
        events.push(...(snapshot.system_events ?? []))
      }
      return { snapshot, events }
    },
    /** Handles a `wallet_tx_request`: a fee is mandatory, `batch_success` is not looked at. */
    async handle(payload: { tx_ids: readonly number[] }, snapshot: Snapshot): Promise<Verdict> {
      const shown: string[] = []
      const txs = payload.tx_ids.flatMap((id) => snapshot.user_state?.pending_txs?.[String(id)] ?? [])
      if (txs.length !== payload.tx_ids.length) return { signed: [], feeWei: null, shown: ['pending tx not found'] }
      try {
        const { result } = await json<{
          result: { fee?: { amount_wei: string }; steps: { revert_reason?: string }[] }
        }>(`${baseUrl}/api/simulate`, {
          method: 'POST',
          headers: { ...headers, 'Content-Type': 'application/json' },
          body: JSON.stringify({
            transactions: txs.map(({ to, value, data, label, chain_id }) => ({ to, value, data, label, chain_id })),
            from: address,
            chain_id: chainId,
          }),
        })
        if (result.fee === undefined) throw new Error('missing_simulated_fee')
        if (!/^\d+$/.test(result.fee.amount_wei)) throw new Error(`Invalid fee amount: ${result.fee.amount_wei}`)
        const feeWei = BigInt(result.fee.amount_wei)
        if (feeWei === 0n) throw new Error('missing_fee_payment_tx')
        if (feeWei > FEE_LIMIT_WEI) throw new Error('fee_exceeds_safety_limit')
        // One EIP-7702 transaction with the fee as its last call: what it would sign is what counts here.
        return { signed: txs.map(({ to, value, data }) => ({ to, value, data })), feeWei, shown }
      } catch (error) {
        shown.push((error as Error).message)
        // What becomes of this report is not looked at.
        await report(account, {
          txHash: '',
          status: 'failed',
          error: shown.at(-1),
          pending_tx_ids: payload.tx_ids,
        }).catch(() => undefined)
        return { signed: [], feeWei: null, shown }
      }
    },
  }
}

/** What the library shows of a snapshot: messages of senders other than `system`. */
export function visible(snapshot: Snapshot): string[] {
  return (snapshot.messages ?? []).flatMap(({ sender, content }) => (sender === 'system' ? [] : [content]))
}

/** The wallet requests among system events. */
export function walletRequests(
  events: readonly Record<string, unknown>[],
): { tx_ids: number[]; to?: string; value?: string; data?: string; proposal_id?: string }[] {
  return events.flatMap((event) => {
    const call = event['InlineCall'] as { type: string; payload: never } | undefined
    return call?.type === 'wallet_tx_request' ? [call.payload] : []
  })
}

/** The example bot: signs what stands in the request itself, and reports that hash for every id in it. */
export async function bot(account: Account, payload: ReturnType<typeof walletRequests>[number]): Promise<Verdict> {
  const { to, value = '0', data = '0x' } = payload
  if (to === undefined) return { signed: [], feeWei: null, shown: ['nothing to sign'] }
  const hash = await account.sign({ to, value, data })
  await report(account, { txHash: hash, status: 'success', pending_tx_ids: payload.tx_ids })
  return { signed: [{ to, value, data }], feeWei: null, shown: [] }
}
