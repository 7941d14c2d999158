import type { Threat } from '../Threat.ts'

const file = 'packages/simulator/catalogue/attribution.test.ts'

export const threats: Threat[] = [
  {
    id: 'simulator 2.1',
    threat:
      'A contract writes a right over the user where no known layout has it: hashed, packed, in a list, in a record.',
    stoppedBy:
      'Keys are opened through everything the run hashed, accounts are looked for at every byte, and what stays unexplained is told.',
    remains:
      'A key that is hashed from more than ten words is listed as not checked and does not warn. A right packed below a number that falls is not flagged. Records that are cleared are not listed.',
    tests: [
      { file, name: 'a right under a key of 192 hashed bytes' },
      { file, name: 'an heir inside a packed word' },
      { file, name: 'the holder of a record in a list, beside its amount' },
      { file, name: 'an element of the user’s own list of helpers' },
    ],
  },
  {
    id: 'simulator 2.2',
    threat: "The account's own code writes down something that lets others in and names nobody.",
    stoppedBy: 'What it writes and is neither a count nor the time is a change of control over the account.',
    remains: 'A write that looks like a count or a time.',
    tests: [{ file, name: 'a root in the account’s own storage that names nobody' }],
  },
  {
    id: 'simulator 2.3',
    threat: 'A token moves pieces, or cannot be sold again, and tells no event.',
    stoppedBy: 'Accounts and ids are read off the slots that were written, and their getters are asked.',
    remains: 'A token whose getters lie and whose keys are not hashed in the run.',
    tests: [
      { file, name: 'an id that no event names leaves' },
      { file, name: 'a honeypot that tells no transfer' },
    ],
  },
  {
    id: 'simulator 3.6',
    threat: 'Whoever rules a contract is made to give a stranger the same power there.',
    stoppedBy: 'An entry of somebody else that turns on behind the user’s own is reported as a grant.',
    remains: 'Powers that are no yes-or-no, such as a limit, where the user has another one.',
    tests: [
      { file, name: 'a role of a contract that the user rules' },
      { file, name: 'a ward beside the user’s own' },
    ],
  },
]
