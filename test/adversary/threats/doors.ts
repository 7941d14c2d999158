import type { Threat } from '../Threat.ts'

/** What programs with an API key propose without a chat. */
export const threats: readonly Threat[] = [
  {
    id: 'door 1.1',
    threat: 'A program without the owner approves, rejects or reads what was proposed to somebody.',
    stoppedBy:
      'Only a wallet that signed in on our page answers; a claim, a key, its sessions and embedded pages get 404.',
    remains: 'A program that holds the id of a session of the default app, signed in with the wallet, is that session.',
    tests: [
      {
        file: 'test/doors/proposals.test.ts',
        name: 'promise: the owner finds it after signing in; another wallet, a claim, a key and the id alone do not',
      },
      {
        file: 'test/doors/proposals.test.ts',
        name: 'promise: the key that made it, with "propose" or "read", and its successors; any other key gets 404',
      },
    ],
  },
  {
    id: 'door 1.2',
    threat: 'A key that was never meant to reach a wallet proposes.',
    stoppedBy:
      'The scope is given by name: no default set and no administrator has it, and a key under suspicion proposes nothing.',
    remains: 'An administrator can issue a key that has it; the record shows it.',
    tests: [
      {
        file: 'test/doors/proposals.test.ts',
        name: 'promise: a key needs the scope "propose", which no default set and no administrator has',
      },
      { file: 'test/doors/proposals.test.ts', name: 'promise: a key under suspicion proposes and reads nothing' },
    ],
  },
  {
    id: 'door 1.3',
    threat: 'A request that is sent twice, or to two processes at once, asks the owner twice.',
    stoppedBy: 'An idempotency key stands for one proposal, by one unique row; other bytes under it are refused.',
    remains: 'Without an idempotency key each request is a proposal of its own.',
    tests: [
      {
        file: 'test/doors/proposals.test.ts',
        name: 'promise: the same key and bytes are the same proposal for 24 hours, in the header or in the body',
      },
      {
        file: 'test/doors/proposals.test.ts',
        name: 'promise: of many concurrent requests with one key one makes the proposal',
      },
      {
        file: 'test/doors/proposals.test.ts',
        name: 'promise: the same holds between two processes on one data directory',
      },
    ],
  },
  {
    id: 'door 1.4',
    threat: 'A proposal replaces the one that its owner is signing, or the same bytes are signed twice.',
    stoppedBy: 'Proposals of doors replace none, and one wallet at a time is open for the same bytes.',
    remains: null,
    tests: [
      {
        file: 'test/doors/proposals.test.ts',
        name: 'promise: no proposal replaces another, least of all one whose wallet is open',
      },
      {
        file: 'test/doors/proposals.test.ts',
        name: 'promise: the same bytes through two doors open one wallet at a time',
      },
    ],
  },
  {
    id: 'door 1.5',
    threat: 'Requests are judged beside each other, each on a state that leaves the others out.',
    stoppedBy:
      'One queue for each account and chain; what is signed and not mined is simulated first, and a request stands on it.',
    remains:
      'Processes on one data directory have a queue each; a provider that hides its mempool hides what waits there.',
    tests: [
      {
        file: 'test/doors/unmined.test.ts',
        name: 'promise: a request stands on two transactions that are signed and not mined, and its report and receipt say so',
      },
      {
        file: 'test/doors/unmined.test.ts',
        name: 'promise: nothing is handed out on an earlier transaction that failed, unlike expected',
      },
      {
        file: 'test/doors/unmined.test.ts',
        name: 'promise: nothing is handed out on an earlier transaction that was replaced',
      },
      {
        file: 'test/doors/unmined.test.ts',
        name: 'promise: nothing is handed out on an earlier transaction that was dropped',
      },
      {
        file: 'packages/server/src/proposals/AccountQueue.test.ts',
        name: 'promise: of eight at once at a budget for three, three pass; without the queue all eight do',
      },
    ],
  },
  {
    id: 'door 1.6',
    threat: 'A simulation that gives no answer leaves a proposal that can be signed.',
    stoppedBy: 'Nothing is written before there is a verdict.',
    remains: null,
    tests: [
      { file: 'test/doors/proposals.test.ts', name: 'promise: 503 when it cannot be judged, and no proposal is made' },
      {
        file: 'test/doors/proposals.test.ts',
        name: 'promise: one that the simulation blocks is 201 with the state "blocked", and never signable',
      },
    ],
  },
  {
    id: 'door 1.7',
    threat: 'A stolen key is revoked, and what it proposed is signed all the same.',
    stoppedBy: 'What a disabled key proposed can be rejected and not signed.',
    remains: 'What the wallet had open when the key was revoked may still be signed there.',
    tests: [
      {
        file: 'test/doors/proposals.test.ts',
        name: 'promise: what a disabled key proposed is signed no more; its owner may reject it',
      },
    ],
  },
  {
    id: 'door 1.8',
    threat: 'A message about a proposal is forged, replayed, lost, or sent to an address inside the network.',
    stoppedBy:
      'Messages stand in the transaction of the change, are signed with a time, and go to the judged address only; the SDK refuses what is unsigned or older than 300 s.',
    remains: 'Within 300 s a message can be sent again: receivers drop an id that they have seen.',
    tests: [
      {
        file: 'test/doors/webhooks.test.ts',
        name: 'promise: a message that nobody took outlives the server and is sent again with its id',
      },
      {
        file: 'packages/server/src/outbox/outbox.test.ts',
        name: 'promise: a message exists exactly when its change was committed',
      },
      {
        file: 'packages/server/src/openOutbox.test.ts',
        name: 'promise: nothing is sent to a private address without allow_private, nor without a secret',
      },
      {
        file: 'packages/sdk/src/webhook.test.ts',
        name: 'promise: what is not signed with the secret, or not exactly so, is refused',
      },
    ],
  },
]
