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

/** Makes a code that the owner takes to the bot. It is good once, for ten minutes, and proves the wallet that signed in. */
export async function makeCode(
  { store, clock }: { store: Store; clock: Clock.Clock },
  { app, wallet }: { app: string; wallet: Omit<TelegramWallet, 'provenMs'> },
): Promise<{ readonly code: string; readonly expiresMs: number }> {
  // 43 characters of what a link of Telegram may carry (64 of A-Z a-z 0-9 _ -).
  const code = randomBytes(32).toString('base64url')
  const nowMs = clock.nowMs()
  await store.write(async (write) => {
    await write.db.deleteFrom('telegram_codes').where('expires_ms', '<=', nowMs).execute()
    await write.db
      .insertInto('telegram_codes')
      .values({
        ...{ digest: digestOf(code), app, address: wallet.address, chain_id: wallet.chainId },
        ...{ by_key: wallet.isByKey ? 1 : 0, expires_ms: nowMs + CODE_MS },
      })
      .execute()
  })
  return { code, expiresMs: nowMs + CODE_MS }
}

/** Uses a code up: from then on this user proposes for its wallet, and is told what waits for it. Null for no good code. */
export async function useCode(
  tools: ReachTools,
  { code, botId, userId }: { code: string; botId: string; userId: string },
): Promise<TelegramWallet | null> {
  const { store, clock, audit } = tools
  return store.write(async (write) => {
    const row = await write.db
      .deleteFrom('telegram_codes')
      .where('digest', '=', digestOf(code))
      .returningAll()
      .executeTakeFirst()
    const nowMs = clock.nowMs()
    if (row === undefined || nowMs >= row.expires_ms) return null
    const wallet = walletOf({ ...row, proven_ms: nowMs })
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
    const owner = Channel.ownerOf(wallet)
    await insertChannel(tools, write, { owner, app: row.app, kind: 'telegram', target: userId, saysAmounts: null })
    return wallet
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
