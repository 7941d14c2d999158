import type { Entry } from '../model/ValueFlow.ts'
import {
  isCount,
  isExplained,
  isOfUsersRecord,
  isUnderUsersId,
  isTime,
  partiesOf,
  tokensOf,
  type Scene,
} from './attributeWords.ts'
import { addressIn, isKeyedBy } from './StoragePath.ts'
import { changedFields, holds, type Field } from './Word.ts'
import type { OpenedWrite } from './Write.ts'

/** What entries are read by, of everything that words are judged by. */
type EntryScene = Pick<Scene, 'user' | 'timestampS' | 'read' | 'reads' | 'writes' | 'mentioned' | 'isHidden'> & {
  /** The user and the accounts that the user controls, lower case. */
  readonly mine: ReadonlySet<string>
  /** Words of contracts that were only read, which say that something is the user's. */
  readonly owned: readonly Pick<OpenedWrite, 'contract' | 'path'>[]
}

/**
 * What contracts keep for whom, by what was hashed into the slot and by whom the word names: stakes, shares, debts, orders,
 * records. Balances and rights that a getter tells are not among them, nor times.
 */
export function entriesOf(writes: readonly OpenedWrite[], scene: EntryScene): Entry[] {
  return writes.flatMap((write) => entryOf(write, scene) ?? [])
}

function entryOf(write: OpenedWrite, scene: EntryScene): Entry | null {
  const { contract, path, before, after } = write
  const { mine, mentioned } = scene
  // A plain variable is nobody's entry.
  if (path === null || mine.has(contract) || isExplained(write, scene)) return null
  const tokens = tokensOf(scene)
  const isOther = (account: string) => !mine.has(account) && account !== contract && !tokens.has(account)
  const others = partiesOf(path, scene).filter(isOther)
  const keyed = [...mine].find((account) => isKeyedBy(path, account))
  // Keyed by both: a right of one over the other's, which is told as such.
  if (keyed !== undefined && others.length > 0) return null
  const named = [...mine].find((account) => holds(before, account) !== holds(after, account))
  if (named !== undefined) return { contract, account: named, ...came(holds(after, named)) }
  const owner = keyed ?? [...mine].find((user) => holds(after, user) || isUsersRecord(write, user, scene))
  const amount = amountOf(write, [...mine, ...others], scene)
  if (owner !== undefined) return amount === null ? null : { contract, account: owner, ...amount }
  const [other, more] = others
  // Whoever newly stands in a record is the one that it is about, and not the piece or the collection that it stands under.
  const stranger = [...mentioned].find(
    (account) => isOther(account) && !others.includes(account) && holds(before, account) !== holds(after, account),
  )
  const whole = addressIn(after)
  const isNamed = stranger !== undefined && (whole === null || whole === stranger)
  // That another's number went up by one tells nothing.
  if (other !== undefined && !isNamed)
    return more !== undefined || amount === null || amount.amount === 1n
      ? null
      : { contract, account: other, ...amount }
  if (!isNamed) return null
  const isUsers = [...mine].some((user) => isInUsersRecord(write, user, scene))
  return { contract, account: stranger, ...came(holds(after, stranger)), ...(isUsers ? { isInUsersRecord: true } : {}) }
}

/**
 * Whether the record is one that the user sets up: the user newly stands in it, or it stands under the same keys as a word of
 * another contract that says whose a piece or an account is, and that says it is the user's.
 */
function isInUsersRecord({ contract, path }: OpenedWrite, user: string, { writes, owned }: EntryScene): boolean {
  if (path === null) return false
  const isSame = (other: NonNullable<OpenedWrite['path']>) =>
    other.hashed[0] === path.hashed[0] || (path.keys.length > 0 && other.keys.join() === path.keys.join())
  const isPiece = (other: NonNullable<OpenedWrite['path']>) =>
    other.keys.length > 0 && other.keys.every((key) => path.keys.includes(key))
  return (
    writes.some(
      (other) => other.contract === contract && other.path !== null && isSame(other.path) && holds(other.after, user),
    ) || owned.some((read) => read.contract !== contract && read.path !== null && isPiece(read.path))
  )
}

/** Whether a word beside it, read or written, or the owner of its id says whose it is. */
function isUsersRecord(write: OpenedWrite, user: string, scene: EntryScene): boolean {
  return (
    isOfUsersRecord(write, user, scene.reads) ||
    isOfUsersRecord(write, user, scene.writes) ||
    isUnderUsersId(write, { ...scene, user })
  )
}

function came(isThere: boolean): Pick<Entry, 'direction' | 'amount'> {
  return { direction: isThere ? 'grew' : 'fell', amount: null }
}

/** Ten years: a lock, a vesting or a deadline that is newly written ends within them. */
const LONGEST_S = 315_360_000n
/** A number that may be when something ends; beside another number it is. */
const isDate = ({ before, after }: Field, { timestampS }: Pick<Scene, 'timestampS'>): boolean =>
  before === 0n && after > timestampS && after - timestampS <= LONGEST_S

/** The number of a word that differs, the first that falls before one that grows. */
function amountOf(
  { before, after }: OpenedWrite,
  accounts: readonly string[],
  scene: EntryScene,
): Pick<Entry, 'direction' | 'amount'> | null {
  const fields = changedFields(before, after, accounts, scene).filter((field) => !isTime(field, scene))
  const fallen = fields.find((field) => field.after < field.before)
  if (fallen !== undefined) return { direction: 'fell', amount: fallen.before - fallen.after }
  const grown =
    fields.find((field) => !isCount(field) && !isDate(field, scene)) ??
    fields.find((field) => !isCount(field)) ??
    fields[0]
  return grown === undefined ? null : { direction: 'grew', amount: grown.after - grown.before }
}
