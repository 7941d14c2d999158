import { createHash, randomBytes } from 'node:crypto'
import { Address, type Clock } from '@countersign/base'
import { handle } from '../audit/Audit.ts'
import * as Channel from '../reach/Channel.ts'
import { insertChannel, type ReachTools } from '../reach/channels.ts'
import type { Reader, Store, Write } from '../store/openStore.ts'

/** How long a code may take from the page to the bot. Milliseconds. */
export const CODE_MS = 10 * 60_000
/** How long a user proposes for a wallet before its owner connects it again: as long as a browser is known. Milliseconds. */
export const WALLET_MS = 30 * 86_400_000

/** The wallet that a user of Telegram proposes for: proven on the page, and carried here by a code. */
export interface TelegramWallet {
  readonly address: Address.Address
  readonly chainId: number
  readonly isByKey: boolean
  readonly provenMs: number
}

const digestOf = (code: string): string => createHash('sha256').update(code).digest('hex')

/** A chat that was brought a code, and waits for the owner to say on the page that it is theirs. */
export interface WaitingChat {
  /** Names the code, and is of no use at the bot. */
  readonly id: string
  readonly userId: string
  /** As the user calls themselves: text of somebody else. */
  readonly label: string
  readonly expiresMs: number
}

/**
 * Makes a code that the owner takes to the bot. It is good once, for ten minutes, and connects nothing by itself: the session that made
 * it has to say whose chat it is.
 */
export async function makeCode(
  { store, clock }: { store: Store; clock: Clock.Clock },
  { app, sid, wallet }: { app: string; sid: string; wallet: Omit<TelegramWallet, 'provenMs'> },
): Promise<{ readonly code: string; readonly expiresMs: number }> {
  // 43 characters of what a link of Telegram may carry (64 of A-Z a-z 0-9 _ -).
  const code = randomBytes(32).toString('base64url')
  const nowMs = clock.nowMs()
  await store.write(async (write) => {
    await write.db
      .deleteFrom('telegram_codes')
      .where((eb) => eb.or([eb('expires_ms', '<=', nowMs), eb.and([eb('sid', '=', sid), eb('user_id', 'is', null)])]))
      .execute()
    await write.db
      .insertInto('telegram_codes')
      .values({
        ...{ digest: digestOf(code), app, address: wallet.address, chain_id: wallet.chainId, sid },
        ...{ by_key: wallet.isByKey ? 1 : 0, expires_ms: nowMs + CODE_MS },
        ...{ bot_id: null, user_id: null, user_label: null },
      })
      .execute()
  })
  return { code, expiresMs: nowMs + CODE_MS }
}

/**
 * Uses a code up: its session is asked from then on whether this chat is the owner's. A chat that has another wallet keeps it, and the
 * code is not used: whoever is sent a stranger's link loses nothing by it.
 */
export async function bringCode(
  { store, clock }: Pick<ReachTools, 'store' | 'clock'>,
  { code, botId, userId, label }: { code: string; botId: string; userId: string; label: string },
): Promise<
  | { readonly status: 'asked' | 'taken'; readonly address: Address.Address }
  | { readonly status: 'unknown'; readonly address: null }
> {
  const digest = digestOf(code)
  return store.write(async (write) => {
    const nowMs = clock.nowMs()
    const row = await write.db.selectFrom('telegram_codes').selectAll().where('digest', '=', digest).executeTakeFirst()
    if (row === undefined || row.sid === null || row.user_id !== null || nowMs >= row.expires_ms)
      return { status: 'unknown', address: null }
    const before = await walletFor(write.db, { botId, userId, nowMs })
    if (before !== null && before.address !== row.address) return { status: 'taken', address: before.address }
    await write.db
      .updateTable('telegram_codes')
      .set({ bot_id: botId, user_id: userId, user_label: label.slice(0, MAX_LABEL) })
      .where('digest', '=', digest)
      .execute()
    return { status: 'asked', address: Address.parse(row.address) }
  })
}

/** The most of a name that is shown. Characters. */
const MAX_LABEL = 64

/** The chats that were brought a code of a session, oldest first. */
export async function listWaitingChats(
  { store, clock }: { store: Store; clock: Clock.Clock },
  { sid }: { sid: string },
): Promise<WaitingChat[]> {
  const rows = await store.read
    .selectFrom('telegram_codes')
    .select(['digest', 'user_id', 'user_label', 'expires_ms'])
    .where('sid', '=', sid)
    .where('user_id', 'is not', null)
    .where('expires_ms', '>', clock.nowMs())
    .orderBy('expires_ms')
    .execute()
  return rows.map((row) => ({
    ...{ id: row.digest, userId: row.user_id ?? '', label: row.user_label ?? '', expiresMs: row.expires_ms },
  }))
}

/**
 * Answers whether a chat is the owner's. If it is, its user proposes for the wallet from then on, and is told what waits for it.
 *
 * @returns The user whose chat it is; null where the owner said no.
 * @throws {ChannelError} `reach:channel:absent`: also for what another session asked, and for another wallet's.
 */
export async function answerChat(
  tools: ReachTools,
  { id, sid, owner, isOwn }: { id: string; sid: string; owner: string; isOwn: boolean },
): Promise<{ readonly userId: string; readonly address: Address.Address } | null> {
  const { store, clock, audit } = tools
  return store.write(async (write) => {
    const row = await write.db
      .deleteFrom('telegram_codes')
      .where('digest', '=', id)
      .where('sid', '=', sid)
      .where('user_id', 'is not', null)
      .returningAll()
      .executeTakeFirst()
    const nowMs = clock.nowMs()
    if (row === undefined || row.bot_id === null || row.user_id === null || nowMs >= row.expires_ms)
      throw new Channel.ChannelError('absent')
    const wallet = walletOf({ ...row, proven_ms: nowMs })
    if (Channel.ownerOf(wallet) !== owner) throw new Channel.ChannelError('absent')
    if (!isOwn) return null
    const { bot_id: botId, user_id: userId } = row
    const before = await walletFor(write.db, { botId, userId, nowMs })
    // It was connected by another code meanwhile.
    if (before !== null && before.address !== wallet.address) throw new Channel.ChannelError('absent')
    const values = { address: row.address, chain_id: row.chain_id, by_key: row.by_key, proven_ms: nowMs }
    await write.db
      .insertInto('telegram_wallets')
      .values({ bot_id: botId, user_id: userId, ...values })
      .onConflict((conflict) => conflict.columns(['bot_id', 'user_id']).doUpdateSet(values))
      .execute()
    await audit(write, {
      app: row.app,
      event: 'telegram.wallet.connected',
      body: { user: handle(`${botId}:${userId}`), wallet: handle(row.address), chain_id: row.chain_id },
    })
    await insertChannel(tools, write, { owner, app: row.app, kind: 'telegram', target: userId, saysAmounts: null })
    return { userId, address: wallet.address }
  })
}

/**
 * The wallet of a user; null where none is connected, or no longer. It stands on the channel that the same code opened: an owner
 * who removes the chat on the page, or ends what it is sent, has taken the wallet away from it.
 */
export async function walletFor(
  read: Reader,
  { botId, userId, nowMs }: { botId: string; userId: string; nowMs: number },
): Promise<TelegramWallet | null> {
  const row = await read
    .selectFrom('telegram_wallets')
    .selectAll()
    .where('bot_id', '=', botId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  if (row === undefined || nowMs >= row.proven_ms + WALLET_MS) return null
  const wallet = walletOf(row)
  const channel = await read
    .selectFrom('owner_channels')
    .select('id')
    .where('kind', '=', 'telegram')
    .where('target', '=', userId)
    .where('owner', '=', Channel.ownerOf(wallet))
    .executeTakeFirst()
  return channel === undefined ? null : wallet
}

/** Takes the wallet away from a user. True where there was one. */
export async function forgetWallet(
  write: Write,
  { botId, userId }: { botId: string; userId: string },
): Promise<boolean> {
  const gone = await write.db
    .deleteFrom('telegram_wallets')
    .where('bot_id', '=', botId)
    .where('user_id', '=', userId)
    .returning('address')
    .executeTakeFirst()
  return gone !== undefined
}

function walletOf(row: { address: string; chain_id: number; by_key: number; proven_ms: number }): TelegramWallet {
  return {
    ...{ address: Address.parse(row.address), chainId: row.chain_id, isByKey: row.by_key === 1 },
    provenMs: row.proven_ms,
  }
}

/** Takes something once: false where it was taken before. What is over is forgotten. */
export async function takeOnce(
  { store, clock }: { store: Store; clock: Clock.Clock },
  { id, untilMs }: { id: string; untilMs: number },
): Promise<boolean> {
  return store.write(async (write) => {
    await write.db.deleteFrom('telegram_seen').where('until_ms', '<', clock.nowMs()).execute()
    const taken = await write.db
      .insertInto('telegram_seen')
      .values({ id, until_ms: untilMs })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst()
    return taken !== undefined
  })
}
