import { randomUUID } from 'node:crypto'
import { BaseError, type Clock, type Hex } from '@countersign/base'
import { openReceiptKeys } from '@countersign/simulator'
import { privateKeyToAccount } from 'viem/accounts'
import { createAppendAudit } from '../../src/audit/appendAudit.ts'
import { commitProposal } from '../../src/proposals/commitProposal.ts'
import { DOCUMENT_KIND, encode, signatureOf } from '../../src/proposals/Document.ts'
import { DEFAULT_POLICY, type Gate } from '../../src/proposals/Gate.ts'
import type { Proposal } from '../../src/proposals/Proposal.ts'
import { recheckProposal, type Recheck } from '../../src/proposals/recheckProposal.ts'
import { expireProposals, rejectProposal, reportUnsigned } from '../../src/proposals/rejectProposal.ts'
import { loadProposal } from '../../src/proposals/rows.ts'
import { lookAgain, settleSender } from '../../src/proposals/settleProposal.ts'
import { stageProposal } from '../../src/proposals/stageProposal.ts'
import { submitSignature } from '../../src/proposals/submitSignature.ts'
import { submitSteps } from '../../src/proposals/submitStep.ts'
import { createEventLog } from '../../src/sessions/EventLog.ts'
import { endSession } from '../../src/sessions/endSessions.ts'
import { loadSession, openSession } from '../../src/sessions/sessions.ts'
import type { Store } from '../../src/store/openStore.ts'
import * as Chain from './ModelAccountChain.ts'

export const START_MS = 1_700_000_000_000
const ACCOUNT = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')
/** A document that gives nothing away: its signature is what the model is about. */
const DOCUMENT = {
  domain: { name: 'Model', chainId: Chain.CHAIN_ID, verifyingContract: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC' },
  message: { text: 'agreed' },
  primaryType: 'Note',
  types: {
    EIP712Domain: [
      { name: 'name', type: 'string' },
      { name: 'chainId', type: 'uint256' },
      { name: 'verifyingContract', type: 'address' },
    ],
    Note: [{ name: 'text', type: 'string' }],
  },
}

export type WindowName = 'a' | 'b'

/** A client's window, as plain data. */
interface Window {
  /** The card that its wallet is open for, and until when the server believes so; null when it is not. */
  readonly open: { readonly card: number; readonly nonce: number; readonly untilMs: number } | null
  /** What was sent from here and not reported yet. */
  readonly sent: { readonly card: number; readonly hash: Hex.Hex } | null
}

/** All of the model that is not in the store. */
export interface Surroundings {
  readonly nowMs: number
  readonly chain: Chain.ModelState
  /** The cards in the order in which they were made; `sent`: how many payments were sent when its receipt was made. */
  readonly cards: readonly { readonly id: string; readonly sent: number }[]
  readonly windows: Readonly<Record<WindowName, Window>>
  /** Payments that were sent, oldest first. */
  readonly sent: readonly Hex.Hex[]
  readonly isRevoked: boolean
  readonly isCrashed: boolean
  /** How often what happens a limited number of times has happened. */
  readonly done: Readonly<Record<string, number>>
}

/** A state of everything: what is in the store for the session, what is around it, and re-checks that are under way. */
export interface Snapshot {
  readonly rows: Readonly<Record<string, readonly Record<string, unknown>[]>>
  readonly around: Surroundings
  /** For a window whose re-check is between its last look and its lease: the state in which it asked, and its card. */
  readonly asking: Readonly<Partial<Record<WindowName, Asked>>>
}

interface Asked {
  readonly at: Snapshot
  /** The state when it had looked: what it knows. */
  readonly saw: Snapshot
  readonly card: number
}

/** Something that a client reported. */
interface Fact {
  /** What of it is not on record; null where all is. */
  missing(refused: string | null): Promise<string | null>
}

/** What an action did, as far as a check needs it. */
export interface Done {
  /** The window that got a wallet request, if one did. */
  readonly asked: WindowName | null
  /** What a client reported, was answered about, and is not on record; null where nothing is missing. */
  readonly unrecorded: string | null
  /** How many writes it made, and with which code it was refused. */
  readonly writes: number
  readonly refused: string | null
}

/** The process ends before a write: nothing of what would follow happens. */
class CrashError extends Error {}

/** Parts of the protocol that a control takes away. */
export interface Flaw {
  /** Which window has the wallet is forgotten. */
  readonly forgetsLease?: boolean
  /** Transactions that wait to be mined are not seen. */
  readonly isBlind?: boolean
  /** A hash that is reported for a card that is over is dropped. */
  readonly dropsReports?: boolean
  /** A rejection also ends what was settled. */
  readonly rejectsSettled?: boolean
  /** Nobody ends what was not signed in time. */
  readonly neverExpires?: boolean
}

const TABLES = ['proposals', 'proposal_calls', 'receipts', 'claimed_hashes', 'reported_hashes'] as const

/** What happens without the server. */
const OUTSIDE: ReadonlySet<string> = new Set(['sign', 'mine', 'lease', 'late', 'faster', 'cancel', 'reorg', 'crash'])

/** Plays actions on a store with the verbs of the product, and can go back to any state that it was in. */
export class ProtocolWorld {
  readonly #store: Store
  readonly #flaw: Flaw
  readonly #isDocument: boolean
  #around!: Surroundings
  #asking: Partial<Record<WindowName, Asked & { readonly resume: () => void; readonly answer: Promise<Recheck> }>> = {}
  #sid = ''
  #session!: Record<string, unknown>
  readonly #gate: Gate
  #writes = 0
  #crashBefore: number | null = null
  #hasCrashed = false
  #pause: (() => Promise<void>) | null = null

  constructor(store: Store, { dataDir, flaw, isDocument }: { dataDir: string; flaw: Flaw; isDocument: boolean }) {
    this.#store = store
    this.#flaw = flaw
    this.#isDocument = isDocument
    const clock: Clock.Clock = { nowMs: () => this.#around.nowMs }
    const chain = Chain.chainOn(() => this.#around.chain)
    const none = async () => ({ transactions: [], isComplete: true })
    this.#gate = {
      store: this.#counted(),
      clock,
      audit: createAppendAudit({ clock }),
      events: createEventLog({ store, clock }),
      chains: new Map([[Chain.CHAIN_ID, flaw.isBlind === true ? { ...chain, waiting: none } : chain]]),
      policy: DEFAULT_POLICY,
      receiptKeys: openReceiptKeys({ dataDir }),
      ledgerTime: async () => clock.nowMs(),
      pauseBeforeLease: () => this.#pause?.() ?? Promise.resolve(),
    }
  }

  /** The store as one process has it: after it crashed nothing more is written. */
  #counted(): Store {
    const { write } = this.#store
    return Object.assign(Object.create(this.#store) as Store, {
      prepare: this.#store.prepare.bind(this.#store),
      write: <T>(body: Parameters<typeof write<T>>[0]): Promise<T> => {
        if (this.#hasCrashed || this.#crashBefore === this.#writes) {
          this.#hasCrashed = true
          return Promise.reject(new CrashError('the process ended'))
        }
        this.#writes += 1
        return this.#store.write(body)
      },
    })
  }

  async begin(): Promise<Snapshot> {
    const idle: Window = { open: null, sent: null }
    this.#around = {
      ...{ nowMs: START_MS, chain: Chain.EMPTY, cards: [], windows: { a: idle, b: idle }, sent: [] },
      ...{ isRevoked: false, isCrashed: false, done: {} },
    }
    const { store, clock, audit } = this.#gate
    const session = await openSession({ store, clock, audit }, { publicId: randomUUID(), app: 'model', owner: 'key:m' })
    this.#sid = session.sid
    this.#session = await this.#store.read
      .selectFrom('sessions')
      .selectAll()
      .where('sid', '=', this.#sid)
      .executeTakeFirstOrThrow()
    return this.snapshot()
  }

  /** Takes away all that it left in the store. */
  async end(): Promise<void> {
    await this.#dropAsking()
    await this.#store.write(({ db }) => db.deleteFrom('sessions').where('sid', '=', this.#sid).execute())
  }

  get around(): Surroundings {
    return this.#around
  }
  /** Whether a re-check of a window is under way. */
  isAsking(window: WindowName): boolean {
    return this.#asking[window] !== undefined
  }

  async snapshot(): Promise<Snapshot> {
    const ids = this.#around.cards.map(({ id }) => id)
    const rows: Record<string, Record<string, unknown>[]> = {}
    const { read } = this.#store
    const [session] = await read.selectFrom('sessions').selectAll().where('sid', '=', this.#sid).execute()
    // The conversation is not what the protocol rests on.
    const { ended_ms, ended_why, next_tx_id } = session ?? { ended_ms: null, ended_why: null, next_tx_id: 1 }
    rows['sessions'] = [{ ...this.#session, ended_ms, ended_why, next_tx_id }]
    for (const table of TABLES) {
      const column = table === 'proposals' ? 'id' : 'proposal_id'
      rows[table] =
        ids.length === 0
          ? []
          : await read
              .selectFrom(table)
              .selectAll()
              .where(column as never, 'in', ids as never)
              .execute()
    }
    const asking = Object.fromEntries(
      Object.entries(this.#asking).map(([name, { at, saw, card }]) => [name, { at, saw, card }]),
    )
    return { rows, around: this.#around, asking }
  }

  /** Goes back to a state; what was under way then is under way again. */
  async restore(state: Snapshot): Promise<void> {
    await this.#dropAsking()
    for (const name of ['a', 'b'] as const) {
      const asked = state.asking[name]
      if (asked === undefined) continue
      await this.#put(asked.at)
      await this.#ask(name, asked.card, asked.at)
    }
    await this.#put(state)
  }

  async #put({ rows, around }: Snapshot): Promise<void> {
    await this.#store.write(async ({ db }) => {
      await db.deleteFrom('sessions').where('sid', '=', this.#sid).execute()
      for (const table of ['sessions', ...TABLES] as const)
        if ((rows[table] ?? []).length > 0)
          await db
            .insertInto(table)
            .values(rows[table] as never)
            .execute()
    })
    this.#around = around
  }

  /** Re-checks that are under way end with the process that made them. */
  async #dropAsking(): Promise<void> {
    this.#hasCrashed = true
    const all = Object.values(this.#asking)
    this.#asking = {}
    for (const { resume, answer } of all) {
      resume()
      await answer.catch(() => undefined)
    }
    this.#hasCrashed = false
  }

  #set(change: Partial<Surroundings>): void {
    this.#around = { ...this.#around, ...change }
  }
  #setWindow(name: WindowName, change: Partial<Window>): void {
    const { windows } = this.#around
    this.#set({ windows: { ...windows, [name]: { ...windows[name], ...change } } })
  }
  count(what: string): number {
    return this.#around.done[what] ?? 0
  }
  #note(what: string): void {
    this.#set({ done: { ...this.#around.done, [what]: this.count(what) + 1 } })
  }

  card(index: number): Promise<Proposal> {
    const { id = '' } = this.#around.cards[index] ?? {}
    return loadProposal(this.#store.read, { id, sid: this.#sid })
  }
  cards(): Promise<Proposal[]> {
    return Promise.all(this.#around.cards.map((_, i) => this.card(i)))
  }

  /**
   * Plays one action.
   *
   * @param crashBefore - The process ends before this write of it, counted from 0; after its last one it ends before its answer.
   */
  async act(action: string, crashBefore: number | null = null): Promise<Done> {
    this.#writes = 0
    this.#crashBefore = crashBefore
    this.#fact = null
    const [verb = '', on = '', of = '0'] = action.split(' ')
    const isOutside = OUTSIDE.has(verb)
    const digests = isOutside ? [] : await this.#receipts()
    let asked: WindowName | null = null
    let refused: string | null = null
    try {
      asked = await this.#verb(verb, on, Number(of))
    } catch (error) {
      if (!(error instanceof CrashError) && !isRefusal(error)) throw error
      refused = error instanceof BaseError ? error.code : null
    }
    const writes = this.#writes
    this.#crashBefore = null
    this.#hasCrashed = false
    if (!isOutside) await this.#noteReceipts(digests)
    if (crashBefore === null) {
      const fact = this.#fact as Fact | null
      return { asked, unrecorded: fact === null ? null : await fact.missing(refused), writes, refused }
    }
    await this.#dropAsking()
    this.#set({ isCrashed: true })
    // The answer never came: no window has what it would have said.
    return { asked: null, unrecorded: null, writes, refused }
  }
  /** What the last action reported. */
  #fact: Fact | null = null

  async #receipts(): Promise<readonly (string | null)[]> {
    return (await this.cards()).map(({ receipt }) => receipt?.digest ?? null)
  }
  /** A card with a new receipt was shown anew: what was sent until now it knows of. */
  async #noteReceipts(before: readonly (string | null)[]): Promise<void> {
    const now = await this.#receipts()
    const sent = this.#around.sent.length
    this.#set({ cards: this.#around.cards.map((card, i) => (now[i] === before[i] ? card : { ...card, sent })) })
  }

  async #verb(verb: string, on: string, of: number): Promise<WindowName | null> {
    const name = on as WindowName
    switch (verb) {
      case 'propose':
        await this.#propose()
        return null
      case 'ask':
        return (await this.#ask(name, of, await this.snapshot())) ? name : null
      case 'open':
        return (await this.#open(name)) ? name : null
      case 'sign':
        this.#sign(name)
        return null
      case 'report':
        await this.#report(name)
        return null
      case 'lie':
        this.#note('lie')
        await this.#submit(0, Chain.labelled('of nobody'))
        return null
      case 'no':
      case 'unsigned':
        await this.#decline(verb, name)
        return null
      case 'crash':
        await this.#dropAsking()
        this.#set({ isCrashed: true })
        return null
      case 'reject':
        this.#note('reject')
        await this.#reject(Number(on))
        return null
      case 'look':
        this.#note('look')
        await settleSender(this.#gate, { chainId: Chain.CHAIN_ID, sender: Chain.ALICE })
        await lookAgain(this.#gate, {
          chainId: Chain.CHAIN_ID,
          head: BigInt(100 + this.#around.chain.blocks.length),
        })
        return null
      case 'sweep':
        this.#note('sweep')
        if (this.#flaw.neverExpires !== true) await expireProposals(this.#gate)
        return null
      case 'revoke': {
        const session = loadSession(this.#store, { sid: this.#sid })
        if (session !== null)
          await this.#gate.store.write((write) => endSession(this.#gate, write, { session, why: 'key-disabled' }))
        this.#set({ isRevoked: true })
        return null
      }
      default:
        this.#world(verb)
        return null
    }
  }

  /** What happens outside the server. */
  #world(verb: string): void {
    const { chain, nowMs } = this.#around
    const [first, ...rest] = chain.mempool
    const last = chain.blocks.at(-1) ?? null
    if (verb === 'mine') this.#set({ chain: { ...chain, blocks: [...chain.blocks, first ?? null], mempool: rest } })
    if (verb === 'lease') this.#set({ nowMs: nowMs + DEFAULT_POLICY.walletLeaseMs + 1 })
    if (verb === 'late') this.#set({ nowMs: nowMs + DEFAULT_POLICY.pendingTtlMs + 1 })
    if ((verb === 'faster' || verb === 'cancel') && first !== undefined) {
      const isPayment = verb === 'faster' && first.isPayment
      const hash = Chain.labelled(`${verb} ${first.hash}`)
      this.#set({ chain: { ...chain, mempool: [{ ...first, hash, isPayment }, ...rest] } })
      if (isPayment) this.#set({ sent: this.#around.sent.map((each) => (each === first.hash ? hash : each)) })
    }
    if (verb === 'reorg' && last !== null)
      this.#set({
        chain: { blocks: chain.blocks.slice(0, -1), mempool: [last, ...chain.mempool], forks: chain.forks + 1 },
      })
    this.#note(verb)
  }

  async #propose(): Promise<void> {
    this.#note('propose')
    const session = loadSession(this.#store, { sid: this.#sid })
    if (session === null) return
    const calls = this.#isDocument
      ? [{ to: null, value: 0n, data: encode(DOCUMENT), label: 'sign', kind: DOCUMENT_KIND }]
      : [Chain.PAYMENT]
    const draft = { chainId: Chain.CHAIN_ID, from: Chain.ALICE, summary: 'Pay', provenance: [], calls }
    const sent = this.#around.sent.length
    let id = ''
    try {
      id = (await stageProposal(this.#gate, { session, draft: draft as never, userTexts: [] })).id
      await commitProposal(this.#gate, { id, sid: this.#sid })
    } finally {
      // Where the process died in the middle the card may be there, whoever knows its id.
      const rows = await this.#store.read.selectFrom('proposals').select('id').where('sid', '=', this.#sid).execute()
      const known = this.#around.cards.map((card) => card.id)
      const made = rows.find((row) => !known.includes(row.id))
      if (made !== undefined) this.#set({ cards: [...this.#around.cards, { id: made.id, sent }] })
    }
  }

  /** Asks for the wallet, up to the moment before it would open. */
  async #ask(name: WindowName, card: number, at: Snapshot): Promise<boolean> {
    const { id = '' } = this.#around.cards[card] ?? {}
    let resume = (): void => undefined
    const paused = new Promise<'paused'>((isPaused) => {
      this.#pause = () =>
        new Promise<void>((go) => {
          resume = go
          isPaused('paused')
        })
    })
    const answer = recheckProposal(this.#gate, {
      ...{ id, sid: this.#sid, sender: Chain.ALICE, chainId: Chain.CHAIN_ID, lease: name },
    })
    answer.catch(() => undefined)
    const first = await Promise.race([paused, answer]).finally(() => (this.#pause = null))
    if (first !== 'paused') return this.#take(name, card, first)
    const { rows, around } = await this.snapshot()
    this.#asking[name] = { at: { ...at, asking: {} }, saw: { rows, around, asking: {} }, card, resume, answer }
    return false
  }

  async #open(name: WindowName): Promise<boolean> {
    const asking = this.#asking[name]
    if (asking === undefined) return false
    delete this.#asking[name]
    asking.resume()
    return this.#take(name, asking.card, await asking.answer)
  }

  #take(name: WindowName, card: number, { outcome, opened }: Recheck): boolean {
    // Where the process died after its last write the answer does not come.
    if (this.#crashBefore !== null || outcome !== 'fresh' || opened === null) return false
    const nonce = Chain.pendingNonceOf(this.#around.chain)
    this.#setWindow(name, { open: { card, nonce, untilMs: opened.untilMs } })
    return true
  }

  /** The wallet signs with the nonce that it had when it was opened; a node takes one transaction a nonce. */
  #sign(name: WindowName): void {
    const { chain, windows, sent } = this.#around
    const { open } = windows[name]
    if (open === null) return
    this.#setWindow(name, { open: null })
    const hash = Chain.labelled(`${open.nonce} ${sent.length}`)
    if (this.#isDocument) return this.#setWindow(name, { sent: { card: open.card, hash } })
    if (open.nonce !== Chain.pendingNonceOf(chain)) return
    const tx = { hash, nonce: open.nonce, isPayment: true }
    this.#set({ chain: { ...chain, mempool: [...chain.mempool, tx] }, sent: [...sent, hash] })
    this.#setWindow(name, { sent: { card: open.card, hash } })
  }

  async #report(name: WindowName): Promise<void> {
    const { sent } = this.#around.windows[name]
    if (sent === null) return
    this.#setWindow(name, { sent: null })
    if (!this.#isDocument) return this.#submit(sent.card, sent.hash)
    const { id = '' } = this.#around.cards[sent.card] ?? {}
    const proposal = await this.card(sent.card)
    const read = signatureOf(proposal, { nowMs: this.#around.nowMs, known: [] })
    const signature = await ACCOUNT.sign({ hash: read?.digest ?? '0x' })
    this.#fact = {
      missing: async () => ((await this.card(sent.card)).state === 'settled' ? null : 'a signature'),
    }
    await submitSignature(this.#gate, { id, sid: this.#sid, signature })
  }

  async #submit(card: number, txHash: Hex.Hex): Promise<void> {
    const { id = '' } = this.#around.cards[card] ?? {}
    this.#fact = { missing: async () => ((await this.#hasHash(card, txHash)) ? null : 'a hash') }
    try {
      await submitSteps(this.#gate, { id, sid: this.#sid, steps: [1], txHash })
    } finally {
      if (this.#flaw.dropsReports === true)
        await this.#store.write(({ db }) => db.deleteFrom('reported_hashes').where('proposal_id', '=', id).execute())
    }
  }

  async #decline(verb: 'no' | 'unsigned', name: WindowName): Promise<void> {
    const { open } = this.#around.windows[name]
    if (open === null) return
    const { id = '' } = this.#around.cards[open.card] ?? {}
    this.#setWindow(name, { open: null })
    const before = await this.#said()
    this.#fact = {
      missing: async (refused) => {
        if (verb === 'unsigned') return (await this.#said()) > before ? null : 'a report that nothing was signed'
        // A rejection is refused where something was sent or it is over: then that is its answer.
        return refused !== null || (await this.card(open.card)).state === 'rejected' ? null : 'a rejection'
      },
    }
    const given = { id, sid: this.#sid, because: 'timeout' }
    if (verb === 'no') await rejectProposal(this.#gate, { ...given, lease: name })
    else await reportUnsigned(this.#gate, given)
  }

  /** How often a client reported that it did not sign, by the audit record. */
  async #said(): Promise<number> {
    const row = await this.#store.read
      .selectFrom('audit')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('event', '=', 'proposals.unsigned.reported')
      .executeTakeFirstOrThrow()
    return row.count
  }

  async #reject(card: number): Promise<void> {
    const { id = '' } = this.#around.cards[card] ?? {}
    if (this.#flaw.rejectsSettled === true)
      await this.#store.write(({ db }) =>
        db.updateTable('proposals').set({ state: 'rejected' }).where('id', '=', id).execute(),
      )
    else await rejectProposal(this.#gate, { id, sid: this.#sid, because: 'no' })
  }

  /** What a control takes away after every action. */
  async corrupt(): Promise<void> {
    if (this.#flaw.forgetsLease === true)
      await this.#store.write(({ db }) =>
        db
          .updateTable('proposals')
          .set({ wallet_lease: null, wallet_until_ms: null })
          .where('sid', '=', this.#sid)
          .execute(),
      )
  }

  /** Whether a hash is on record for a card. */
  async #hasHash(card: number, hash: Hex.Hex): Promise<boolean> {
    const { id = '' } = this.#around.cards[card] ?? {}
    const rows = await this.#store.read
      .selectFrom('reported_hashes')
      .select('tx_hash')
      .where('proposal_id', '=', id)
      .execute()
    if (rows.some((row) => row.tx_hash === hash)) return true
    return (await this.card(card)).calls.some((call) => call.txHash === hash)
  }
}

/** Refusals are answers; everything else is a fault of the product. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof BaseError &&
    ['conflict', 'invalid', 'absent', 'refused', 'unknown-caller', 'unavailable'].includes(error.kind)
  )
}
