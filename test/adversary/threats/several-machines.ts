import type { Threat } from '../Threat.ts'

const FENCE = 'packages/server/src/keys/fenceModel.test.ts'
const INSTANCES = 'test/journeys/instances.test.ts'
const STORE = 'packages/server/src/store/postgres/postgres.test.ts'
const test = (file: string, name: string) => ({ file, name: `promise: ${name}` })

/** Instances that share a PostgreSQL database. Where none answers, these tests are skipped. */
export const threats: Threat[] = [
  {
    id: 'machines 1',
    threat:
      'Two instances decide at the same time on what both have read, and a limit is passed or a payment is made twice.',
    stoppedBy:
      'Each write begins with one lock of the whole database and gives it back with its commit, so what it read is still so when it commits.',
    remains: 'Writes do not grow with the number of instances.',
    tests: [
      test(STORE, 'writes of all instances are one after another: no update is lost, each sees the one before'),
      test(INSTANCES, 'a session goes on at the other instance, and of two wallets at two instances one is asked'),
    ],
  },
  {
    id: 'machines 2',
    threat: 'A key is revoked or an app frozen at one instance, and another goes on with what it remembers.',
    stoppedBy:
      'The answer waits until each live instance has confirmed; each asks the database for the epoch of its keys before it uses a memory.',
    remains: null,
    tests: [
      test(INSTANCES, 'a key is refused by both when its revocation is answered, and a freeze is confirmed by both'),
      test(FENCE, 'in no order of events does a process take a key after the answer of its revocation'),
    ],
  },
  {
    id: 'machines 3',
    threat: 'An instance is killed, stopped or cut off in the middle of a write or with a wallet open.',
    stoppedBy:
      'Its transaction is undone and its lock is freed, at the latest after 5 s; the wallet was noted before it opened, and the chain is asked.',
    remains: 'Other writes wait meanwhile, and those that waited for 5 s are refused.',
    tests: [
      test(STORE, 'an instance that stops in the middle of a write is cut off, and keeps nothing'),
      test(STORE, 'connections that are killed lose nothing that was acknowledged, and the store goes on'),
      test(
        INSTANCES,
        'an instance killed with a wallet open loses nothing: one payment, found by the other, streams go on',
      ),
    ],
  },
  {
    id: 'machines 4',
    threat: 'Somebody reads the database, or a copy of it, and wants to open sessions or sign receipts.',
    stoppedBy: 'The keys in it are encrypted under COUNTERSIGN_MASTER_KEY, each bound to its name.',
    remains: 'Who has the database and the master key has everything. The master key cannot be replaced yet.',
    tests: [test(STORE, 'a master key is needed, and only the one that the keys were encrypted with opens them')],
  },
  {
    id: 'machines 5',
    threat: 'A move from SQLite to PostgreSQL loses rows, or an audit record changes on the way.',
    stoppedBy: 'Rows are counted and each record is read back to the same hash before the one commit.',
    remains: 'The server must be stopped: the copy refuses while one runs.',
    tests: [
      test(INSTANCES, 'every row and key is copied, records end in the same hash, and keys and secrets still open'),
    ],
  },
]
