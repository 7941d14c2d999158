import { Address, type Hex } from '@countersign/base'
import { safeText } from '../decode/safeText.ts'
import { BATCH_PROBE_CODE } from '../engine/batchProbeCode.ts'
import * as Overlay from '../engine/Overlay.ts'
import { readAsUser, type BatchRun, type Fork, type StepRun } from '../engine/runBatch.ts'
import type { AuthorityChange, Log, TokenChange } from '../Report.ts'
import type { KnownAddress, SimulationRequest } from '../Request.ts'
import type { AccessSet } from '../state/StateCache.ts'
import { collect, type Candidates } from './Candidates.ts'
import * as Probes from './probes.ts'
import { nativeMoves } from './Trace.ts'

/** What the batch did to balances and grants, read from the state before and after. */
export interface Effects {
  readonly tokenChanges: readonly TokenChange[]
  readonly authorityChanges: readonly AuthorityChange[]
  readonly announced: ReadonlyMap<string, bigint>
  /** Places where trace and state disagree about ether; never empty silence. */
  readonly disagreements: readonly string[]
  readonly touched: AccessSet
}

/** A token's own words about itself, kept for good. Key: lower-case address. */
export type TokenWords = Map<string, { symbol: string | null; decimals: number | null }>

/** From 2^255 up wallets and people treat an allowance as "no limit"; Permit2 counts in 160 bits. */
const UNLIMITED = 2n ** 255n
const UNLIMITED_160 = 2n ** 159n
/** The most balances and grants looked at; beyond it the report says so. */
export const MAX_PROBES = 600

/**
 * Reads every balance and grant that the run may have changed, before and after, as the user: a token that shows
 * different balances to different readers shows the user's own. Events only say where to look.
 */
export async function readEffects(
  fork: Fork,
  access: AccessSet,
  {
    request,
    run,
    logs,
    words,
    before: preState,
  }: {
    request: SimulationRequest
    run: BatchRun
    logs: readonly Log[]
    words: TokenWords
    /** Answers to the same probes on the same block in the same environment, once they were found whole. */
    before: { envKey: string; memo: Map<string, Hex.Hex> }
  },
): Promise<Effects & { readonly wasCut: boolean; keepBefore(): void }> {
  const user = request.from.toLowerCase()
  const known = new Map(request.known.map((entry) => [entry.address.toLowerCase(), entry]))
  const runs = run.steps.filter((step): step is StepRun => !('refused' in step))
  const traces = runs.filter((step) => step.trace.error === undefined).map((step) => step.trace)
  const candidates = collect({
    user,
    logs,
    traces,
    writtenContracts: [...run.after.slots.keys()],
  })
  const touched: AccessSet = new Map()
  const plan = planProbes(candidates, known, words)
  const wasCut = plan.length > MAX_PROBES
  const probes = plan.slice(0, MAX_PROBES)
  const data = Probes.encodeBatch(probes.map(({ probe }) => ({ ...probe, value: 0n })))
  const ask = (overlay: Overlay.Overlay) =>
    readAsUser(fork, access, overlay, { from: user, code: BATCH_PROBE_CODE, data, touched })
  const beforeKey = `${preState.envKey}|${user}|${data}`
  const readBefore = async (): Promise<Hex.Hex> =>
    (fork.isClosureChecked ? undefined : preState.memo.get(beforeKey)) ?? ask(Overlay.empty())
  const [rawBefore, rawAfter] = probes.length === 0 ? [] : await Promise.all([readBefore(), ask(run.after)])
  const before = rawBefore === undefined ? [] : Probes.decodeBatch(rawBefore)
  const after = rawAfter === undefined ? [] : Probes.decodeBatch(rawAfter)
  const at = new Map(probes.map(({ key }, i) => [key, i]))
  const answerOf = (key: string) => {
    const i = at.get(key)
    return i === undefined ? null : { before: before[i], after: after[i] }
  }
  const wordsOf = (token: string) => {
    const entry = known.get(token)
    if (entry?.symbol !== undefined) return { symbol: safeText(entry.symbol, 32), decimals: entry.decimals ?? null }
    let said = words.get(token)
    if (said === undefined) {
      const decimals = Probes.asNumber(answerOf(`decimals|${token}`)?.after)
      said = {
        symbol: Probes.asText(answerOf(`symbol|${token}`)?.after),
        decimals: decimals !== null && decimals <= 255n ? Number(decimals) : null,
      }
      if (words.size < 50_000) words.set(token, said)
    }
    return said
  }

  const native = nativeChanges(fork, request, run, runs)
  const tokenChanges = [
    ...native.changes,
    ...erc20Changes(candidates, answerOf, wordsOf),
    ...nftChanges(candidates, answerOf, wordsOf),
    ...multiChanges(candidates, answerOf, wordsOf),
  ]
  return {
    tokenChanges: sortChanges(tokenChanges, request.from),
    authorityChanges: readAuthority(candidates, answerOf, wordsOf),
    announced: candidates.announced,
    disagreements: native.disagreements,
    touched,
    wasCut,
    // Kept by the caller only after the closure check: an answer given on half the state is no answer.
    keepBefore: () => {
      if (rawBefore === undefined) return
      if (preState.memo.size >= 500) preState.memo.clear()
      preState.memo.set(beforeKey, rawBefore)
    },
  }
}

type Answers = (key: string) => { before: Probes.ProbeAnswer | undefined; after: Probes.ProbeAnswer | undefined } | null
type Words = (token: string) => { symbol: string | null; decimals: number | null }

function planProbes(
  candidates: Candidates,
  known: ReadonlyMap<string, KnownAddress>,
  words: TokenWords,
): { key: string; probe: Probes.Probe }[] {
  const plan: { key: string; probe: Probes.Probe }[] = []
  const tokens = new Set<string>()
  const parts = (key: string): [string, string, string, string] => {
    const [a = '', b = '', c = '', d = ''] = key.split('|')
    return [a, b, c, d]
  }
  for (const key of candidates.balances) {
    const [token, account] = parts(key)
    tokens.add(token)
    plan.push({ key: `balance|${key}`, probe: Probes.balanceOf(token, account) })
  }
  for (const key of candidates.allowances) {
    const [token, owner, spender] = parts(key)
    tokens.add(token)
    plan.push({ key: `allowance|${key}`, probe: Probes.allowance(token, owner, spender) })
    plan.push({ key: `balance|${token}|${owner}`, probe: Probes.balanceOf(token, owner) })
  }
  for (const key of candidates.permit2) {
    const [permit2, owner, token, spender] = parts(key)
    tokens.add(token)
    plan.push({ key: `permit2|${key}`, probe: Probes.permit2Allowance(permit2, owner, token, spender) })
    plan.push({ key: `balance|${token}|${owner}`, probe: Probes.balanceOf(token, owner) })
  }
  for (const key of candidates.operators) {
    const [token, owner, operator] = parts(key)
    tokens.add(token)
    plan.push({ key: `operator|${key}`, probe: Probes.isApprovedForAll(token, owner, operator) })
  }
  for (const key of candidates.approvals) {
    const [token, id] = parts(key)
    plan.push({ key: `approved|${key}`, probe: Probes.getApproved(token, BigInt(id)) })
    plan.push({ key: `owner|${key}`, probe: Probes.ownerOf(token, BigInt(id)) })
  }
  for (const key of candidates.nfts) {
    const [token, id] = parts(key)
    tokens.add(token)
    plan.push({ key: `owner|${key}`, probe: Probes.ownerOf(token, BigInt(id)) })
  }
  for (const key of candidates.multi) {
    const [token, account, id] = parts(key)
    plan.push({ key: `multi|${key}`, probe: Probes.balanceOfId(token, account, BigInt(id)) })
  }
  for (const token of tokens) {
    if (known.get(token)?.symbol !== undefined || words.has(token)) continue
    plan.push(
      { key: `symbol|${token}`, probe: Probes.symbol(token) },
      { key: `decimals|${token}`, probe: Probes.decimals(token) },
    )
  }
  return [...new Map(plan.map((entry) => [entry.key, entry])).values()]
}

/** Ether by the state's own account, with gas taken out; compared with what the trace says moved. */
function nativeChanges(
  fork: Fork,
  request: SimulationRequest,
  run: BatchRun,
  runs: readonly StepRun[],
): { changes: TokenChange[]; disagreements: string[] } {
  const user = request.from.toLowerCase()
  const coinbase = fork.env.coinbase.toLowerCase()
  const fees = runs.reduce((sum, step) => sum + step.gasUsed * step.gasPriceWei, 0n)
  const tips = runs.reduce((sum, step) => sum + step.gasUsed * (step.gasPriceWei - fork.env.baseFeeWei), 0n)
  const lastFailed = runs.at(-1)?.trace.error !== undefined
  const moved = new Map<string, bigint>()
  for (const step of runs)
    for (const [account, delta] of nativeMoves(step.trace)) moved.set(account, (moved.get(account) ?? 0n) + delta)

  const changes: TokenChange[] = []
  const disagreements: string[] = []
  for (const account of new Set([...run.after.accounts.keys(), ...moved.keys()])) {
    const start = fork.cache.accounts.get(account)?.balance ?? 0n
    const end = run.after.accounts.get(account)?.balance ?? start
    // A failed step is not applied to the overlay, so its gas is not in `end` either.
    const applied = lastFailed ? runs.slice(0, -1) : runs
    const paidFees = lastFailed ? applied.reduce((sum, step) => sum + step.gasUsed * step.gasPriceWei, 0n) : fees
    const paidTips = lastFailed
      ? applied.reduce((sum, step) => sum + step.gasUsed * (step.gasPriceWei - fork.env.baseFeeWei), 0n)
      : tips
    const delta = end - start + (account === user ? paidFees : 0n) - (account === coinbase ? paidTips : 0n)
    const traced = moved.get(account) ?? 0n
    if (delta !== traced) disagreements.push(`${Address.parse(account)}: state ${delta}, trace ${traced} wei`)
    if (delta === 0n) continue
    changes.push({
      account: Address.parse(account),
      standard: 'native',
      token: null,
      tokenId: null,
      symbol: null,
      decimals: 18,
      before: start,
      after: start + delta,
      delta,
      provenBy: 'trace',
    })
  }
  return { changes, disagreements }
}

function erc20Changes(candidates: Candidates, answerOf: Answers, wordsOf: Words): TokenChange[] {
  const changes: TokenChange[] = []
  for (const key of candidates.balances) {
    const [token = '', account = ''] = key.split('|')
    const answer = answerOf(`balance|${key}`)
    const before = Probes.asNumber(answer?.before)
    const after = Probes.asNumber(answer?.after)
    if (before === null || after === null || before === after) continue
    // A collection's own count also answers to balanceOf; its tokens are reported one by one.
    if ([...candidates.nfts].some((nft) => nft.startsWith(`${token}|`))) continue
    changes.push({ ...side(token, account, before, after), standard: 'erc20', tokenId: null, ...wordsOf(token) })
  }
  return changes
}

function nftChanges(candidates: Candidates, answerOf: Answers, wordsOf: Words): TokenChange[] {
  const changes: TokenChange[] = []
  for (const key of candidates.nfts) {
    const [token = '', id = '0'] = key.split('|')
    const answer = answerOf(`owner|${key}`)
    const before = ownerIn(answer?.before)
    const after = ownerIn(answer?.after)
    if (before === after) continue
    const common = { standard: 'erc721' as const, tokenId: BigInt(id), symbol: wordsOf(token).symbol, decimals: 0 }
    if (before !== null) changes.push({ ...side(token, before, 1n, 0n), ...common })
    if (after !== null) changes.push({ ...side(token, after, 0n, 1n), ...common })
  }
  return changes
}

function multiChanges(candidates: Candidates, answerOf: Answers, wordsOf: Words): TokenChange[] {
  const changes: TokenChange[] = []
  for (const key of candidates.multi) {
    const [token = '', account = '', id = '0'] = key.split('|')
    const answer = answerOf(`multi|${key}`)
    const before = Probes.asNumber(answer?.before)
    const after = Probes.asNumber(answer?.after)
    if (before === null || after === null || before === after) continue
    changes.push({
      ...side(token, account, before, after),
      standard: 'erc1155',
      tokenId: BigInt(id),
      symbol: wordsOf(token).symbol,
      decimals: 0,
    })
  }
  return changes
}

function side(token: string, account: string, before: bigint, after: bigint) {
  return {
    account: Address.parse(account),
    token: Address.parse(token),
    before,
    after,
    delta: after - before,
    provenBy: 'call' as const,
  }
}

function ownerIn(answer: Probes.ProbeAnswer | undefined): string | null {
  const word = Probes.asNumber(answer)
  return word === null || word === 0n ? null : `0x${word.toString(16).padStart(40, '0')}`
}

/** Grants as the contracts themselves report them, before and after; only what differs. */
function readAuthority(candidates: Candidates, answerOf: Answers, wordsOf: Words): AuthorityChange[] {
  const changes: AuthorityChange[] = []
  const balance = (token: string, owner: string) => Probes.asNumber(answerOf(`balance|${token}|${owner}`)?.after) ?? 0n
  const atRisk = (token: string, owner: string, allowed: bigint) => {
    const held = balance(token, owner)
    const amount = allowed < held ? allowed : held
    return amount > 0n ? [{ token: Address.parse(token), amount }] : []
  }
  for (const key of candidates.allowances) {
    const [token = '', owner = '', spender = ''] = key.split('|')
    const answer = answerOf(`allowance|${key}`)
    const before = Probes.asNumber(answer?.before)
    const after = Probes.asNumber(answer?.after)
    if (before === null || after === null || before === after) continue
    changes.push({
      owner: Address.parse(owner),
      kind: 'erc20_allowance',
      contract: Address.parse(token),
      subject: Address.parse(spender),
      before,
      after,
      unlimited: after >= UNLIMITED,
      expiresMs: null,
      valueAtRisk: atRisk(token, owner, after),
      ...wordsOf(token),
    })
  }
  for (const key of candidates.permit2) {
    const [permit2 = '', owner = '', token = '', spender = ''] = key.split('|')
    const answer = answerOf(`permit2|${key}`)
    const before = Probes.asNumber(answer?.before)
    const after = Probes.asNumber(answer?.after)
    const expiresS = Probes.asNumber(answer?.after, 1)
    if (before === null || after === null || before === after) continue
    changes.push({
      owner: Address.parse(owner),
      kind: 'permit2_allowance',
      contract: Address.parse(permit2),
      subject: Address.parse(spender),
      before,
      after,
      unlimited: after >= UNLIMITED_160,
      // Year 9999 is as far as dates are written.
      expiresMs: expiresS === null ? null : Math.min(Number(expiresS) * 1000, 253_402_300_799_000),
      valueAtRisk: atRisk(token, owner, after),
      ...wordsOf(token),
    })
  }
  for (const key of candidates.operators) {
    const [token = '', owner = '', operator = ''] = key.split('|')
    const answer = answerOf(`operator|${key}`)
    const before = Probes.asNumber(answer?.before)
    const after = Probes.asNumber(answer?.after)
    if (before === null || after === null || before === after) continue
    changes.push({
      owner: Address.parse(owner),
      kind: 'operator',
      contract: Address.parse(token),
      subject: Address.parse(operator),
      before,
      after,
      unlimited: after !== 0n,
      expiresMs: null,
      valueAtRisk: [],
      symbol: wordsOf(token).symbol,
      decimals: 0,
    })
  }
  for (const key of candidates.approvals) {
    const [token = ''] = key.split('|')
    const answer = answerOf(`approved|${key}`)
    const before = ownerIn(answer?.before)
    const after = ownerIn(answer?.after)
    const owner = ownerIn(answerOf(`owner|${key}`)?.after)
    // Moving a token clears its approval; that takes nothing from anybody.
    if (before === after || after === null || owner === null) continue
    changes.push({
      owner: Address.parse(owner),
      kind: 'operator',
      contract: Address.parse(token),
      subject: Address.parse(after),
      before: 0n,
      after: 1n,
      unlimited: false,
      expiresMs: null,
      valueAtRisk: [{ token: Address.parse(token), amount: 1n }],
      symbol: wordsOf(token).symbol,
      decimals: 0,
    })
  }
  return changes
}

/** The user's own first, what leaves before what arrives; then by account and token, so that order never varies. */
function sortChanges(changes: TokenChange[], user: Address.Address): TokenChange[] {
  const rank = (change: TokenChange) => (change.account !== user ? 2 : change.delta < 0n ? 0 : 1)
  const text = (change: TokenChange) => `${change.account}|${change.token ?? ''}|${change.tokenId ?? ''}`
  return changes.sort((a, b) => rank(a) - rank(b) || (text(a) < text(b) ? -1 : 1))
}
