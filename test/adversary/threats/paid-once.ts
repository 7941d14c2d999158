import type { Threat } from '../Threat.ts'

const PAID = 'test/journeys/paidOnce.test.ts'
const PROTOCOL = 'packages/server/src/proposals/protocol.test.ts'
const GATE = 'test/journeys/gate.test.ts'
const BUNDLER =
  'A batch that a bundler sends for a smart account has no nonce of the account: it is found only when it is reported.'

/** What was signed once is never asked for again, and the record names every transaction that exists. */
export const threats: readonly Threat[] = [
  {
    id: 'gate 1.1',
    threat: 'The page closes between the wallet’s answer and the report, and the card is signed a second time.',
    stoppedBy: 'The server looks for what the account has sent by its nonces, and adopts it before a wallet is asked.',
    remains: BUNDLER,
    tests: [
      { file: PAID, name: 'promise: it is found, settles its card, and is never asked for again' },
      { file: PAID, name: 'promise: it is not asked for while it waits to be mined' },
      { file: PAID, name: 'promise: a restart forgets nothing' },
      { file: PAID, name: 'promise: another process on the store does not ask for it either' },
    ],
  },
  {
    id: 'gate 1.2',
    threat: 'A command line meets a 503 when it reports, prints that signing failed, and lists the transaction again.',
    stoppedBy:
      'The watcher settles the card by itself, so that it leaves the lists, and the simulation answers fee -1.',
    remains: null,
    tests: [{ file: PAID, name: 'promise: lists of published clients correct themselves' }],
  },
  {
    id: 'gate 1.3',
    threat: 'The model commits the same bytes again while the wallet is open for the first card.',
    stoppedBy: 'A card whose wallet is open is not replaced, and its twin is not signable until the first is settled.',
    remains: null,
    tests: [
      { file: PAID, name: 'promise: no card is replaced while its wallet is open, and its twin is not signable' },
      { file: PAID, name: 'a second payment of the same bytes is a card of its own once the first is settled' },
    ],
  },
  {
    id: 'gate 1.4',
    threat: 'A card is rejected in the page, and signed in the wallet that is still open.',
    stoppedBy:
      'A card that is over is watched for a day; what is found settles it, and the same bytes wait for the wallet.',
    remains: null,
    tests: [{ file: PAID, name: 'promise: rejected here and signed there: kept, looked up and shown' }],
  },
  {
    id: 'gate 1.5',
    threat: 'A wallet speeds a transaction up, and the card says that the network does not know the first hash.',
    stoppedBy: 'The same sender, nonce and bytes settle the card under any hash, also after it was called mismatched.',
    remains: null,
    tests: [
      { file: PAID, name: 'promise: a transaction that the wallet sped up settles under its other hash' },
      { file: PAID, name: 'promise: a wrong hash is no end: the true transaction settles the card afterwards' },
    ],
  },
  {
    id: 'gate 1.6',
    threat: 'A client reports "failed" after the transaction was broadcast.',
    stoppedBy: 'The chain is looked at before it is believed, and a true hash afterwards is taken down.',
    remains: null,
    tests: [
      {
        file: PAID,
        name: 'promise: "failed" is a claim: what was sent all the same counts, and so does the true hash',
      },
    ],
  },
  {
    id: 'gate 1.7',
    threat: 'An outsider reports the victim’s public hash first, so that the victim’s report is refused for good.',
    stoppedBy:
      'A report claims nothing; a transaction is of the card that asked a wallet for it, and of one card only.',
    remains:
      'Where neither side signed in nor has a key, a stranger who asked for the very same bytes of the same account first could have the transaction on their card; the owner’s card then asks to be read again.',
    tests: [
      { file: PAID, name: 'promise: an outsider who reports the hash first takes nothing' },
      { file: GATE, name: 'promise: one transaction settles one proposal' },
    ],
  },
  {
    id: 'gate 1.8',
    threat: 'A document is signed while its card is replaced, and the record does not know of the power.',
    stoppedBy:
      'A card whose wallet is open is not replaced; a good signature of a card that is over is kept as a fact.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/signatures.test.ts',
        name: 'promise: a signature of a card that is over is verified and kept as a fact, and its bytes are not',
      },
    ],
  },
  {
    id: 'gate 1.9',
    threat: 'A hardware wallet answers after the card’s time is over.',
    stoppedBy: 'Expiry waits for an open wallet, and a card that expired is watched on.',
    remains: null,
    tests: [{ file: PAID, name: 'promise: expiry waits for an open wallet, and what is signed later is kept' }],
  },
  {
    id: 'gate 1.10',
    threat: 'Between signing and report the session is deleted, the key revoked or the budget spent.',
    stoppedBy: 'No report is needed: the cards of a session that is gone are watched until they are accounted for.',
    remains: null,
    tests: [{ file: PAID, name: 'promise: a session that is gone loses no transaction' }],
  },
  {
    id: 'gate 1.11',
    threat: 'Two terminals sign one proposal within a second.',
    stoppedBy: 'A client without a name has a lease of its own for seconds, and afterwards the chain is looked at.',
    remains: 'A terminal that signs and does not send within 5 s can be followed by a second one.',
    tests: [{ file: PAID, name: 'promise: two clients without a name are asked one after the other, seconds apart' }],
  },
  {
    id: 'gate 1.12',
    threat: 'A report names a transaction that is not among the session’s newest fifty proposals.',
    stoppedBy: 'A proposal is found by the id of its transaction.',
    remains: null,
    tests: [
      {
        file: PAID,
        name: 'promise: every transaction that one message names is noted by itself, however old its card',
      },
    ],
  },
  {
    id: 'gate 1.13',
    threat: 'One message names transactions of two proposals, and the first one throws.',
    stoppedBy: 'Each is noted by itself.',
    remains: null,
    tests: [
      {
        file: PAID,
        name: 'promise: every transaction that one message names is noted by itself, however old its card',
      },
    ],
  },
  {
    id: 'gate 1 orders',
    threat:
      'Any order of looks, signatures, broadcasts, reports, claims, commits, rejections, expiry, ends and restarts.',
    stoppedBy:
      'One payment is asked for once, and each transaction that exists has exactly one card, whatever the order.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/paidOnceModel.test.ts',
        name: 'promise: whatever the order, one payment is asked for once, and each that exists has its card',
      },
    ],
  },
  {
    id: 'gate 1 protocol',
    threat:
      'A window whose process stands still for longer than another one’s lease, or whose session ends while it looks, opens the wallet on what it saw before.',
    stoppedBy:
      'The wallet is opened only while the session lives, and only if none was opened for the same bytes since the look began; every order of two windows, a wallet, the chain, time, an operator and a crash is explored.',
    remains: 'A wallet that signs after its lease in the moment between another window’s last look and its lease.',
    tests: [
      { file: PROTOCOL, name: 'two windows and two cards with the same bytes' },
      { file: PROTOCOL, name: 'what clients report and what the chain does' },
      { file: PROTOCOL, name: 'two windows, a rejection, a revocation and the end of its time' },
      { file: PROTOCOL, name: 'a crash before any write, and before any answer' },
    ],
  },
  {
    id: 'gate 1 reorganisation',
    threat: 'A reorganisation takes a settled transaction back.',
    stoppedBy: 'Settled transactions are looked at again for 64 blocks; the card is submitted again and watched.',
    remains: 'A reorganisation of more than 64 blocks is not seen.',
    tests: [{ file: PAID, name: 'promise: a reorganisation is seen, and the transaction looked for again' }],
  },
  {
    id: 'gate 1.14',
    threat: 'The wallet sends, the report fails, and the page forgets the hash and offers the wallet again.',
    stoppedBy: 'The page keeps a hash before it reports it, across reloads, until the server has it.',
    remains: 'A browser whose storage is cleared at that moment; the server looks for the transaction by itself.',
    tests: [
      {
        file: 'test/browser/journeys.test.ts',
        name: 'promise: a hash that could not be reported is kept across a reload, and the wallet is not opened again',
      },
    ],
  },
]
