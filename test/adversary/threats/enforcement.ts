import type { Threat } from '../Threat.ts'

const CATALOGUE = 'packages/simulator/catalogue/enforcement.test.ts'
const CONTRACT = 'packages/simulator/src/enforcement/guard.test.ts'

/** What changes between the preview and the block, for wallets that batch. */
export const threats: readonly Threat[] = [
  {
    id: 'enforcement 1',
    threat: 'A contract does what was previewed until the batch is signed, and something else in the block.',
    stoppedBy: 'A guarded batch reverts when a bound that the preview gave does not hold at its end.',
    remains: 'Wallets that send one transaction at a time, signatures, and rights without a standard getter.',
    tests: [
      { file: CATALOGUE, name: 'promise: B01: when the switch is turned before inclusion, nothing happens' },
      { file: CATALOGUE, name: 'promise: B04: when somebody trades first, nothing happens' },
      { file: CATALOGUE, name: 'promise: A08: a batch that is included an hour late does nothing' },
    ],
  },
  {
    id: 'enforcement 2',
    threat: 'A report claims enforcement that the wallet does not give: a plain account, try mode, a missing guard.',
    stoppedBy:
      'The account’s mode and the guard’s code are asked of the chain; anything else is shown as not enforced.',
    remains: null,
    tests: [
      {
        file: CATALOGUE,
        name: 'promise: what cannot be enforced is said: plain account, try mode, missing guard, other code',
      },
    ],
  },
  {
    id: 'enforcement 3',
    threat:
      'A hostile contract calls the guard during the batch to overwrite what was noted, or malformed bounds pass.',
    stoppedBy: 'Notes are keyed by the caller and the bounds, and the parser refuses every byte that is no bound.',
    remains: null,
    tests: [
      { file: CONTRACT, name: 'promise: random bytes never close, unless they are bounds that hold' },
      { file: CONTRACT, name: 'promise: the contract ends every batch as the model does, whatever the bytes' },
    ],
  },
  {
    id: 'enforcement 4',
    threat: 'Guard calls or batching change what the calls do, and the user signs something that was never simulated.',
    stoppedBy: 'The guarded bytes are simulated again whole, and any difference blocks.',
    remains: null,
    tests: [
      {
        file: CATALOGUE,
        name: 'promise: a batch that does something else than its calls one by one is blocked, not left unguarded',
      },
    ],
  },
]
