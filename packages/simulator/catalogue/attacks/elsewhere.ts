import type { Elsewhere, Open } from '../Catalogue.ts'

const CATALOGUE = 'packages/simulator/catalogue/catalogue.test.ts'
const RECEIPTS = 'packages/simulator/src/receipts/receipts.test.ts'
const GATE = 'test/journeys/gate.test.ts'

/** Attacks on what happens between a simulation and a signature, and on the input: met there, tested there. */
export const ELSEWHERE: readonly Elsewhere[] = [
  {
    id: 'B01b',
    title: 'the owner flips a flag after the preview',
    covered: [
      { file: RECEIPTS, test: 'promise: the owner flips a flag after the preview' },
      { file: GATE, test: 'promise: when the chain moved against the owner, nothing is signed before they look again' },
    ],
  },
  {
    id: 'B02',
    title: 'the implementation behind a proxy is swapped after the preview',
    covered: [
      {
        file: RECEIPTS,
        test: 'promise: the implementation behind a proxy is swapped, even for one that does the same',
      },
    ],
  },
  {
    id: 'B04b',
    title: 'the price moves between the preview and the signature',
    covered: [{ file: RECEIPTS, test: 'a pool that moved: worse is drift, better is not' }],
  },
  {
    id: 'E15b',
    title: 'odd hexadecimal digits, a missing 0x, amounts in other spellings',
    covered: [
      { file: CATALOGUE, test: 'E15: bytes that two readers could read differently are refused before anything runs' },
    ],
  },
  {
    id: 'E16',
    title: 'typed data with a padded chain id or an address that is a number',
    covered: [{ file: CATALOGUE, test: 'E16: typed data that two readers could read differently is refused' }],
  },
  {
    id: 'F10',
    title: 'the provider lies',
    covered: [
      { file: CATALOGUE, test: 'F10: a provider that lies about a balance is caught by its own proofs' },
      {
        file: 'packages/simulator/src/chain/state/state.test.ts',
        test: 'promise: with a quorum of two, one liar blocks, whatever it lies about',
      },
    ],
  },
  {
    id: 'F11',
    title: 'a receipt is used for other bytes, gas, nonce, chain, or after its time',
    covered: [
      { file: RECEIPTS, test: 'promise: any single change of any field is refused' },
      { file: RECEIPTS, test: 'promise: a receipt is good for one nonce' },
      {
        file: GATE,
        test: 'promise: commit refuses another chain, sender, digest or order, and a receipt is used once',
      },
    ],
  },
  {
    id: 'F12',
    title: 'the card is drawn from one proposal, the bytes are another’s',
    covered: [
      {
        file: CATALOGUE,
        test: 'F12: a receipt binds the card that was drawn; another card or other bytes are refused',
      },
    ],
  },
]

/** What is not claimed. */
export const OPEN: readonly Open[] = [
  {
    id: 'F07',
    title: 'many transfers under the limit: budgets reserved before signing',
    why: 'budgets belong to the gate, and to a later issue; one simulation sees one proposal',
  },
]
