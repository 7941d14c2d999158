import { createHash, randomBytes } from 'node:crypto'
import { type Address, type Clock, type Hex } from '@countersign/base'
import { hashMessage } from 'viem'
import { handle } from '../audit/Audit.ts'
import type { AppendAudit } from '../audit/appendAudit.ts'
import type { Chain } from '../chains/Chain.ts'
import { isSignedBy, recovers } from '../chains/isSignedBy.ts'
import type { EventLog } from '../sessions/EventLog.ts'
import { rotateSession } from '../sessions/rotateSession.ts'
import { provenColumns, type Session } from '../sessions/Session.ts'
import type { Store } from '../store/openStore.ts'
import * as Siwe from './Siwe.ts'

export interface SignInTools {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
  readonly events: EventLog
  readonly chains: ReadonlyMap<number, Chain>
}

/** Sign-ins of one session that wait for a signature; the oldest go first. */
const MAX_WAITING = 20

const digestOf = (nonce: string): string => createHash('sha256').update(nonce).digest('hex')

/** Makes a nonce for one session, and the message that a wallet is asked to sign. */
export async function startSignIn(
  { store, clock }: Pick<SignInTools, 'store' | 'clock'>,
  {
    session,
    address,
    chainId,
    origin,
  }: { session: Session; address: Address.Address; chainId: number; origin: string },
): Promise<{ nonce: string; message: string; expiresMs: number }> {
  const nonce = randomBytes(16).toString('hex')
  const nowMs = clock.nowMs()
  const expiresMs = nowMs + Siwe.SIGN_IN_MS
  await store.write(async (write) => {
    await write.db.deleteFrom('sign_in_nonces').where('expires_ms', '<', nowMs).execute()
    await write.db
      .insertInto('sign_in_nonces')
      .values({ digest: digestOf(nonce), sid: session.sid, expires_ms: expiresMs })
      .execute()
    await write.db
      .deleteFrom('sign_in_nonces')
      .where('sid', '=', session.sid)
      .where('digest', 'not in', (eb) =>
        eb
          .selectFrom('sign_in_nonces')
          .select('digest')
          .where('sid', '=', session.sid)
          .orderBy('expires_ms', 'desc')
          .limit(MAX_WAITING),
      )
      .execute()
  })
  const { host } = new URL(origin)
  const message = Siwe.write({ address, domain: host, uri: origin, chainId, nonce, issuedMs: nowMs, expiresMs })
  return { nonce, message, expiresMs }
}

/**
 * Binds a wallet to a session: the message says what it must, its nonce was made for this session and is used up, and
 * the signature is the wallet's own, checked by recovery or, for contract wallets, on the chain (ERC-1271, and
 * ERC-6492 for those not deployed yet). The session gets a new id in the same commit.
 *
 * @returns the new session id.
 * @throws {SignInError} `signin:message:…`.
 * @throws {BaseError} of kind `upstream` when the chain does not answer: then nobody is signed in.
 */
export async function signIn(
  tools: SignInTools,
  {
    session,
    message,
    signature,
    origins,
  }: { session: Session; message: string; signature: Hex.Hex; origins: readonly string[] },
): Promise<{ sessionId: string; address: Address.Address }> {
  const { store, clock, chains } = tools
  const siwe = Siwe.read(message)
  Siwe.check(siwe, { origins, chainIds: [...chains.keys()], nowMs: clock.nowMs() })
  // Used up first and in its own commit: a message that failed once is not tried twice.
  const used = await store.write((write) =>
    write.db
      .deleteFrom('sign_in_nonces')
      .where('digest', '=', digestOf(siwe.nonce))
      .where('sid', '=', session.sid)
      .where('expires_ms', '>', clock.nowMs())
      .returning('digest')
      .executeTakeFirst(),
  )
  if (used === undefined) throw new Siwe.SignInError('nonce')
  const chain = chains.get(siwe.chainId)
  if (chain === undefined) throw new Siwe.SignInError('chain')
  const signed = { account: siwe.address, digest: hashMessage(message), signature }
  if (!(await isSignedBy(chain, signed))) throw new Siwe.SignInError('signature')
  // What a contract says holds on its chain: the same address may be another's elsewhere.
  const isByKey = await recovers(signed)

  const sessionId = await store.write(async (write) => {
    const next = await rotateSession(tools, write, { session, because: 'wallet-signed-in' })
    await write.db
      .updateTable('sessions')
      .set(provenColumns({ address: siwe.address, chainId: siwe.chainId, atMs: clock.nowMs(), isByKey }))
      .where('sid', '=', session.sid)
      .execute()
    await tools.audit(write, {
      app: session.app,
      event: 'signin.wallet.bound',
      body: { session: handle(next), wallet: handle(siwe.address), chain_id: siwe.chainId },
    })
    return next
  })
  return { sessionId, address: siwe.address }
}
