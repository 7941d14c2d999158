import { Address, type Hex } from '@countersign/base'
import { safeText } from '../decode/safeText.ts'
import * as Overlay from '../evm/Overlay.ts'
import { askPlainly, readAsUser, type Fork } from '../evm/runBatch.ts'
import type { BatchRun, StepRun } from '../model/Run.ts'
import type { Watched } from '../evm/watchRun.ts'
import { isUnlimited } from '../model/Allowance.ts'
import type { AuthorityChange } from '../model/Authority.ts'
import type { Controlled } from '../model/Controlled.ts'
import type { Entry, Movement } from '../model/ValueFlow.ts'
import type { KeptForYou } from '../model/KeptForYou.ts'
import type { Log } from '../model/Step.ts'
import type { TokenChange } from '../model/TokenChange.ts'
import { vouchedOf, type VouchedAddress } from '../model/KnownAddress.ts'
import type { SimulationRequest } from '../model/Request.ts'
import type { BeforeReads, Memory, ReadsKey } from '../memory/Memory.ts'
import { addAccess, type AccessSet } from '../model/Access.ts'
import { isMadeIn } from './codesOf.ts'
import { readAnswers, type Owners, type Pairs } from './answers.ts'
import { candidatesOf, controlledOf, questionsOf } from './controlled.ts'
import { movementsOf } from './movements.ts'
import { announcedOf, asOneCoin } from './oneCoin.ts'
import { collect, type Candidates } from './Candidates.ts'
import type { Told } from './Told.ts'
import type { Preimages } from './StoragePath.ts'
import { openedWrites, type Unexplained } from './Write.ts'
import * as Probes from './probes.ts'
import { destroyedIn, nativeMoves } from './Trace.ts'

/** What the batch did to balances and grants, read from the state before and after. */
export interface Effects {
  readonly tokenChanges: readonly TokenChange[]
  readonly authorityChanges: readonly AuthorityChange[]
  /** Accounts of the sender's that took part. */
  readonly controlled: readonly Controlled[]
  /** What moved in which order, of assets of which events say what balances bear out. */
  readonly movements: readonly Movement[]
  readonly announced: ReadonlyMap<string, bigint>
  /** Places where trace and state disagree about ether; never empty silence. */
  readonly disagreements: readonly string[]
  /** Coin that ceases to exist, by the contract that held it. */
  readonly destroyed: readonly { readonly account: Address.Address; readonly amount: bigint }[]
  /** What could be read before and not after, or the other way round. */
  readonly unreadable: readonly string[]
  readonly touched: AccessSet
  /** Balances and grants that were read, with their answers: what other environments are compared by. */
  readonly reads: readonly Read[]
  /** What getters answered before and after, whether or not it differs: it explains the words that say the same. */
  readonly told: readonly Told[]
  /** Where grants that no getter names were written. */
  readonly grantSlots: ReadonlyMap<AuthorityChange, Hex.Hex>
  /** Contracts in which an entry of the user's own grew. Lower case. */
  readonly credits: ReadonlySet<string>
  /** `contract|slot` of words that stand under the user's key and that the run wrote or read. */
  readonly ownSlots: ReadonlySet<string>
  /** Numbers that contracts keep for the user and that differ. */
  readonly kept: readonly KeptForYou[]
  /** The same for everybody, with what newly names an account. */
  readonly entries: readonly Entry[]
  /** Stored words that mention the user and that no effect explains. */
  readonly unexplained: readonly Unexplained[]
  /** Flags, counts and times under the user's key that turn on, and entries with another account that end. */
  readonly marks: readonly Unexplained[]
  /** Contracts that wrote something about the user that nothing explains, and have something in reach. Lower case. */
  readonly reach: ReadonlySet<string>
  /** Those of them that reach nothing but what the user allows them in this run. */
  readonly lent: ReadonlySet<string>
  /** What the run was seen to look at; null when it could not be watched. */
  readonly watched: Watched | null
  /** Environment opcodes that the run executed. */
  readonly environmentReads: readonly string[]
  /** Blocks whose hash the run asked for. */
  readonly blockHashesAsked: readonly bigint[]
  /** More could have changed than is looked at. */
  readonly wasCut: boolean
  /** Keeps what was learned for later runs. Only after the closure check: on half the state it is no answer. */
  keep(): void
}

/** What calls alone can tell. */
export type ReadByCalls = Omit<
  Effects,
  | 'grantSlots'
  | 'credits'
  | 'ownSlots'
  | 'kept'
  | 'entries'
  | 'unexplained'
  | 'marks'
  | 'reach'
  | 'lent'
  | 'watched'
  | 'environmentReads'
  | 'blockHashesAsked'
>

/** A balance or grant, as the contract answered after the run. */
export interface Read {
  readonly probe: Probes.Probe
  readonly after: Probes.ProbeAnswer
}

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
    preimages,
    before: preState,
  }: {
    request: SimulationRequest
    run: BatchRun
    logs: readonly Log[]
    /** What opens the slots that were written: they say where to look, whatever events say. */
    preimages: Preimages
    /** Answers to the same probes on the same state in the same environment, once they were found whole. */
    before: { key: Omit<ReadsKey, 'probes'>; memo: Memory['balanceReads'] }
  },
): Promise<ReadByCalls> {
  const user = request.from.toLowerCase()
  const known = vouchedOf(request)
  const runs = run.steps.filter((step): step is StepRun => !('refused' in step))
  const traces = runs.filter((step) => step.trace.error === undefined).map((step) => step.trace)
  const candidates = collect({
    ...{ user, logs, traces, writtenContracts: [...run.after.slots.keys()] },
    writes: openedWrites(fork, run, preimages),
  })
  const touched: AccessSet = new Map()
  const askable = (account: string) => {
    const kind = known.get(account)?.kind
    return kind === undefined || kind === 'contact'
  }
  const accounts = candidatesOf(traces, user, askable)
  const plan = [
    ...accounts.flatMap((account) =>
      questionsOf(account, user).map((probe, n) => ({ key: `control|${account.account}|${n}`, probe })),
    ),
    ...planProbes(candidates, known),
  ]
  const wasCut = plan.length > MAX_PROBES
  const probes = plan.slice(0, MAX_PROBES)
  const asked = probes.map(({ probe }) => probe)
  const ask = (overlay: Overlay.Overlay) => readAsUser(fork, access, overlay, { from: user, probes: asked, touched })
  const beforeKey = { ...preState.key, probes: asked }
  // The same reads on the same block were answered before, with all state that they take: it is the same answer.
  const memo = preState.memo.get(beforeKey)
  const readBefore = async (): Promise<BeforeReads> => {
    const read: AccessSet = new Map()
    const answers = await readAsUser(fork, access, Overlay.empty(), { from: user, probes: asked, touched: read })
    return { answers, touched: read }
  }
  // Contracts that nobody vouches for are asked for the user's own balance a second time, in another way.
  const doubted = probes.flatMap(({ key, probe }, i) => {
    const [kind, token = '', account] = key.split('|')
    return kind === 'balance' && account === user && !known.has(token) ? [{ token, probe, i }] : []
  })
  const plainly = (overlay: Overlay.Overlay) =>
    Promise.all(doubted.map(({ probe }) => askPlainly(fork, access, overlay, { from: user, probe, touched })))
  const [beforeReads, after, plainBefore, plainAfter] = await Promise.all([
    memo ?? readBefore(),
    ask(run.after),
    plainly(Overlay.empty()),
    plainly(run.after),
  ])
  const before = beforeReads.answers
  addAccess(touched, beforeReads.touched)
  const isCreated = (contract: string) => isMadeIn(fork, run, contract)
  const { at, pairOf, ownersOf, unreadable } = readAnswers({
    ...{ probes, before, after, isCreated },
    isDerived: (key) => candidates.derived.has(key),
  })
  const answerOf = (key: string) => after[at.get(key) ?? -1]
  const wordsOf = tokenWords(known, answerOf)
  const supplyOf = (token: string) => Probes.asNumber(answerOf(`supply|${token}`))
  const native = nativeChanges(fork, { request, run, runs, announced: candidates.announced })
  const nfts = nftChanges(candidates, ownersOf, wordsOf)
  const tokenChanges = [
    ...native.changes,
    ...erc20Changes(candidates, pairOf, wordsOf, nfts),
    ...nfts,
    ...multiChanges(candidates, pairOf, wordsOf),
  ]
  const seen = asOneCoin(fork.coin, {
    tokenChanges,
    movements: movementsOf(runs, tokenChanges),
    announced: candidates.announced,
  })
  return {
    ...seen,
    tokenChanges: sortChanges([...seen.tokenChanges], request.from),
    authorityChanges: readAuthority(candidates, { pairOf, ownersOf, wordsOf, supplyOf }),
    controlled: controlledOf(
      accounts,
      accounts.map(({ account }) => [0, 1, 2, 3].map((n) => before[at.get(`control|${account}|${n}`) ?? -1])),
      user,
    ),
    destroyed: native.destroyed,
    disagreements: [
      ...native.disagreements,
      ...doubted.flatMap(({ token, i }, n) =>
        isSameAnswer(before[i], plainBefore[n]) && isSameAnswer(after[i], plainAfter[n])
          ? []
          : [`${Address.parse(token)} tells a wallet another balance of yours than it tells whoever checks`],
      ),
    ],
    unreadable,
    touched,
    reads: probes.flatMap(({ key, probe }, i) => {
      const answer = after[i]
      return answer === undefined || /^(symbol|decimals|supply|control)\|/.test(key) ? [] : [{ probe, after: answer }]
    }),
    told: probes.flatMap(({ key }, i) => toldBy(key, before[i], after[i])),
    wasCut,
    keep: () => {
      // Without the closure check it is not known what was touched.
      if (fork.isClosureChecked || memo !== undefined) preState.memo.set(beforeKey, beforeReads)
    },
  }
}

/** A token's symbol and decimals: as the app has them, otherwise in the token's own words, escaped. */
function tokenWords(
  known: ReadonlyMap<string, VouchedAddress>,
  answerOf: (key: string) => Probes.ProbeAnswer | undefined,
): Words {
  const said = new Map<string, ReturnType<Words>>()
  return (token) => {
    const entry = known.get(token)
    if (entry?.symbol !== undefined) return { symbol: safeText(entry.symbol, 32), decimals: entry.decimals ?? null }
    let own = said.get(token)
    if (own === undefined) {
      const decimals = Probes.asNumber(answerOf(`decimals|${token}`))
      own = {
        symbol: Probes.asText(answerOf(`symbol|${token}`)),
        decimals: decimals !== null && decimals <= 255n ? Number(decimals) : null,
      }
      said.set(token, own)
    }
    return own
  }
}

/** What a getter said at both times, and of whom; nothing where it did not answer. */
function toldBy(key: string, before?: Probes.ProbeAnswer, after?: Probes.ProbeAnswer): Told[] {
  const [kind = '', contract = '', ...parties] = key.split('|')
  const isOwnerOf = kind === 'owner' || kind === 'approved'
  if (before === undefined || after === undefined || ['symbol', 'decimals', 'supply', 'control'].includes(kind))
    return []
  // A piece that is minted or burnt has no owner at one time, and its getter fails there.
  if (isOwnerOf ? !before.success && !after.success : !before.success || !after.success) return []
  const words = ({ success, data }: Probes.ProbeAnswer) =>
    success ? (data.slice(2).match(/.{64}/g) ?? []).slice(0, 4).map((each) => BigInt(`0x${each}`)) : []
  const [was, is] = [words(before), words(after)]
  if (was.length === 0 && is.length === 0) return []
  return [{ kind, contract, parties: parties.filter((each) => each.startsWith('0x')), before: was, after: is }]
}

/** Whether a wallet's question and ours got the same number, or neither got one. */
function isSameAnswer(ours: Probes.ProbeAnswer | undefined, plain: Hex.Hex | null | undefined): boolean {
  const theirs = plain == null ? null : Probes.asNumber({ success: true, data: plain })
  return Probes.asNumber(ours) === theirs
}

type Words = (token: string) => { symbol: string | null; decimals: number | null }

function planProbes(
  candidates: Candidates,
  known: ReadonlyMap<string, VouchedAddress>,
): { key: string; probe: Probes.Probe }[] {
  const plan: { key: string; probe: Probes.Probe }[] = []
  const tokens = new Set<string>()
  const parts = (key: string): [string, string, string, string] => {
    const [a = '', b = '', c = '', d = ''] = key.split('|')
    return [a, b, c, d]
  }
  // How much of a token an allowance could be about: what its owner holds, and what there is.
  const ownersShare = (token: string, owner: string) => [
    { key: `balance|${token}|${owner}`, probe: Probes.balanceOf(token, owner) },
    { key: `supply|${token}`, probe: Probes.totalSupply(token) },
  ]
  for (const key of candidates.balances) {
    const [token, account] = parts(key)
    tokens.add(token)
    plan.push({ key: `balance|${key}`, probe: Probes.balanceOf(token, account) })
  }
  for (const key of candidates.allowances) {
    const [token, owner, spender] = parts(key)
    tokens.add(token)
    plan.push({ key: `allowance|${key}`, probe: Probes.allowance(token, owner, spender) })
    plan.push(...ownersShare(token, owner))
  }
  for (const key of candidates.permit2) {
    const [permit2, owner, token, spender] = parts(key)
    tokens.add(token)
    plan.push({ key: `permit2|${key}`, probe: Probes.permit2Allowance(permit2, owner, token, spender) })
    plan.push(...ownersShare(token, owner))
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
    if (known.get(token)?.symbol !== undefined) continue
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
  {
    request,
    run,
    runs,
    announced,
  }: {
    request: SimulationRequest
    run: BatchRun
    runs: readonly StepRun[]
    announced: Candidates['announced']
  },
): { changes: TokenChange[]; disagreements: string[]; destroyed: Effects['destroyed'] } {
  // A chain without a coin answers one constant for every balance of it.
  if (fork.coin.isNone === true) return { changes: [], disagreements: [], destroyed: [] }
  const user = request.from.toLowerCase()
  const coinbase = fork.env.coinbase.toLowerCase()
  // A failed step is not applied to the overlay, so its gas is not in the balances there either.
  const applied = runs.filter((step) => step.trace.error === undefined)
  const fees = applied.reduce((sum, step) => sum + step.gasUsed * step.gasPriceWei, 0n)
  const tips = applied.reduce((sum, step) => sum + step.gasUsed * (step.gasPriceWei - fork.env.baseFeeWei), 0n)
  const moved = new Map<string, bigint>()
  for (const step of runs)
    for (const [account, delta] of nativeMoves(step.trace)) moved.set(account, (moved.get(account) ?? 0n) + delta)

  const changes: TokenChange[] = []
  const disagreements: string[] = []
  const destroyed = runs.flatMap((step) => [...destroyedIn(step.trace)])
  for (const [account, amount] of destroyed) moved.set(account, (moved.get(account) ?? 0n) - amount)
  for (const account of new Set([...run.after.accounts.keys(), ...moved.keys()])) {
    // Made-up holders of a signature are lent ether first.
    const start = fork.start?.accounts.get(account)?.balance ?? fork.cache.accounts.get(account)?.balance ?? 0n
    const end = run.after.accounts.get(account)?.balance ?? start
    const delta = end - start + (account === user ? fees : 0n) - (account === coinbase ? tips : 0n)
    const traced = moved.get(account) ?? 0n
    // A token that is the coin as well moves it without a call that carries it.
    const told = announcedOf(fork.coin, announced, account)
    const isTold = delta === traced || (told !== 0n && (delta === told || delta === traced + told))
    if (!isTold) disagreements.push(`${Address.parse(account)}: state ${delta}, trace ${traced} wei`)
    if (delta === 0n) continue
    changes.push({
      account: Address.parse(account),
      standard: 'native',
      token: null,
      tokenId: null,
      symbol: fork.coin.symbol,
      decimals: fork.coin.decimals,
      before: start,
      after: start + delta,
      delta,
      provenBy: 'trace',
    })
  }
  const gone = destroyed.filter(([, amount]) => amount > 0n)
  return {
    changes,
    disagreements,
    destroyed: gone.map(([account, amount]) => ({ account: Address.parse(account), amount })),
  }
}

function erc20Changes(
  candidates: Candidates,
  pairOf: Pairs,
  wordsOf: Words,
  nfts: readonly TokenChange[],
): TokenChange[] {
  // A collection's own count also answers to balanceOf; its tokens are reported one by one. Only what they account
  // for is left out: an event alone must not hide a debit.
  const counted = new Map<string, bigint>()
  for (const nft of nfts) {
    const key = `${nft.token}|${nft.account}`.toLowerCase()
    counted.set(key, (counted.get(key) ?? 0n) + nft.delta)
  }
  return [...candidates.balances].flatMap((key): TokenChange[] => {
    const [token = '', account = ''] = key.split('|')
    const read = pairOf(`balance|${key}`)
    if (read === null || read.before === read.after || read.after - read.before === counted.get(key)) return []
    return [{ ...side(token, account, read), standard: 'erc20', tokenId: null, ...wordsOf(token) }]
  })
}

function nftChanges(candidates: Candidates, ownersOf: Owners, wordsOf: Words): TokenChange[] {
  return [...candidates.nfts].flatMap((key): TokenChange[] => {
    const [token = '', id = '0'] = key.split('|')
    const read = ownersOf(`owner|${key}`)
    if (read.before === read.after) return []
    const common = { standard: 'erc721' as const, tokenId: BigInt(id), symbol: wordsOf(token).symbol, decimals: 0 }
    return [
      ...(read.before === null ? [] : [{ ...side(token, read.before, { before: 1n, after: 0n }), ...common }]),
      ...(read.after === null ? [] : [{ ...side(token, read.after, { before: 0n, after: 1n }), ...common }]),
    ]
  })
}

function multiChanges(candidates: Candidates, pairOf: Pairs, wordsOf: Words): TokenChange[] {
  return [...candidates.multi].flatMap((key): TokenChange[] => {
    const [token = '', account = '', id = '0'] = key.split('|')
    const read = pairOf(`multi|${key}`)
    if (read === null || read.before === read.after) return []
    const { symbol } = wordsOf(token)
    return [{ ...side(token, account, read), standard: 'erc1155', tokenId: BigInt(id), symbol, decimals: 0 }]
  })
}

function side(token: string, account: string, { before, after }: { before: bigint; after: bigint }) {
  return {
    account: Address.parse(account),
    token: Address.parse(token),
    before,
    after,
    delta: after - before,
    provenBy: 'call' as const,
  }
}

/** Grants as the contracts themselves report them, before and after; only what differs. */
function readAuthority(
  candidates: Candidates,
  {
    pairOf,
    ownersOf,
    wordsOf,
    supplyOf,
  }: { pairOf: Pairs; ownersOf: Owners; wordsOf: Words; supplyOf: (token: string) => bigint | null },
): AuthorityChange[] {
  const changes: AuthorityChange[] = []
  const atRisk = (token: string, owner: string, allowed: bigint) => {
    const held = pairOf(`balance|${token}|${owner}`)?.after ?? 0n
    const amount = allowed < held ? allowed : held
    return amount > 0n ? [{ token: Address.parse(token), amount }] : []
  }
  const isAll = (token: string, owner: string, amount: bigint) =>
    isUnlimited({
      amount,
      held: pairOf(`balance|${token}|${owner}`)?.after ?? 0n,
      supply: supplyOf(token),
    })
  /** Notes a grant when its number differs; the caller says what kind it is. */
  const note = (
    key: string,
    grant: { owner: string; contract: string; subject: string; token: string },
    describe: (after: bigint) => Pick<AuthorityChange, 'kind' | 'unlimited' | 'expiresMs' | 'valueAtRisk' | 'decimals'>,
  ): void => {
    const read = pairOf(key)
    if (read === null || read.before === read.after) return
    changes.push({
      owner: Address.parse(grant.owner),
      contract: Address.parse(grant.contract),
      subject: Address.parse(grant.subject),
      ...read,
      symbol: wordsOf(grant.token).symbol,
      ...describe(read.after),
    })
  }
  for (const key of candidates.allowances) {
    const [token = '', owner = '', subject = ''] = key.split('|')
    note(`allowance|${key}`, { owner, contract: token, subject, token }, (after) => ({
      kind: 'erc20_allowance',
      unlimited: isAll(token, owner, after),
      expiresMs: null,
      valueAtRisk: atRisk(token, owner, after),
      decimals: wordsOf(token).decimals,
    }))
  }
  for (const key of candidates.permit2) {
    const [permit2 = '', owner = '', token = '', subject = ''] = key.split('|')
    note(`permit2|${key}`, { owner, contract: permit2, subject, token }, (after) => ({
      kind: 'permit2_allowance',
      unlimited: isAll(token, owner, after),
      // Year 9999 is as far as dates are written.
      expiresMs: Math.min(Number(pairOf(`permit2|${key}`, 1)?.after ?? 0n) * 1000, 253_402_300_799_000),
      valueAtRisk: atRisk(token, owner, after),
      decimals: wordsOf(token).decimals,
    }))
  }
  for (const key of candidates.operators) {
    const [token = '', owner = '', subject = ''] = key.split('|')
    note(`operator|${key}`, { owner, contract: token, subject, token }, (after) => ({
      kind: 'operator',
      unlimited: after !== 0n,
      expiresMs: null,
      valueAtRisk: [],
      decimals: 0,
    }))
  }
  for (const key of candidates.approvals) {
    const [token = ''] = key.split('|')
    const approved = ownersOf(`approved|${key}`)
    const owner = ownersOf(`owner|${key}`).after
    // Moving a token clears its approval; that takes nothing from anybody.
    if (approved.before === approved.after || approved.after === null || owner === null) continue
    changes.push({
      owner: Address.parse(owner),
      kind: 'operator',
      contract: Address.parse(token),
      subject: Address.parse(approved.after),
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
