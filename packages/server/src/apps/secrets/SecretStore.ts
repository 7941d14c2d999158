import { BaseError, Redacted, type Clock } from '@countersign/base'
import type { AppendAudit } from '../../audit/appendAudit.ts'
import * as Seal from '../../proofs/Seal.ts'
import type { Session } from '../../sessions/Session.ts'
import { openKey } from '../../store/KeyFiles.ts'
import type { Store } from '../../store/openStore.ts'
import { OPERATOR, ownersOf } from './SecretOwner.ts'
import { isUsable, SECRET_NAME } from './SecretName.ts'

const FILE = 'secrets.key'

export interface SecretStoreTools {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
}

/** A secret of an app, without its value. */
export interface ListedSecret {
  readonly name: string
  readonly setMs: number
  /** Whether it can be decrypted with the key of this data directory. */
  readonly isReadable: boolean
}

/**
 * Secrets of apps, encrypted with AES-256-GCM under `secrets.key` of the data directory and bound to app, owner and name: what is
 * copied to another row opens nothing. A value leaves it for the edge, where a tool is called, and nowhere else.
 */
export class SecretStore {
  readonly #tools: SecretStoreTools
  readonly #key: Redacted.Redacted<Uint8Array>
  readonly #one
  readonly #all

  /** @throws {SecretKeyError} `apps:secrets:unreadable`. */
  constructor(tools: SecretStoreTools) {
    this.#tools = tools
    const { keys } = tools.store
    const bytes = openKey(keys, FILE)
    if (bytes === null) throw new SecretKeyError(keys.nameOf(FILE))
    this.#key = Redacted.of(bytes)
    this.#one = tools.store.prepare<{ sealed: string }>(
      'select sealed from secrets where app = ? and owner = ? and name = ?',
    )
    this.#all = tools.store.prepare<{ name: string; sealed: string; at_ms: number }>(
      'select name, sealed, at_ms from secrets where app = ? and owner = ? order by name',
    )
  }

  /** The operator's value; null for none. */
  operators(app: string, name: string): string | null {
    return this.#open({ app, owner: OPERATOR, name })
  }

  /** The value that the owner of a session gave; null for none. */
  users(app: string, name: string, session: Pick<Session, 'sid' | 'owner' | 'principal' | 'signedIn'>): string | null {
    for (const owner of ownersOf(session)) {
      const value = this.#open({ app, owner, name })
      if (value !== null) return value
    }
    return null
  }

  /** What is set for an app, without values. `session`: by the owner of a session, else by the operator. */
  list(app: string, session: Session | null = null): readonly ListedSecret[] {
    const owners = session === null ? [OPERATOR] : ownersOf(session)
    return owners.flatMap((owner) =>
      this.#all.all(app, owner).map(({ name, at_ms: setMs }) => ({
        name,
        setMs,
        isReadable: this.#open({ app, owner, name }) !== null,
      })),
    )
  }

  /**
   * Sets values, all or none. `session`: for the owner of a session, else for the operator.
   *
   * @param by - For the audit record: the key, `cli`, or the handle of the session.
   * @throws {SecretValueError} `apps:secret:unreadable`; neither name nor value is repeated.
   */
  async set(
    values: ReadonlyMap<string, string>,
    { app, session = null, by }: { app: string; session?: Session | null; by: string },
  ): Promise<void> {
    for (const [name, value] of values)
      if (!SECRET_NAME.test(name) || !isUsable(value)) throw new SecretValueError(SECRET_NAME.test(name) ? name : null)
    const { store, clock, audit } = this.#tools
    const owner = session === null ? OPERATOR : ownersOf(session)[0]
    const sid = session !== null && owner === `session:${session.sid}` ? session.sid : null
    await store.write(async (write) => {
      for (const [name, value] of values) {
        const sealed = this.#seal(value, { app, owner, name })
        const row = { sealed, sid, at_ms: clock.nowMs() }
        await write.db
          .insertInto('secrets')
          .values({ app, owner, name, ...row })
          .onConflict((conflict) => conflict.columns(['app', 'owner', 'name']).doUpdateSet(row))
          .execute()
        await audit(write, {
          app,
          event: 'apps.secret.set',
          body: { name, from: session === null ? 'operator' : 'user', by },
        })
      }
    })
  }

  /** Deletes values: all of them, or one by its name. Answers how many there were. */
  async delete({
    app,
    name = null,
    session = null,
    by,
  }: {
    app: string
    name?: string | null
    session?: Session | null
    by: string
  }): Promise<number> {
    const { store, audit } = this.#tools
    const owners = session === null ? [OPERATOR] : ownersOf(session)
    return store.write(async (write) => {
      let query = write.db.deleteFrom('secrets').where('app', '=', app).where('owner', 'in', owners)
      if (name !== null) query = query.where('name', '=', name)
      const gone = await query.returning('name').execute()
      for (const row of gone)
        await audit(write, {
          app,
          event: 'apps.secret.deleted',
          body: { name: row.name, from: session === null ? 'operator' : 'user', by },
        })
      return gone.length
    })
  }

  #seal(value: string, place: Place): string {
    return Seal.seal(Buffer.from(value, 'utf8'), { secret: Redacted.reveal(this.#key), context: contextOf(place) })
  }

  /** Null for none, and for what was made under another key or for another place: then there is no value. */
  #open(place: Place): string | null {
    const row = this.#one.get(place.app, place.owner, place.name)
    if (row === undefined) return null
    const bytes = Seal.open(row.sealed, { secret: Redacted.reveal(this.#key), context: contextOf(place) })
    return bytes === null ? null : Buffer.from(bytes).toString('utf8')
  }
}

interface Place {
  readonly app: string
  readonly owner: string
  readonly name: string
}

const contextOf = ({ app, owner, name }: Place): string => JSON.stringify(['countersign secret', app, owner, name])

/** A value that is no secret. */
class SecretValueError extends BaseError {
  override readonly name = 'apps.SecretValueError'
  constructor(secret: string | null) {
    super(
      secret === null ? 'The name of a secret is not valid.' : `The value of the secret "${secret}" is not valid.`,
      {
        code: 'apps:secret:unreadable',
        kind: 'invalid',
        hint: 'A name has capitals, digits and "_". A value has 3 to 8192 printable ASCII characters, without a line break.',
      },
    )
  }
}

/** The key file cannot be used. */
class SecretKeyError extends BaseError {
  override readonly name = 'apps.SecretKeyError'
  constructor(path: string) {
    super(`${path} does not hold 64 hexadecimal digits.`, {
      code: 'apps:secrets:unreadable',
      kind: 'invalid',
      hint: 'Restore it from a backup, or delete the file: then every secret has to be set again.',
    })
  }
}
