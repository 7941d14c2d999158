import type { Threat } from '../Threat.ts'

const LOOK = 'test/journeys/oneLook.test.ts'
const RECEIPTS = 'packages/simulator/src/receipts/receipts.test.ts'
const KINDS = { file: RECEIPTS, name: 'promise: every kind of reason is drift, and named by its kind' }

/** One function decides whether a wallet may open, and only for what its owner was shown. */
export const threats: readonly Threat[] = [
  {
    id: 'gate 3.1',
    threat: 'The base fee rises after the card was read, and the wallet asks for many times what was shown.',
    stoppedBy: 'A fee above what was shown, or above the cap, is drift at the server as in the library.',
    remains: null,
    tests: [{ file: LOOK, name: 'promise: the server does not open the wallet: 6: fee' }, KINDS],
  },
  {
    id: 'gate 3.2',
    threat: 'A contract is switched so that a warning or a dependence on the block is new at the moment of signing.',
    stoppedBy: 'The server asks the library’s judge, which compares warnings, environments, code and authority.',
    remains: 'Where what the user pays arrives is compared by effects digest only, and named as a note.',
    tests: [KINDS],
  },
  {
    id: 'gate 3.3',
    threat: 'The account has sent something else since the card was shown.',
    stoppedBy: 'A moved nonce is drift: the card comes back with its own receipt, to be read again.',
    remains: null,
    tests: [{ file: LOOK, name: 'promise: the server does not open the wallet: 1: nonce' }],
  },
  {
    id: 'gate 3.4',
    threat: 'A slow look of one window ends after another window was shown a new card, and opens the wallet for it.',
    stoppedBy: 'The lease is taken by compare-and-set on receipt, report and steps that were judged.',
    remains: 'A client of ours that does not name the receipt it shows is answered for the newest card.',
    tests: [
      { file: LOOK, name: 'promise: a window is told fresh only for the report that its owner was shown' },
      { file: LOOK, name: 'promise: a card does not move under the window that has its wallet open' },
      { file: LOOK, name: 'promise: nothing is opened when it becomes another card' },
      { file: LOOK, name: 'promise: nothing is opened when another report is shown' },
    ],
  },
  {
    id: 'gate 3.7',
    threat: 'The card shows a fee cap that the wallet is never handed.',
    stoppedBy: 'The cap is written into the calls, bound by the receipt and handed to the wallet by the page.',
    remains: 'Published command lines ignore it; they ask their own provider for a price.',
    tests: [{ file: LOOK, name: 'promise: what the card shows as at most is what the wallet is handed' }],
  },
  {
    id: 'gate 3.8',
    threat: 'A decision reads its own sentence, and a rewording changes it.',
    stoppedBy: 'Every reason has a kind.',
    remains: null,
    tests: [KINDS],
  },
  {
    id: 'gate 3.9',
    threat: 'The answer that a client shows and the look that decides are two simulations, on two blocks.',
    stoppedBy: 'The simulation that is shown is handed to the one judge.',
    remains: null,
    tests: [{ file: LOOK, name: 'promise: one simulation is its answer and decides, fresh or drifted' }],
  },
  {
    id: 'gate 3.6',
    threat:
      'Sign-in and the signature of a document are verified by two functions, and one of them lets the chain speak for any account.',
    stoppedBy: 'One function verifies both: a plain account by recovery alone, a contract wallet through the quorum.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/providers.test.ts',
        name: 'promise: a plain account is not vouched for by a call, whatever its provider says',
      },
    ],
  },
  {
    id: 'gate 3.5',
    threat: 'A duplicated tab copies the name of its window, and two wallets open for one card.',
    stoppedBy: 'A name belongs to the document that holds its lock; a duplicate gets another one.',
    remains: 'In a browser without locks a reload gets a new name as well, and waits for the old one’s time.',
    tests: [
      {
        file: 'test/browser/journeys.test.ts',
        name: 'promise: a duplicated tab has a name of its own, and a reload keeps the old one',
      },
    ],
  },
]
