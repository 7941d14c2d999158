import { Json } from '@countersign/base'
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { handle, SERVER } from '../audit/Audit.ts'
import { digest } from '../browser/Credential.ts'
import type { Write } from '../store/openStore.ts'
import * as Operator from './Operator.ts'
import { endSessionsOf, openOperatorSession } from './operatorSessions.ts'
import type { OperatorTools } from './OperatorTools.ts'

/** Loaded when somebody signs in, so that a start does not wait for it. */
const webauthn = () => import('@simplewebauthn/server')

/** Ed25519, ES256, RS256 (COSE). Left to itself the library adds ML-DSA, which is an experiment in Node and warns. */
const ALGORITHMS = [-8, -7, -257] as const

/** What a passkey says of itself in lists. */
export interface ListedPasskey {
  readonly id: string
  readonly label: string
  readonly rpId: string
  readonly createdMs: number
  readonly usedMs: number | null
}

/** Where the browser is: its origin, which the caller has checked to be one of the server's own. */
export interface Place {
  readonly origin: string
}

/** Starts the registration of a passkey by a session of an operator. */
export async function startRegistration(
  tools: OperatorTools,
  { session, origin }: { session: Operator.OperatorSession } & Place,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const rpId = Operator.rpIdOf(origin)
  const { operator } = session
  const known = await tools.store.read
    .selectFrom('operator_passkeys')
    .select('id')
    .where('operator_id', '=', operator.id)
    .execute()
  if (known.length >= Operator.MAX_PASSKEYS) throw new Operator.OperatorError('many')
  const { generateRegistrationOptions } = await webauthn()
  const options = await generateRegistrationOptions({
    rpName: 'Countersign',
    rpID: rpId,
    userName: operator.name,
    userID: new Uint8Array(Buffer.from(operator.id)),
    userDisplayName: operator.name,
    timeout: Operator.CHALLENGE_MS,
    attestationType: 'none',
    supportedAlgorithmIDs: [...ALGORITHMS],
    excludeCredentials: known.map(({ id }) => ({ id })),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  })
  await keepChallenge(tools, { challenge: options.challenge, purpose: 'register', rpId, session: session.handle })
  return options
}

/**
 * Ends it. The session that a link opened is over with it, and the browser gets another one, under a new cookie.
 *
 * @returns The value of the new cookie.
 * @throws {OperatorError} `operators:passkey:refused`, `operators:challenge:unknown`.
 */
export async function registerPasskey(
  tools: OperatorTools,
  { session, origin, response, label }: { session: Operator.OperatorSession; response: unknown; label: string } & Place,
): Promise<string> {
  const rpId = Operator.rpIdOf(origin)
  const challenge = await takeChallenge(tools, { response, purpose: 'register', rpId, session: session.handle })
  const { verifyRegistrationResponse } = await webauthn()
  const verified = await judged(() =>
    verifyRegistrationResponse({
      response: response as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...ALGORITHMS],
    }),
  )
  if (!verified.verified) throw new Operator.OperatorError('passkey')
  const { credential } = verified.registrationInfo
  const { store, clock, audit } = tools
  return store.write(async (write) => {
    const taken = await write.db
      .selectFrom('operator_passkeys')
      .select('id')
      .where('id', '=', credential.id)
      .executeTakeFirst()
    // A link that was revoked meanwhile, or a session that was ended, registers nothing.
    const open = await write.db
      .selectFrom('operator_sessions')
      .select('handle')
      .where('handle', '=', session.handle)
      .executeTakeFirst()
    if (taken !== undefined || open === undefined) throw new Operator.OperatorError('passkey')
    // Counted again here: registrations of several sessions may have been begun while there was room.
    const own = await write.db
      .selectFrom('operator_passkeys')
      .select('id')
      .where('operator_id', '=', session.operator.id)
      .execute()
    if (own.length >= Operator.MAX_PASSKEYS) throw new Operator.OperatorError('many')
    await write.db
      .insertInto('operator_passkeys')
      .values({
        id: credential.id,
        operator_id: session.operator.id,
        label: Operator.parseName(label),
        public_key: Buffer.from(credential.publicKey).toString('base64url'),
        counter: credential.counter,
        transports: JSON.stringify(credential.transports ?? []),
        rp_id: rpId,
        created_ms: clock.nowMs(),
        used_ms: null,
      })
      .execute()
    await audit(write, {
      app: SERVER,
      event: 'operators.passkey.registered',
      body: { passkey: handle(credential.id), operator: handle(session.operator.id), host: rpId },
    })
    await write.db.deleteFrom('operator_sessions').where('handle', '=', session.handle).execute()
    return openOperatorSession(tools, write, { operator: session.operator, stage: 'full', passkey: credential.id })
  })
}

/** Starts a sign-in. It names nobody: the passkey says who it is, so a stranger learns no name. */
export async function startSignIn(
  tools: OperatorTools,
  { origin }: Place,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const rpId = Operator.rpIdOf(origin)
  const { generateAuthenticationOptions } = await webauthn()
  const options = await generateAuthenticationOptions({
    rpID: rpId,
    timeout: Operator.CHALLENGE_MS,
    allowCredentials: [],
    userVerification: 'required',
  })
  await keepChallenge(tools, { challenge: options.challenge, purpose: 'sign-in', rpId, session: null })
  return options
}

/**
 * Signs an operator in by a passkey.
 *
 * @returns The value of the cookie.
 * @throws {OperatorError} `operators:passkey:refused`, `operators:challenge:unknown`: the same for every reason.
 */
export async function signInByPasskey(
  tools: OperatorTools,
  { origin, response }: { response: unknown } & Place,
): Promise<string> {
  const rpId = Operator.rpIdOf(origin)
  const challenge = await takeChallenge(tools, { response, purpose: 'sign-in', rpId, session: null })
  const { store, clock, audit } = tools
  const id = textIn(response, 'id')
  const passkey = await store.read
    .selectFrom('operator_passkeys')
    .selectAll()
    .where('id', '=', id)
    .where('rp_id', '=', rpId)
    .executeTakeFirst()
  if (passkey === undefined) throw new Operator.OperatorError('passkey')
  const { verifyAuthenticationResponse } = await webauthn()
  const { verified, authenticationInfo } = await judged(() =>
    verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      credential: {
        id: passkey.id,
        publicKey: new Uint8Array(Buffer.from(passkey.public_key, 'base64url')),
        counter: passkey.counter,
      },
      requireUserVerification: true,
    }),
  )
  if (!verified) throw new Operator.OperatorError('passkey')
  return store.write(async (write) => {
    // Against the counter as it is now: of two answers with one count, one signs in.
    const moved = await write.db
      .updateTable('operator_passkeys')
      .set({ counter: authenticationInfo.newCounter, used_ms: clock.nowMs() })
      .where('id', '=', passkey.id)
      .where('counter', '=', passkey.counter)
      .returning('operator_id')
      .executeTakeFirst()
    const operator = await write.db
      .selectFrom('operators')
      .selectAll()
      .where('id', '=', moved?.operator_id ?? '')
      .executeTakeFirst()
    if (operator === undefined) throw new Operator.OperatorError('passkey')
    await audit(write, {
      app: SERVER,
      event: 'operators.operator.signed-in',
      body: { operator: handle(operator.id), passkey: handle(passkey.id), host: rpId },
    })
    return openOperatorSession(tools, write, {
      ...{ operator: Operator.fromRow(operator), stage: 'full', passkey: passkey.id },
    })
  })
}

/** The passkeys of an operator, oldest first. */
export async function listPasskeys(
  { store }: Pick<OperatorTools, 'store'>,
  { operatorId }: { operatorId: string },
): Promise<ListedPasskey[]> {
  const rows = await store.read
    .selectFrom('operator_passkeys')
    .select(['id', 'label', 'rp_id', 'created_ms', 'used_ms'])
    .where('operator_id', '=', operatorId)
    .orderBy('created_ms')
    .execute()
  return rows.map(({ id, label, rp_id: rpId, created_ms: createdMs, used_ms: usedMs }) => ({
    ...{ id, label, rpId, createdMs, usedMs },
  }))
}

/**
 * Removes a passkey, and ends every session that it opened: who removes it has lost the device, or never had it. The last one
 * stays, because it is the only way in.
 */
export async function removePasskey(
  { store, audit }: OperatorTools,
  { id, operatorId }: { id: string; operatorId: string },
): Promise<void> {
  await store.write(async (write) => {
    const own = await write.db
      .selectFrom('operator_passkeys')
      .select('id')
      .where('operator_id', '=', operatorId)
      .execute()
    if (!own.some((each) => each.id === id)) throw new Operator.OperatorError('absent')
    if (own.length === 1) throw new Operator.OperatorError('last')
    await write.db.deleteFrom('operator_passkeys').where('id', '=', id).execute()
    const sessions = await endSessionsOf(write, { passkey: id, operatorId })
    await audit(write, {
      app: SERVER,
      event: 'operators.passkey.removed',
      body: { passkey: handle(id), operator: handle(operatorId), sessions },
    })
  })
}

/**
 * How many challenges of one purpose may wait at once; the oldest go first. Anybody may ask for one to sign in, so those push out
 * no registration, and what one costs lets no single address push out those of others.
 */
const MAX_CHALLENGES = 1_000

async function keepChallenge(
  { store, clock }: OperatorTools,
  {
    challenge,
    purpose,
    rpId,
    session,
  }: { challenge: string; purpose: 'register' | 'sign-in'; rpId: string; session: string | null },
): Promise<void> {
  const nowMs = clock.nowMs()
  await store.write(async (write) => {
    await write.db.deleteFrom('operator_challenges').where('expires_ms', '<=', nowMs).execute()
    await trimChallenges(write, purpose)
    await write.db
      .insertInto('operator_challenges')
      .values({
        digest: digest(challenge),
        ...{ purpose, rp_id: rpId, session },
        expires_ms: nowMs + Operator.CHALLENGE_MS,
      })
      .execute()
  })
}

async function trimChallenges(write: Write, purpose: string): Promise<void> {
  const surplus = await write.db
    .selectFrom('operator_challenges')
    .select('digest')
    .where('purpose', '=', purpose)
    .orderBy('expires_ms', 'desc')
    .offset(MAX_CHALLENGES - 1)
    .limit(MAX_CHALLENGES)
    .execute()
  const digests = surplus.map((each) => each.digest)
  if (digests.length > 0) await write.db.deleteFrom('operator_challenges').where('digest', 'in', digests).execute()
}

/** Uses the challenge of an answer up, whatever the answer is worth: a second answer finds none. */
async function takeChallenge(
  { store, clock }: OperatorTools,
  {
    response,
    purpose,
    rpId,
    session,
  }: { response: unknown; purpose: 'register' | 'sign-in'; rpId: string; session: string | null },
): Promise<string> {
  const challenge = challengeIn(response)
  const row = await store.write((write) =>
    write.db
      .deleteFrom('operator_challenges')
      .where('digest', '=', digest(challenge))
      .returning(['purpose', 'rp_id', 'session', 'expires_ms'])
      .executeTakeFirst(),
  )
  const isGood =
    row !== undefined &&
    row.purpose === purpose &&
    row.rp_id === rpId &&
    row.session === session &&
    clock.nowMs() < row.expires_ms
  if (!isGood) throw new Operator.OperatorError('challenge')
  return challenge
}

/** The challenge that an answer names. What it is worth is decided by the signature over it. */
function challengeIn(response: unknown): string {
  const inner = (response as { response?: unknown } | null)?.response
  const clientData = Buffer.from(textIn(inner, 'clientDataJSON'), 'base64url').toString()
  try {
    return textIn(Json.parse(clientData), 'challenge')
  } catch (error) {
    throw new Operator.OperatorError('passkey', error)
  }
}

function textIn(value: unknown, name: string): string {
  const text = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
  if (typeof text !== 'string' || text.length > 20_000) throw new Operator.OperatorError('passkey')
  return text
}

/** The library throws for an answer that is not good; its words are for the log. */
async function judged<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify()
  } catch (error) {
    throw new Operator.OperatorError('passkey', error)
  }
}
