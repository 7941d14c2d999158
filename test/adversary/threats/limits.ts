import type { Threat } from '../Threat.ts'

const LIMITS = 'test/journeys/limits.test.ts'

export const threats: Threat[] = [
  {
    id: 'gate 8.1',
    threat: 'A caller names a new session with each poll, and each name has a budget of its own.',
    stoppedBy: 'Polls draw on the address or the key.',
    remains: null,
    tests: [
      {
        file: LIMITS,
        name: 'promise: GET /api/state: who varies every header and field gets no more than who does not',
      },
      {
        file: LIMITS,
        name: 'promise: GET /api/session/models: who varies every header and field gets no more than who does not',
      },
    ],
  },
  {
    id: 'gate 8.2',
    threat: 'A caller sends a simulation of 11,000 calls, which are read before they are counted.',
    stoppedBy: 'Bodies are charged by their size before they arrive, and calls are counted before one is read.',
    remains: null,
    tests: [
      { file: LIMITS, name: 'promise: a simulation costs its calls, and too many are counted before one is read' },
      { file: LIMITS, name: 'promise: the largest body of POST /api/simulate is charged by its size, said or not' },
    ],
  },
  {
    id: 'gate 8.3, charges',
    threat: 'A keyless caller buys twenty upstream calls with one unit.',
    stoppedBy: 'Each call costs its own units before anything is sent to a provider.',
    remains: null,
    tests: [
      { file: LIMITS, name: 'promise: a batch of node calls costs what its calls make a provider compute' },
      { file: LIMITS, name: 'promise: a batch that the budget does not hold reaches no provider' },
    ],
  },
  {
    id: 'gate 8.4',
    threat: 'Behind a proxy that the server was not told of one outsider spends the budget of everybody.',
    stoppedBy: 'Keys are not charged to the address, and the log and /ready name the setting.',
    remains: 'Keyless callers behind such a proxy share one budget until the operator sets it.',
    tests: [
      { file: LIMITS, name: 'a proxy on this machine that the server was not told of is said once, and in /ready' },
      { file: LIMITS, name: 'promise: what a good key does costs its key, and its address nothing' },
    ],
  },
  {
    id: 'gate 8.5',
    threat: 'A busy key spends the budget of the address that it shares, or others spend it for the key.',
    stoppedBy: 'The requests of a good key cost that key alone.',
    remains: null,
    tests: [{ file: LIMITS, name: 'promise: what a good key does costs its key, and its address nothing' }],
  },
  {
    id: 'gate 8.6',
    threat: 'A client behind a proxy on this machine opens streams without end.',
    stoppedBy: 'Streams are counted by key, address, browser and session.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/listeners.test.ts',
        name: 'promise: an address, and a session, have so many streams and no more; a key is not held to its address',
      },
    ],
  },
  {
    id: 'gate 8.7',
    threat:
      'The report of a hash, or the last look before signing, meets a spent budget: the client pays twice or unseen.',
    stoppedBy:
      'Both are charged and let through; then nothing is simulated but what was committed, and no body above 128 KiB is read.',
    remains: 'The flood limit of an address, 2,000 a second, counts such reports by themselves.',
    tests: [
      {
        file: LIMITS,
        name: 'promise: the report of a fact, and the last look of a client that is about to sign, are not refused when nothing is left',
      },
      { file: LIMITS, name: 'promise: when nothing is left, no session id and no report has a long body read' },
      { file: LIMITS, name: 'ten published clients behind one address, with the default limits, are never refused' },
    ],
  },
]
