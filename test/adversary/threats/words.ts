import type { Threat } from '../Threat.ts'

const MENTIONS = 'packages/simulator/catalogue/mentions.test.ts'
const PROVENANCE = 'packages/server/src/provenance/provenance.test.ts'
const JOURNEY = 'test/journeys/words.test.ts'
const law = (name: string) => ({
  file: MENTIONS,
  name: `promise: a mention lowers no verdict and no finding, and removes none > ${name}`,
})
const sentence = (says: string) => ({ file: PROVENANCE, name: `sentences > promise: is no request: ${says}` })
const asked = (name: string) => ({
  file: JOURNEY,
  name: `promise: what the agent chose is typed by the owner before a wallet may open > ${name}`,
})
const drainer = {
  file: JOURNEY,
  name: 'promise: a drainer that the user asks about is blocked as if it had not been mentioned',
}

/** A mention is taken for intent, and intent for trust; a stranger's text inside our text. */
export const threats: readonly Threat[] = [
  {
    id: 'gate 4.1',
    threat: 'A compromised model calls a drainer that the user has just asked about, so that its address is "typed".',
    stoppedBy: 'A mention vouches for nobody: everything that judges reads registry entries alone.',
    remains: null,
    tests: [drainer, law('C17: what an old allowance lets a contract take')],
  },
  {
    id: 'gate 4.1, own node',
    threat:
      'On a chain that only its own node can run, a payee who was merely mentioned is paid with a caution instead of a block.',
    stoppedBy:
      'No rule but the one that compares look-alikes reads what was mentioned; a test reads the sources of all.',
    remains: null,
    tests: [
      {
        file: 'packages/simulator/src/rules/rules.test.ts',
        name: 'a payment that was only mentioned blocks; one to whom the user named as its recipient warns',
      },
      {
        file: 'packages/simulator/src/rules/rules.test.ts',
        name: 'no rule reads what was mentioned, but the one that compares look-alikes',
      },
    ],
  },
  {
    id: 'gate 4.2',
    threat: 'The address stands in a URL of an older message, and is taken for one that the user knows.',
    stoppedBy: 'The same law; and what stands in a URL is not the user’s own words.',
    remains: null,
    tests: [
      drainer,
      { file: PROVENANCE, name: 'promise: what is only mentioned is never the user’s > an address in a URL' },
    ],
  },
  {
    id: 'gate 4.3',
    threat: 'A contract with a stored switch is typed by the user, so that its switch is not tried.',
    stoppedBy: 'Only contracts that the app vouches for keep a switch from being tried.',
    remains: null,
    tests: [law('B01: a deposit comes back as long as its owner leaves a flag set')],
  },
  {
    id: 'gate 4.4',
    threat: 'A pasted mail names another treasury, and the model pays it.',
    stoppedBy: 'Below a pasted block nothing is the user’s own; the address is asked for before a wallet may open.',
    remains: 'An owner who types the attacker’s address after reading that it was pasted.',
    tests: [
      asked('an address in a pasted mail'),
      {
        file: 'test/browser/journeys.test.ts',
        name: 'promise: what the owner did not name is typed before the wallet opens, and nothing is filled in',
      },
    ],
  },
  {
    id: 'gate 4.5',
    threat: 'The model pays an address that the user said never to pay.',
    stoppedBy: 'The proposal is refused, in that message and in later ones.',
    remains: 'A denial that the grammar does not read makes a step-up and no refusal.',
    tests: [{ file: JOURNEY, name: 'promise: what the user said never to deal with is refused' }],
  },
  {
    id: 'gate 4.6',
    threat: 'The user asks about an address in an explorer’s URL, and the model pays it.',
    stoppedBy: 'A URL is a mention: the recipient is asked for.',
    remains: null,
    tests: [asked('an address in a URL')],
  },
  {
    id: 'gate 4.7',
    threat: 'A number that was said of something else becomes the amount.',
    stoppedBy: 'A number is the user’s only in the role that the sentence gives it, beside the token it was said of.',
    remains: null,
    tests: [asked('a number of years')],
  },
  {
    id: 'gate 4.8',
    threat: 'A pasted document has a permit for a stranger, who then counts as named by the user.',
    stoppedBy: 'Documents are read without mentions; the spender is asked for.',
    remains: null,
    tests: [law('C10: a permit signed off the chain')],
  },
  {
    id: 'gate 4.9',
    threat: 'A contract that calls back into the user’s account is mentioned, so that the callback is not told.',
    stoppedBy: 'The same law.',
    remains: null,
    tests: [law('E13a: an ERC-777 hook in the user’s own code pays out')],
  },
  {
    id: 'gate 4.10',
    threat: 'The user mentions an address, and the model hands it control of an account.',
    stoppedBy: 'The level of every gained power stays; only a registry entry lowers it.',
    remains: null,
    tests: [
      law('C18a: a module on the user’s Safe'),
      law('C18d: the ownership of a contract is handed over'),
      law('D01: the account takes on code that lets anybody sweep it'),
    ],
  },
  {
    id: 'gate 4.11',
    threat: 'The recipient’s address stands in any sentence, so that no rule looks at it.',
    stoppedBy: 'Rules about recipients ask provenance by role, and answer only whether the agent chose it.',
    remains: null,
    tests: [
      law('recipient-unverified: somebody whom the agent chose'),
      sentence(
        'send 1 ETH to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8, not to 0xe71a5b3b54b1de6ba1ab3e9c0f5fb2c1d6e0a4d9',
      ),
    ],
  },
  {
    id: 'gate 4.12',
    threat: 'The model hides recipient and amount in raw or nested call data.',
    stoppedBy: 'Each address and amount in call data has a line; bytes that cannot be read are never ordinary.',
    remains: 'Packed data is not taken apart; it is always a step-up.',
    tests: [
      asked('a transfer in raw call data'),
      { file: PROVENANCE, name: 'call data > promise: every address and amount has a line, however deep it stands' },
      { file: PROVENANCE, name: 'call data > promise: what cannot be read is said, and is never ordinary' },
    ],
  },
  {
    id: 'gate 12.1',
    threat: 'A model writes the card’s heading with a function’s name.',
    stoppedBy: 'Headings and labels hold selectors, addresses, amounts and names of our own table.',
    remains: null,
    tests: [
      { file: JOURNEY, name: 'promise: nothing that a model writes stands in a heading, label or summary' },
      {
        file: JOURNEY,
        name: 'a stranger’s text > promise: stands outside of quotes in no answer and no event, whichever field it came by',
      },
    ],
  },
  {
    id: 'gate 12.4',
    threat: 'The maker of a token describes its own call at the top of the card, above what really leaves.',
    stoppedBy: 'The description comes below what decides, in a block that says who wrote it.',
    remains: null,
    tests: [
      {
        file: 'test/browser/journeys.test.ts',
        name: 'promise: the words of a call’s maker stand in a block of their own, below what decides',
      },
    ],
  },
  {
    id: 'gate 12.9',
    threat:
      'A server, a chain or a skill that the command line quotes moves the cursor, and writes “released” over “quarantined”.',
    stoppedBy:
      'One place writes to terminals: what is not seen, or moves or turns what is, is spelled out there, for all commands.',
    remains: 'A pipe gets the bytes as they are, because exports are hashed: what reads it next must not print it raw.',
    tests: [
      'the title of the window',
      'the cursor, and what stood there',
      'the same in one character',
      'the clipboard',
      'text that is not shown',
      'the direction of the line',
    ].map((what) => ({
      file: 'packages/cli/src/io.test.ts',
      name: `promise: no text of others moves what a terminal shows > ${what}`,
    })),
  },
]
