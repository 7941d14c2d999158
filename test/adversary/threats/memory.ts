import type { Threat } from '../Threat.ts'

const HISTORY = 'packages/simulator/catalogue/history.test.ts'
const KEYS = 'packages/simulator/src/memory/memory.test.ts'

/** What was simulated, said or read before, by anybody, may change no report. */
export const threats: readonly Threat[] = [
  {
    id: 'gate 5.1',
    threat:
      'Another account simulates a harmless small payment first, so that a switch which costs large sums is no longer tried.',
    stoppedBy:
      'No judgement is remembered: switches are tried in every simulation, and facts are keyed by the whole request.',
    remains: null,
    tests: [
      { file: HISTORY, name: 'a switch that costs large sums only' },
      { file: HISTORY, name: 'random requests of the catalogue' },
    ],
  },
  {
    id: 'gate 5.2',
    threat: 'Two runs of one shape read other opcodes, and the second is told what the first one read.',
    stoppedBy:
      'What a run was seen to read is kept under its state, environment, request and gas limits; another run is watched again.',
    remains: null,
    tests: [
      { file: HISTORY, name: 'a call that reads other opcodes for small sums' },
      { file: KEYS, name: 'the order in which block hashes were asked for is no other environment' },
    ],
  },
  {
    id: 'gate 5.3',
    threat: 'A provider lies about a slot once, and later simulations of the block use the lie from the cache.',
    stoppedBy:
      'A state that a proof disowns is dropped with every fact that rests on it, and of an answer that cannot be read nothing is kept.',
    remains: 'Without proofs and with one provider a lie that nothing contradicts is believed; the report says so.',
    tests: [
      { file: HISTORY, name: 'a lie that a proof uncovers changes no later report of the same block' },
      {
        file: 'packages/simulator/src/chain/state/StateCache.test.ts',
        name: 'promise: of a trace in which one value cannot be read, nothing stays',
      },
    ],
  },
  {
    id: 'gate 5.4',
    threat: 'An app claims the account of another app’s user and learns from a look-alike finding whom that user paid.',
    stoppedBy: 'Look-alike addresses are compared with payments made through the same app only.',
    remains: 'A session of the same app that claims the account learns whom it paid through that app.',
    tests: [
      {
        file: 'packages/server/src/proposals/simulateBatch.test.ts',
        name: 'promise: an app that claims the same account learns nothing of whom it paid through another',
      },
    ],
  },
  {
    id: 'memory 1',
    threat:
      'An approval that was simulated without look-ahead hides what its spender could take when it is simulated again.',
    stoppedBy:
      'The request digest under which a run is known to be whole covers look-ahead, intent, document and holders.',
    remains: null,
    tests: [{ file: HISTORY, name: 'an approval whose look-ahead reads more than it does' }],
  },
  {
    id: 'memory 2',
    threat:
      'A contract looks at its gas, so that the limit of an earlier call of the same kind becomes the limit that is signed.',
    stoppedBy: 'A remembered limit is run beside the estimate and counts only when it is the estimate.',
    remains: null,
    tests: [{ file: HISTORY, name: 'a call that does more or less by its gas' }],
  },
  {
    id: 'memory 3',
    threat:
      'A token renames itself in a transaction that is only simulated, and the name stands in other people’s reports.',
    stoppedBy: 'What a token says of itself is read in each simulation and kept for none.',
    remains: null,
    tests: [{ file: HISTORY, name: 'a token that renames itself' }],
  },
]
