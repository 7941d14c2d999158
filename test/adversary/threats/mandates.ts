import type { Threat } from '../Threat.ts'

const JOURNEY = 'test/journeys/mandates.test.ts'
const GUARDS = 'test/journeys/guards.test.ts'
const GRADES = 'packages/server/src/mandates/decide/gradeAmount.test.ts'
const WAITS = 'test/journeys/mandateWaits.test.ts'
const IN_FORCE = 'packages/server/src/proposals/decision/inForce.test.ts'
const DELAYS = 'packages/server/src/proposals/serveDelays.test.ts'
const TAKEN = 'packages/server/src/proposals/decision/takenBefore.test.ts'

/** Ways to move more than an owner allowed in advance, or to go on after a freeze. */
export const threats: readonly Threat[] = [
  {
    id: 'mandates 1',
    threat: 'Requests that arrive together pass a limit that each of them fits into.',
    stoppedBy: 'A limit is reserved in the write that records the decision, under the locks of its rows.',
    remains: null,
    tests: [{ file: GUARDS, name: 'promise: per_day holds under concurrent proposals of one owner through two keys' }],
  },
  {
    id: 'mandates 2',
    threat: 'An agent that holds a key goes on after its owner or an operator froze the mandate.',
    stoppedBy: 'Reserving and handing out read the mandate in their own write; only the owner’s signature unfreezes.',
    remains: 'What was handed out before the freeze may still be sent; the answer lists it.',
    tests: [
      {
        file: JOURNEY,
        name: 'promise: nothing is handed out after a freeze, and only the owner’s signature unfreezes',
      },
    ],
  },
  {
    id: 'mandates 3',
    threat: 'A key with the scope guard gets grants for a frozen wallet, because no mandate is there to freeze.',
    stoppedBy: 'A freeze is stored for the wallet or the app, and every grant reads it in its own write.',
    remains: 'The owner can still confirm a proposal after the freeze.',
    tests: [
      {
        file: JOURNEY,
        name: 'promise: a freeze of a wallet, its session, the app or everything stops grants where no mandate is',
      },
      { file: JOURNEY, name: 'promise: after a freeze without a mandate the owner still releases one by one' },
    ],
  },
  {
    id: 'mandates 4',
    threat: 'Somebody claims that nothing was signed, gets the budget back, and sends the signed bytes.',
    stoppedBy: 'Only the owner’s signature, or another transaction at the granted nonce at depth, gives it back.',
    remains:
      'The money of a false statement has moved before the mandate freezes; a reorganisation may be deeper than the depth of the chain’s record.',
    tests: [
      {
        file: JOURNEY,
        name: 'promise: bytes that are mined after their owner signed "not signed" count again, and freeze the mandate',
      },
      {
        file: JOURNEY,
        name: 'promise: what a wallet was shown is given back by its owner’s signature, and by nobody else’s word',
      },
      {
        file: JOURNEY,
        name: 'promise: what was granted at a nonce is given back when another transaction has it, at depth',
      },
      {
        file: 'packages/server/src/chains/finalDepth.test.ts',
        name: 'promise: the ledger believes a block as deep as the chain’s record says, and at least two deep',
      },
    ],
  },
  {
    id: 'mandates 5',
    threat: 'A token or a long batch keeps the server from reading an allowance, which then counts as none.',
    stoppedBy: 'An allowance that was not read counts as unlimited, which is over every limit.',
    remains: null,
    tests: [
      { file: GRADES, name: 'promise: an allowance that could not be read counts as unlimited' },
      { file: GRADES, name: 'promise: a pull that moves nothing hides no allowance of the contract that was called' },
    ],
  },
  {
    id: 'mandates 6',
    threat: 'A spender takes an allowance in the block that replaces it, and the budget is given back.',
    stoppedBy:
      'The owner’s payments before the approval are read from the token’s events; unreadable events count whole.',
    remains: 'A token that moves balances without a Transfer event.',
    tests: [
      { file: TAKEN, name: 'promise: what was taken in the block of an approval, before it, is counted' },
      { file: TAKEN, name: 'promise: events that cannot be read are no proof' },
    ],
  },
  {
    id: 'mandates 7',
    threat: 'The sums of the ledger no longer match its lines, and budgets are spent twice.',
    stoppedBy:
      'Every start checks the invariants and freezes every mandate where one fails; so does the doctor’s report.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/doctor.test.ts',
        name: 'promise: a sum of the ledger that its lines do not bear out fails',
      },
      {
        file: 'packages/server/src/mandates/checkLedger.test.ts',
        name: 'promise: a start on a ledger that does not hold freezes every mandate and records it',
      },
    ],
  },
  {
    id: 'mandates 8',
    threat:
      'A program signs by itself and sends the bytes past guards, mandate and freeze, or sends what it had no grant for.',
    stoppedBy:
      'Raw bytes that a guard, a mandate or a freeze is about wait for their owner; whatever the chain shows of a proposal counts.',
    remains:
      'Another RPC URL: what is of a proposal, or at the nonce of a grant, is seen and counted and not prevented; at other nonces nothing looks.',
    tests: [
      { file: GUARDS, name: 'promise: bytes that a program signed itself are held by the guards of the app' },
      {
        file: JOURNEY,
        name: 'promise: are held for the owner after a freeze, also when the wallet was open before it',
      },
      {
        file: JOURNEY,
        name: 'promise: are decided by the mandate, held for its owner, and counted when they go out',
      },
      {
        file: JOURNEY,
        name: 'promise: what a signer sent without a grant counts all the same, and freezes where its owner was not asked',
      },
      { file: JOURNEY, name: 'promise: what a signer signed in place of its grant counts, and freezes the mandate' },
      {
        file: 'packages/server/src/mandates/ledger/histories.test.ts',
        name: 'promise: what was sent without a hand-out or after a false word counts to the wei, and nothing over goes on',
      },
    ],
  },
  {
    id: 'mandates 9',
    threat:
      'A stranger claims the owner’s address in a session, or proposes for it with a key of the app, and uses up the mandate.',
    stoppedBy:
      'Only a proven wallet, or a key that the mandate names or trusts, reserves; a claim meets refusals alone.',
    remains: 'Guards of an app count what is only claimed apart from the proven wallet, for each holder.',
    tests: [
      ...['chat', 'guard', 'rpc', 'mcp'].map((door) => ({
        file: WAITS,
        name: `promise: by the door ${door}, who only claims the owner’s address gets nothing of the mandate`,
      })),
      { file: IN_FORCE, name: 'promise: a proof that comes in between is another basis of the decision' },
    ],
  },
  {
    id: 'mandates 10',
    threat: 'A crowd of delayed proposals that cannot be served holds up those that are due.',
    stoppedBy: 'Each round pages through all that is due, by time.',
    remains: 'Each is simulated in turn, so a crowd makes the round longer.',
    tests: [{ file: DELAYS, name: 'promise: a crowd of delays that cannot be served holds up none that is due' }],
  },
  {
    id: 'mandates 11',
    threat:
      'Somebody puts a contract at the address of the owner or of an approver on another chain, and grants, widens, unfreezes or approves with its signature.',
    stoppedBy:
      'A signature that is not a key’s own is asked of the contract on every chain of the mandate and of the version that it replaces; an approver’s on the chain of the mandate and on that of the proposal.',
    remains: null,
    tests: [
      'a stranger’s contract at the address on one of the chains grants nothing',
      'nor does it take the place of a mandate on another chain',
      'nor does it unfreeze one',
    ]
      .map((what) => ({
        file: 'packages/server/src/mandates/grant/contractOwner.test.ts',
        name: `promise: a contract owns a mandate only where it says so on every chain of it > ${what}`,
      }))
      .concat({
        file: 'packages/server/src/proposals/approverOf.test.ts',
        name: 'promise: a contract approves only where it says so on the chain of the mandate and on that of the proposal',
      }),
  },
]
