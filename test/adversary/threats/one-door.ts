import type { Threat } from '../Threat.ts'

const PROVIDERS = 'test/journeys/providers.test.ts'
const RAW = 'test/journeys/rawTransactions.test.ts'
const READS = 'packages/simulator/src/chain/reads.test.ts'
const ONE_DOOR = 'packages/server/src/chains/oneDoor.test.ts'

/** A provider lies, fails or speaks to somebody whom it should not reach. */
export const threats: readonly Threat[] = [
  {
    id: 'gate 6.1',
    threat: "A provider answers yes to every call, and somebody posts a junk signature for a victim's account.",
    stoppedBy:
      'A plain account is verified by recovery alone; one that is not deployed is made and asked in our own EVM.',
    remains: 'A lone provider that also lies about code can answer for a contract; a quorum of 2 stops that.',
    tests: [
      { file: PROVIDERS, name: 'promise: a plain account is not vouched for by a call, whatever its provider says' },
      { file: PROVIDERS, name: 'two providers, the liar first > promise: one liar signs nobody in' },
      { file: PROVIDERS, name: 'two providers, the liar second > promise: one liar signs nobody in' },
    ],
  },
  {
    id: 'gate 6.2',
    threat: 'One of two providers invents a transaction and its receipt, or denies one that was mined.',
    stoppedBy: 'Transaction, receipt, block and trace count only as two providers give them; else nothing changes.',
    remains: 'With one provider its word counts.',
    tests: [
      {
        file: PROVIDERS,
        name: 'two providers, the liar first > promise: a provider that lies about any one method settles nothing',
      },
      {
        file: PROVIDERS,
        name: 'two providers, the liar second > promise: a provider that lies about any one method settles nothing',
      },
      {
        file: PROVIDERS,
        name: 'two providers, the liar first > promise: one liar ends no proposal either, and the truth settles it once both tell it',
      },
    ],
  },
  {
    id: 'gate 6.3',
    threat: 'One of two providers says that an account has code which confirms a signature of a document.',
    stoppedBy: 'Code and ERC-1271 are asked of both, at one block hash.',
    remains: null,
    tests: [
      {
        file: PROVIDERS,
        name: 'two providers, the liar first > promise: on one liar’s word no nonce is committed and no document counts as signed',
      },
    ],
  },
  {
    id: 'gate 6.4',
    threat: "One of two providers lies about the sender's nonce at commit.",
    stoppedBy: 'The nonce is asked of both, at one block hash.',
    remains: null,
    tests: [
      {
        file: PROVIDERS,
        name: 'two providers, the liar second > promise: on one liar’s word no nonce is committed and no document counts as signed',
      },
    ],
  },
  {
    id: 'gate 6.5',
    threat: 'A provider lies to the tools about balances and quotes, past the quorum.',
    stoppedBy: 'Tools read through the same providers with the same quorum; no other code asks one.',
    remains: 'With one provider its word counts; the simulation shows what really arrives by the same word.',
    tests: [{ file: ONE_DOOR, name: 'promise: no provider is asked outside of the one client' }],
  },
  {
    id: 'gate 6.6',
    threat: "A provider redirects to a host in the operator's network, whose answer goes to an outsider.",
    stoppedBy: 'Redirects are not followed.',
    remains: null,
    tests: [{ file: PROVIDERS, name: 'promise: a redirect to another host is not followed' }],
  },
  {
    id: 'gate 6.7',
    threat: 'A provider answers hundreds of megabytes to a small question.',
    stoppedBy: 'Each method has the size of its largest honest answer; more is not read.',
    remains: null,
    tests: [{ file: PROVIDERS, name: 'promise: an endless answer is given up early' }],
  },
  {
    id: 'gate 6.8',
    threat: 'A provider puts its URL and key, or text of its own, into errors and results.',
    stoppedBy: 'Answers are rebuilt from known fields and errors are in our words; the log has the rest, redacted.',
    remains: null,
    tests: [{ file: PROVIDERS, name: 'promise: what a provider says reaches neither page nor person' }],
  },
  {
    id: 'gate 6.9',
    threat: 'A provider answers with the wrong types.',
    stoppedBy: 'Every result is read by its method; what cannot be read is a 502.',
    remains: null,
    tests: [{ file: PROVIDERS, name: 'promise: answers of the wrong shape are a 502 in our words, for every verb' }],
  },
  {
    id: 'gate 6.10',
    threat: 'A provider answers with neither result nor error, null accounts, or a call tree without an end.',
    stoppedBy: 'What is neither is a refusal; every result is read to a bounded depth.',
    remains: null,
    tests: [
      { file: READS, name: 'promise: an answer of any shape is the truth or an error, never a bug and never its text' },
      { file: READS, name: 'promise: with two, no lie of one is believed, wherever it stands' },
      {
        file: 'packages/simulator/src/chain/fuzz.test.ts',
        name: 'promise: simulations on garbage end in a report or in an error of ours, without its text',
      },
      {
        file: READS,
        name: 'promise: a provider that hangs, drips or floods is given up in time, and another answers',
      },
    ],
  },
  {
    id: 'gate 6.11',
    threat: 'The first provider is down, and the second serves another chain.',
    stoppedBy: 'A provider says which chain it serves before it is believed, and again after each failure.',
    remains: null,
    tests: [{ file: PROVIDERS, name: 'promise: after a failover the chain is checked again' }],
  },
  {
    id: 'gate 6.12',
    threat: 'Somebody simulates on a chain that was just started, at block 0.',
    stoppedBy: 'The block before the first is not asked for; blocks 0 and 1 and base fees of 0 or none are tried.',
    remains: null,
    tests: [
      { file: 'test/journeys/cli.test.ts', name: 'the first example of --help runs on an anvil that was just started' },
      {
        file: 'packages/simulator/src/firstBlocks.test.ts',
        name: 'the next block of the first knows one hash, and none of a block before it',
      },
    ],
  },
  {
    id: 'gate 8.3',
    threat: 'One unit buys 20 upstream calls with state overrides and 30 million gas.',
    stoppedBy: 'Each call of a batch costs a unit, before the work; calls are bounded and take no overrides.',
    remains: null,
    tests: [
      { file: RAW, name: 'reads > promise: each call of a batch costs a unit' },
      { file: RAW, name: 'reads > promise: a call is bounded, and takes no overrides' },
    ],
  },
  {
    id: 'gate 12.2',
    threat: "A provider's error text is handed to outsiders.",
    stoppedBy: 'The proxy answers with a code and a sentence of ours.',
    remains: null,
    tests: [{ file: PROVIDERS, name: 'promise: what a provider says reaches neither page nor person' }],
  },
  {
    id: 'gate 12.6',
    threat: 'The engine fails or a balance is too small, and people read JSON of the engine and wei with 24 digits.',
    stoppedBy: 'A fault of an engine is one sentence of ours, its text goes to the log; amounts stand in the coin.',
    remains: null,
    tests: [
      'promise: EngineAnswerError says nothing that an engine wrote',
      'promise: EngineRefusedError says nothing that an engine wrote',
      'promise: a balance that is too small is told in the coin, never in wei',
    ].map((name) => ({ file: 'packages/simulator/src/evm/engineFault.test.ts', name })),
  },
  {
    id: 'gate 14.8',
    threat: 'A provider refuses, answers 404, a web page or lacks a method, and one sentence is said of all.',
    stoppedBy: 'Each fault has its sentence and hint, with the method and the origin.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/cli.test.ts',
        name: 'a provider that fails is named by its origin, with the method and what it did',
      },
    ],
  },
  {
    id: 'gate 17.7',
    threat: 'A published client whose --rpc-url is our proxy runs its list a second time after a broadcast.',
    stoppedBy: "The proxy adopts the first transaction's hash and refuses the same bytes at another nonce.",
    remains: 'A client that broadcasts elsewhere is out of reach.',
    tests: [
      { file: RAW, name: 'refused > promise: the same bytes are not sent twice, one after the other or at once' },
      { file: RAW, name: 'refused > promise: bytes that no card waits for are not sent' },
      { file: RAW, name: 'refused > promise: a card’s bytes are sent for its own session alone' },
    ],
  },
]
