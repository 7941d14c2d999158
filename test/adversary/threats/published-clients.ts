import type { Threat } from '../Threat.ts'

const CLIENTS = 'test/journeys/publishedClients.test.ts'

/** Published clients as they are: where they look, what they leave out, and what they do without being told. */
export const threats: readonly Threat[] = [
  {
    id: 'gate 12.3',
    threat: 'A payment fails for a well-known reason, and its owner reads only that text was withheld.',
    stoppedBy:
      'Reasons of well-known contracts, letter for letter, are told in our words; every other text stays withheld.',
    remains: 'Other texts are still withheld in chat.',
    tests: [
      { file: 'packages/simulator/src/decode/revertReasons.test.ts', name: 'a well-known reason is told in our words' },
      {
        file: 'packages/simulator/src/decode/revertReasons.test.ts',
        name: 'promise: a stranger’s text stays withheld, however much of a known reason it holds',
      },
    ],
  },
  {
    id: 'gate 14.1',
    threat: 'A client without a card asks for a signature, and its user sees a token’s address and the value 0.',
    stoppedBy:
      'At commit the gate itself writes into the conversation what leaves, arrives, to whom, fee, permissions, warnings, expiry.',
    remains: 'The command line’s own list of transactions still shows what it always did.',
    tests: [
      { file: CLIENTS, name: 'at commit: what leaves, what arrives, to whom, fee, permissions, warnings, expiry' },
      { file: CLIENTS, name: 'an allowance that stays is named with who may use it' },
      { file: CLIENTS, name: 'promise: a model writes nothing of it, however it names a function' },
    ],
  },
  {
    id: 'gate 14.2',
    threat: 'A transaction settles, is rejected or expires, and the client never hears of it.',
    stoppedBy:
      'Every change of a proposal that was offered is a message that clients show, in the commit that changes it.',
    remains: null,
    tests: [
      { file: CLIENTS, name: 'when it settled' },
      { file: CLIENTS, name: 'when it was rejected, expired, or is not what was shown' },
    ],
  },
  {
    id: 'gate 14.3',
    threat: 'A batch that would not revert is stopped, and the command line prints "unknown".',
    stoppedBy: 'The first step carries the refusal in revert_reason, the one sentence that is printed before signing.',
    remains: null,
    tests: [{ file: CLIENTS, name: 'between reading the queue and simulating: the card is rejected elsewhere' }],
  },
  {
    id: 'gate 14.4',
    threat: 'A replaced proposal’s request is delivered later, and a wallet is asked for it.',
    stoppedBy:
      'Requests whose proposal may not be signed any more come out of no list, a stream that resumes has their withdrawal in their place, and the replacement is told.',
    remains: null,
    tests: [
      {
        file: CLIENTS,
        name: 'promise: a stream that resumes asks for nothing that was replaced, signed or is over, and has no gap',
      },
      { file: CLIENTS, name: 'when a newer one took its place, and the old request comes out of no list any more' },
    ],
  },
  {
    id: 'gate 14.5',
    threat: 'A batch stops half way and leaves an allowance behind that its owner does not know of.',
    stoppedBy:
      'The gate itself stages the rest and what takes the permission back, says so in the conversation, and shows both on the card.',
    remains: 'Powers that no one call takes back (ownership, modules, code of the account) are named and not staged.',
    tests: [
      { file: CLIENTS, name: 'a batch that is half done names what is left behind, and what to say' },
      ...['an ERC-20 allowance', 'a Permit2 allowance', 'one approved ERC-721', 'an operator of an ERC-1155'].map(
        (name) => ({ file: 'test/journeys/halfDone.test.ts', name }),
      ),
      {
        file: 'test/journeys/halfDone.test.ts',
        name: 'promise: what was taken back by other means is not asked for again',
      },
    ],
  },
  {
    id: 'gate 14.6',
    threat: 'A page cannot read why it was refused.',
    stoppedBy: 'The headers that let a page of an allowed origin read are set before anything may refuse.',
    remains: null,
    tests: [
      { file: CLIENTS, name: 'a key from a page' },
      { file: CLIENTS, name: 'a page of another origin still reads nothing' },
    ],
  },
  {
    id: 'gate 17.1',
    threat: 'A client acts on what it read before the proposal changed.',
    stoppedBy: 'Replayed in every state: it signs what was said, or stops with a sentence of ours.',
    remains: 'Models of the clients are replayed: the published packages are not on the registry.',
    tests: [
      {
        file: CLIENTS,
        name: 'promise: replayed in every state, a client signs what was said or stops with a sentence of ours > pending',
      },
      {
        file: CLIENTS,
        name: 'promise: replayed in every state, a client signs what was said or stops with a sentence of ours > superseded',
      },
      { file: CLIENTS, name: 'between reading the queue and simulating: the key is revoked' },
    ],
  },
  {
    id: 'gate 17.4',
    threat: 'The stock widget stops because no fee is quoted to it.',
    stoppedBy:
      'A browser that never said what it is is quoted one wei to the sender itself, and ext is kept once seen.',
    remains: null,
    tests: [
      { file: CLIENTS, name: 'promise: it can send, though it says what it is only before a session exists' },
      { file: CLIENTS, name: 'what it once said of itself is kept when later claims leave it out' },
    ],
  },
  {
    id: 'gate 17.5',
    threat: 'A wallet that connects early, or one of another kind of chain, makes the chat fail.',
    stoppedBy: 'The first is noted with the first message; the second is no wallet, and a notice says so once.',
    remains: null,
    tests: [
      {
        file: CLIENTS,
        name: 'connecting a wallet before the first message is no error, and a session that ended still is one',
      },
      {
        file: CLIENTS,
        name: 'a wallet that cannot be read is no wallet, told once, and the chat goes on: a Solana address',
      },
    ],
  },
  {
    id: 'gate 17.9',
    threat: 'A program signs the first transaction of a list and reports its hash for all of them.',
    stoppedBy: 'Clients that are not known to read lists are asked for one step, the next when it is on chain.',
    remains: null,
    tests: [{ file: CLIENTS, name: 'promise: one request a step, the next when the first is on chain' }],
  },
  {
    id: 'gate 17.10',
    threat:
      'A client posts a secret or a model key, and believes that it is kept safely; or names another’s client_id.',
    stoppedBy:
      'Without a slot of the app nothing is kept, the answer and a notice say so, and a client_id opens nothing.',
    remains: 'The widget posts the key again at every load.',
    tests: [
      { file: CLIENTS, name: 'promise: none is kept, the answer says so, and the widget shows it, once' },
      { file: CLIENTS, name: 'promise: a client id by itself opens nothing' },
    ],
  },
  {
    id: 'gate 17.11',
    threat: 'The path of a newer client is a way around the guards of the older one.',
    stoppedBy: 'An alias is the twin’s own handler under the twin’s own policy.',
    remains: null,
    tests: [
      { file: CLIENTS, name: 'promise: an alias is guarded like its twin' },
      { file: CLIENTS, name: 'their paths answer as the older ones do' },
    ],
  },
]
