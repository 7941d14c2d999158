import { Digest } from '@countersign/base'
import type { Mandate } from '../../src/mandates/decide/Situation.ts'
import {
  confirmBeyond,
  freeze,
  handOut,
  HandOutError,
  lockReservation,
  noteMined,
  noteSent,
  openReservations,
  release,
  settle,
  type Held,
} from '../../src/mandates/ledger/close.ts'
import { violations } from '../../src/mandates/ledger/invariants.ts'
import { reopen } from '../../src/mandates/ledger/reopen.ts'
import { reserve } from '../../src/mandates/ledger/reserve.ts'
import { rowsOf, type Sql } from '../../src/mandates/ledger/Sql.ts'
import { storeTime, type Time } from '../../src/mandates/ledger/Time.ts'
import { toCanonical } from '../../src/mandates/policy/canonical.ts'
import { digestOf, type Policy } from '../../src/mandates/policy/Policy.ts'
import { OWNER, pick, randomOf, type Random } from './randomPolicies.ts'
import { ModelChain, type Tx } from './ModelChain.ts'
import type { Database } from './openMemory.ts'
import { isStopped, judgeHistory, type History } from './judgeHistory.ts'
import { ageOpen, forceRelease, Looked, looked, type Control } from './controls.ts'
import { layerFor, movesOf, policyOf } from './scene.ts'

const STEPS = 100
interface Wallet {
  readonly id: string
  readonly kind: 'bound' | 'allocated' | 'wallet'
  readonly moves: Readonly<Record<string, bigint>>
  tx: Tx | null
  isSent: boolean
  isConfirmed: boolean
  isRejected: boolean
  /** Sent although nobody was handed it, or its owner said that nothing was signed. */
  isLie: boolean
  isUnasked: boolean
}

/**
 * One history of random steps, from its seed alone, with the real statements in virtual time.
 *
 * @param of.isLiar - Signers go past the hand-out, and owners say of what they signed that they did not.
 * @param of.steps - The streams that the steps draw from, one for each, so that some can be left out; absent: one stream for all.
 */
export async function runHistory(
  db: Database,
  seed: number,
  control: Control | null = null,
  { isLiar = false, steps }: { isLiar?: boolean; steps?: readonly Random[] } = {},
): Promise<History> {
  const run = new Run(db, seed, control, isLiar)
  await run.begin()
  if (steps === undefined) for (let step = 0; step < STEPS; step++) await run.step()
  else for (const random of steps) await run.step(random)
  await run.recover()
  return run.judge()
}

class Run {
  readonly #db: Database
  #random: Random
  readonly #control: Control | null
  readonly #isLiar: boolean
  readonly #chain: ModelChain
  readonly #seconds: number
  readonly #lifetime: number
  readonly #time: Time
  readonly #wallets = new Map<string, Wallet>()
  readonly #pendingWrites: { idem: string; moves: Record<string, bigint>; isMined: boolean }[] = []
  readonly #log: string[] = []
  readonly #accounts = ['hot', 'page'] as const
  readonly #isChecked: boolean
  readonly #mandateId: string
  #version = 0
  #kept: Mandate | null = null
  #isFrozen = false
  #nowMs = 1_000_000
  #wallOffsetMs = 0
  #beyond = 0n
  #count = 0
  #broken: string[] = []
  #openedWhileFrozen = 0
  #wasStopped = false
  #counts = { reserved: 0, refused: 0, reorgs: 0, changedHands: 0 }

  constructor(db: Database, seed: number, control: Control | null, isLiar: boolean) {
    this.#db = db
    this.#isLiar = isLiar
    this.#random = randomOf(seed)
    this.#control = control
    this.#chain = new ModelChain(2 + Math.floor(this.#random() * 3))
    this.#seconds = 1 + Math.floor(this.#random() * 4)
    this.#lifetime = 200 + Math.floor(this.#random() * 800)
    this.#isChecked = seed % 100 === 0
    this.#mandateId = `mandate_${seed}`
    const wallMs = (): number => this.#nowMs + this.#wallOffsetMs
    this.#time =
      control === 'wall clock'
        ? async () => wallMs()
        : storeTime({ wallMs, monotonicMs: () => this.#nowMs, boot: 'lab' })
  }

  #policy(): Policy {
    return policyOf(this.#seconds, this.#lifetime, this.#version)
  }

  #mandate(): Mandate {
    const policy = this.#policy()
    if (this.#kept?.version === this.#version + 1) return this.#kept
    this.#kept = {
      id: this.#mandateId,
      name: policy.name,
      version: this.#version + 1,
      state: 'active',
      digest: digestOf(toCanonical(policy)),
      policy,
      owner: OWNER,
    }
    return this.#kept
  }

  async begin(): Promise<void> {
    const mandate = this.#mandate()
    await this.#db.write(async (sql) => {
      for (const table of [
        'reservation_lines',
        'paid_recipients',
        'reservations',
        'mandate_limits',
        'mandates',
        'signer_accounts',
      ])
        await sql.run(`delete from ${table}`, [])
      await sql.run('update ledger_clock set high_ms = 0, boot = null where id = 1', [])
      await sql.run(
        `insert into mandates (id, app, owner, name, version, state, policy, digest, valid_until_ms, created_ms, epoch, worst) values (?, 'lab', ?, 'lab', 1, 'active', '{}', ?, ?, 0, 0, '')`,
        [mandate.id, OWNER, mandate.digest, mandate.policy.untilMs],
      )
    })
  }

  async step(random: Random = this.#random): Promise<void> {
    this.#random = random
    // Time goes on by a little, and now and then by a whole window.
    this.#nowMs +=
      this.#random() < 0.05 ? Math.floor(this.#random() * this.#seconds * 1_500) : Math.floor(this.#random() * 60)
    if (this.#isLiar && this.#random() < 0.1) await this.#lie()
    const roll = this.#random()
    if (roll < 0.3) await this.#reserve()
    else if (roll < 0.46) await this.#handOutOne()
    else if (roll < 0.6) this.#broadcastOne()
    else if (roll < 0.78) this.#mine()
    else if (roll < 0.82) this.#reorganise()
    else if (roll < 0.92) await this.#reconcile()
    else if (roll < 0.94) await this.#endOne()
    else if (roll < 0.95) await this.#rejectOne()
    else if (roll < 0.96 || (this.#isFrozen && roll < 0.975)) await this.#toggleFreeze()
    else if (roll < 0.967) await this.#newVersion()
    else if (roll < 0.99) this.#wallOffsetMs += Math.floor((this.#random() - 0.5) * this.#seconds * 20_000)
    else await this.#loseAnswer()
    if (this.#isChecked) await this.#check()
  }

  async #reserve(): Promise<void> {
    const usdc = BigInt(1 + Math.floor(this.#random() * 60)) * 1_000_000n
    const fee = BigInt(1 + Math.floor(this.#random() * 8))
    const kind = pick(this.#random, ['allocated', 'allocated', 'bound', 'wallet'] as const)
    const isRepeat = this.#random() < 0.1 && this.#count > 0
    const idem = `${this.#mandateId}-${isRepeat ? this.#count : (this.#count += 1)}`
    const holder = `s${this.#count % 7}`
    const input = {
      idem,
      proposal: null,
      kind: 'tx' as const,
      account: kind === 'allocated' ? this.#accounts[0] : this.#accounts[1],
      chainId: 1,
      nonceKind: kind,
      nonceFrom: this.#chain.nonceOf(this.#accounts[1]),
      deadlineMs: null,
      holder,
      bytesDigest: Digest.sha256(idem),
      question: {
        moves: movesOf(usdc, fee),
        mandate: this.#mandate(),
        layers: [layerFor(this.#policy())],
        situation: {
          asker: { door: 'guard' as const, key: null, skill: null, session: null },
          prices: new Map(),
          stepUp: [],
          namedLifts: new Set<string>(),
        },
      },
    }
    if (this.#control === 'counter after sending') {
      // Looks, sends, and writes down later.
      const seen = await this.#db
        .write((sql) => looked(sql, this.#time, input))
        .catch((error: unknown) => (error instanceof Looked ? error.answer : Promise.reject(error as Error)))
      if (seen !== 'allow') return
      const moves = { usdc, fee }
      const nonce =
        this.#chain.nonceOf(this.#accounts[0]) +
        this.#chain.pool.filter((tx) => tx.account === this.#accounts[0]).length
      this.#chain.broadcast({
        reservation: idem,
        account: this.#accounts[0],
        nonce,
        hash: idem,
        moves,
        isReverted: false,
      })
      this.#pendingWrites.push({ idem, moves, isMined: false })
      if (this.#random() < 0.5) await this.#writeLater(input)
      return
    }
    const reserved = await this.#db.write((sql) => reserve(sql, this.#time, input))
    if (reserved.reservation === null) {
      this.#counts.refused += 1
      return
    }
    if (!reserved.isNew) return
    if (this.#isFrozen) this.#openedWhileFrozen += 1
    this.#counts.reserved += 1
    this.#log.push(`${this.#nowMs} reserve ${reserved.reservation.slice(0, 9)} ${usdc / 1_000_000n} ${kind}`)
    const id = reserved.reservation
    this.#wallets.set(id, {
      id,
      kind,
      moves: { usdc, fee },
      tx: null,
      isSent: false,
      isConfirmed: false,
      isRejected: false,
      isLie: false,
      isUnasked: reserved.decision.answer === 'ask',
    })
    if (reserved.decision.answer === 'ask' && this.#random() < 0.5) {
      await this.#db.write((sql) => confirmBeyond(sql, this.#time, { id }))
      this.#beyond += usdc
      Object.assign(this.#wallets.get(id) as Wallet, { isUnasked: false })
    } else if (reserved.decision.answer === 'ask' && !(this.#isLiar && this.#random() < 0.5)) {
      await this.#db.write((sql) => release(sql, this.#time, { id, proof: { kind: 'ended', why: 'rejected' } }))
      this.#wallets.delete(id)
    }
  }

  async #writeLater(input: Parameters<typeof reserve>[2]): Promise<void> {
    const reserved = await this.#db.write((sql) => reserve(sql, this.#time, input))
    if (reserved.reservation === null) return
    const id = reserved.reservation
    await this.#db.write((sql) => handOut(sql, this.#time, { id, nonce: 'allocate' })).catch(() => undefined)
  }

  #pickWallet(of: (wallet: Wallet) => boolean): Wallet | null {
    const found = [...this.#wallets.values()].filter(of)
    return found.length === 0 ? null : pick(this.#random, found)
  }

  async #handOutOne(): Promise<void> {
    const wallet = this.#pickWallet(({ tx, isUnasked }) => tx === null && !isUnasked)
    if (wallet === null) return
    const [hot, page] = this.#accounts
    const account = wallet.kind === 'allocated' ? hot : page
    const nonce = wallet.kind === 'allocated' ? 'allocate' : wallet.kind === 'bound' ? this.#chain.nonceOf(page) : null
    try {
      const given = await this.#db.write((sql) =>
        handOut(sql, this.#time, { id: wallet.id, nonce, chainNonce: this.#chain.nonceOf(account) }),
      )
      if (this.#isFrozen) this.#openedWhileFrozen += 1
      const used = given.nonce ?? this.#chain.nonceOf(page) + Math.floor(this.#random() * 2)
      wallet.tx = {
        reservation: wallet.id,
        account,
        nonce: used,
        hash: wallet.id,
        moves: wallet.moves,
        isReverted: this.#random() < 0.05,
      }
      if (wallet.tx.isReverted) wallet.tx = { ...wallet.tx, moves: { usdc: 0n, fee: wallet.moves['fee'] ?? 0n } }
      this.#log.push(`${this.#nowMs} hand out ${wallet.id.slice(0, 9)} nonce ${used}`)
    } catch (error) {
      if (!(error instanceof HandOutError)) throw error
      if (error.why === 'changed' || error.why === 'closed') {
        if (error.why === 'changed')
          await this.#db.write((sql) =>
            release(sql, this.#time, { id: wallet.id, proof: { kind: 'ended', why: 'changed' } }),
          )
        this.#wallets.delete(wallet.id)
      }
    }
  }

  #broadcastOne(): void {
    // A signer sends when it likes: also long after everybody else gave up.
    const wallet = this.#pickWallet(({ tx, isSent }) => tx !== null && !isSent)
    if (wallet?.tx == null) return
    wallet.isSent = true
    this.#chain.broadcast(wallet.tx)
    // The owner's own tool takes the same nonce.
    if (wallet.kind !== 'allocated' && this.#random() < 0.3)
      this.#chain.broadcast({ ...wallet.tx, reservation: null, hash: `${wallet.id}-rival`, moves: {} })
  }

  #mine(): void {
    this.#chain.mine(this.#nowMs, this.#random, 0.7)
    this.#chain.drop()
  }

  #reorganise(): void {
    const count = 1 + Math.floor(this.#random() * (this.#chain.depth - 1))
    const before = new Map(
      this.#chain.blocks
        .slice(-count)
        .flatMap(({ txs }) => txs.map((tx) => [`${tx.account} ${tx.nonce}`, tx.hash] as const)),
    )
    this.#chain.reorganise(count)
    for (let i = 0; i < count; i++) this.#chain.mine(this.#nowMs, this.#random, 0.6)
    this.#counts.reorgs += 1
    for (const [key, hash] of before) {
      const [account = '', nonce = '0'] = key.split(' ')
      const now = this.#chain.at(account, Number(nonce))
      if (now !== null && now.tx.hash !== hash) this.#counts.changedHands += 1
    }
  }

  /** What nobody was handed is sent, or its owner signs of what will be sent that it was not signed. */
  async #lie(): Promise<void> {
    const page = this.#accounts[1]
    const wallet = this.#pickWallet(
      ({ kind, tx, isSent, isLie }) => !isLie && (tx === null || (kind === 'wallet' && !isSent)),
    )
    if (wallet === null) return
    wallet.isLie = true
    const { id, moves } = wallet
    if (wallet.tx !== null) {
      await this.#db.write((sql) => release(sql, this.#time, { id, proof: { kind: 'not-signed', signature: '0x' } }))
      return
    }
    wallet.isSent = true
    wallet.tx = { reservation: id, account: page, nonce: this.#chain.nonceOf(page), hash: id, moves, isReverted: false }
    this.#chain.broadcast(wallet.tx)
    // Nobody looked in time, and its proposal ends.
    if (this.#random() < 0.5)
      await this.#db.write((sql) => release(sql, this.#time, { id, proof: { kind: 'ended', why: 'expired' } }))
  }

  /** What a look at the chain finds of bytes that nobody was handed, or that were given back. */
  async #countSent(): Promise<void> {
    for (const { id, isUnasked } of [...this.#wallets.values()].filter(({ isLie }) => isLie)) {
      const isMined = this.#chain.find(id) !== null
      if (!isMined && !this.#chain.pool.some(({ hash }) => hash === id)) continue
      await this.#db.write(async (sql) => {
        if (!(await noteSent(sql, this.#time, { id, isUnasked })) && isMined) await reopen(sql, this.#time, { id })
      })
    }
  }

  /** The reconciler: what the chain proves, and nothing else. */
  async #reconcile(): Promise<void> {
    await this.#countSent()
    const depth = this.#control === 'depth 0' ? 0 : this.#chain.depth
    const open = await this.#db.write((sql) => openReservations(sql))
    for (const each of open) {
      if (each.mandate !== this.#mandateId) continue
      await this.#reconcileOne(each, depth)
    }
    if (this.#control === 'open ages out')
      await this.#db.write((sql) => ageOpen(sql, this.#nowMs - this.#seconds * 1_000))
  }

  async #reconcileOne(held: Held, depth: number): Promise<void> {
    const wallet = this.#wallets.get(held.id)
    const own = this.#chain.find(held.id)
    const proofOf = (tx: Tx, block: { number: number }, at: number) => ({
      hash: tx.hash,
      nonce: tx.nonce,
      block: block.number,
      blockHash: `b${block.number}`,
      depth: at,
    })
    if (own !== null) {
      const at = this.#chain.head - own.block.number
      if (at < depth)
        return void (await this.#db.write((sql) =>
          noteMined(sql, { id: held.id, block: own.block.number, hash: `b${own.block.number}` }),
        ))
      const settled = await this.#db.write(async (sql) =>
        settle(sql, this.#time, {
          id: held.id,
          proof: { kind: 'mined', ...proofOf(own.tx, own.block, at), isReverted: own.tx.isReverted },
          settled: await amountsOf(sql, held.id, own.tx),
        }),
      )
      if (settled.isOverrun) this.#broken.push(`${held.id} is an overrun`)
      return
    }
    if (held.nonce === null || wallet === undefined) return
    const taken = this.#chain.at(held.account, held.nonce)
    if (taken === null || taken.depth < depth) return
    await this.#db.write((sql) =>
      release(sql, this.#time, {
        id: held.id,
        proof: { kind: 'replaced', ...proofOf(taken.tx, taken.block, taken.depth) },
      }),
    )
  }

  async #endOne(): Promise<void> {
    const wallet = this.#pickWallet(({ tx }) => tx === null)
    if (wallet === null) return
    await this.#db.write((sql) => release(sql, this.#time, { id: wallet.id, proof: { kind: 'ended', why: 'expired' } }))
    this.#wallets.delete(wallet.id)
  }

  /** An honest rejection: the wallet made no signature and makes none. */
  async #rejectOne(): Promise<void> {
    const wallet = this.#pickWallet(({ tx, isSent, kind }) => tx !== null && !isSent && kind === 'bound')
    if (wallet?.tx == null) return
    const { nonce } = wallet.tx
    const isDone = await this.#db.write((sql) =>
      release(sql, this.#time, { id: wallet.id, proof: { kind: 'rejected', session: 's', nonce } }),
    )
    if (!isDone) return
    wallet.isRejected = true
    this.#wallets.delete(wallet.id)
  }

  async #toggleFreeze(): Promise<void> {
    this.#wasStopped ||= await this.#isStopped()
    if (this.#isFrozen)
      await this.#db.write((sql) => sql.run(`update mandates set state = 'active' where id = ?`, [this.#mandateId]))
    else await this.#db.write((sql) => freeze(sql, { mandate: this.#mandateId, because: 'owner' }))
    this.#isFrozen = !this.#isFrozen
  }

  async #newVersion(): Promise<void> {
    if (this.#version > 5) return
    this.#version += 1
    const { digest } = this.#mandate()
    await this.#db.write((sql) =>
      sql.run('update mandates set digest = ?, version = version + 1 where id = ?', [digest, this.#mandateId]),
    )
  }

  /** The answer to a sending is lost: nobody knows, so nothing happens. */
  async #loseAnswer(): Promise<void> {
    if (this.#control !== 'given back without an answer') return
    const wallet = this.#pickWallet(({ tx }) => tx !== null)
    if (wallet === null) return
    await this.#db.write((sql) => forceRelease(sql, wallet.id, this.#nowMs))
  }

  /** Everything comes to its end: what was signed is sent or its nonce is taken, and the chain grows deep. */
  async recover(): Promise<void> {
    this.#isFrozen = false
    for (const wallet of this.#wallets.values()) {
      if (wallet.tx === null)
        await this.#db.write((sql) =>
          release(sql, this.#time, { id: wallet.id, proof: { kind: 'ended', why: 'expired' } }),
        )
      else if (this.#random() < 0.5) this.#chain.broadcast(wallet.tx)
    }
    // Nonces that nobody fills are filled by the account's own small transactions.
    for (let round = 0; round < 60; round++) {
      for (const account of this.#accounts) {
        const nonce = this.#chain.nonceOf(account)
        const open = await this.#db.write((sql) => openReservations(sql))
        const isWaiting =
          open.some((each) => each.account === account && (each.nonce ?? -1) >= nonce) ||
          this.#chain.pool.some((tx) => tx.account === account && tx.nonce > nonce)
        if (isWaiting && !this.#chain.pool.some((tx) => tx.account === account && tx.nonce === nonce))
          this.#chain.broadcast({
            reservation: null,
            account,
            nonce,
            hash: `fill-${account}-${nonce}-${round}`,
            moves: {},
            isReverted: false,
          })
      }
      this.#nowMs += 50
      this.#chain.mine(this.#nowMs, this.#random)
      this.#chain.drop()
      if (this.#chain.pool.length === 0 && round > 3) break
    }
    for (let i = 0; i <= this.#chain.depth; i++) this.#chain.mine(this.#nowMs, this.#random)
    await this.#reconcile()
    for (const { id } of [...this.#wallets.values()].filter(({ isLie }) => isLie))
      if (this.#chain.find(id) === null)
        await this.#db.write(async (sql) => {
          const held = await lockReservation(sql, id)
          if (held?.state === 'held') await release(sql, this.#time, { id, proof: { kind: 'ended', why: 'expired' } })
        })
    // Where the wallet chose the nonce and nothing was ever sent, the owner signs that nothing was.
    for (const each of await this.#db.write((sql) => openReservations(sql))) {
      if (each.mandate === this.#mandateId && each.nonceKind === 'wallet' && this.#chain.find(each.id) === null)
        await this.#db.write((sql) =>
          release(sql, this.#time, { id: each.id, proof: { kind: 'not-signed', signature: '0x' } }),
        )
    }
  }

  async #check(): Promise<void> {
    const found = await this.#db.write(async (sql) => violations(sql))
    if (found.length > 0) this.#broken.push(...found.slice(0, 2))
  }

  async judge(): Promise<History> {
    await this.#check()
    const isExact = this.#control !== 'counter after sending'
    return {
      ...(await judgeHistory(this.#db, {
        ...{ chain: this.#chain, policy: this.#policy(), mandateId: this.#mandateId, beyond: this.#beyond },
        ...{ seconds: this.#seconds, lifetime: this.#lifetime, isExact, wasStopped: this.#wasStopped },
      })),
      broken: this.#broken,
      openedWhileFrozen: this.#openedWhileFrozen,
      counts: this.#counts,
      log: this.#log,
    }
  }

  async #isStopped(): Promise<boolean> {
    return isStopped(this.#db, this.#mandateId)
  }
}

/** What the chain moved, in each of a reservation's limits. */
async function amountsOf(sql: Sql, id: string, tx: Tx): Promise<ReadonlyMap<string, bigint>> {
  const lines = await rowsOf<{ limit_id: string; unit: string }>(
    sql,
    'select l.limit_id, m.unit from reservation_lines l join mandate_limits m on m.id = l.limit_id where l.reservation = ?',
    [id],
  )
  return new Map(lines.map(({ limit_id: limit, unit }) => [limit, tx.moves[unit === 'fee' ? 'fee' : 'usdc'] ?? 0n]))
}
