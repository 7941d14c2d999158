import type { Threat } from '../Threat.ts'

const BYTES = 'packages/web/src/card/Bytes.test.ts'

/** The card shows one thing, and the wallet is handed another. */
export const threats: readonly Threat[] = [
  {
    id: 'card 1',
    threat: 'The card shows something else than the bytes that the wallet is handed.',
    stoppedBy:
      'The page recomputes the digest, decodes the bytes, and compares account, chain, title and each simulated call with them.',
    remains:
      'A server that also invents a simulation of the very bytes is believed; what the wallet shows is the second look.',
    tests: [
      ...[
        'another digest',
        'another account',
        'another chain',
        'more steps than were simulated',
        'a title that names somebody else',
        'a simulation that pays somebody else',
        'a simulation of another contract',
        'a simulation of another amount of coin',
        'a simulation of another function',
        'a simulation of another argument',
      ].map((what) => ({ file: BYTES, name: `promise: a card that is about other bytes blocks > reports ${what}` })),
    ],
  },
  {
    id: 'card 3',
    threat: 'Bytes are built so that a lenient decoder reads another call than the chain does.',
    stoppedBy: 'Only the one canonical encoding of a known call is named; every other one is shown as bytes.',
    remains: 'Calls whose shape the page does not know are compared by target, coin and function only.',
    tests: [
      'bytes after the arguments',
      'a word after the arguments',
      'an argument that is cut',
      'an address with dirty upper bytes',
      'an unknown function',
    ].map((what) => ({ file: BYTES, name: `decode > promise: names nothing for ${what}` })),
  },
  {
    id: 'card 4',
    threat: 'A name is registered that reads like a friend’s, or an address calls itself by a name that is another’s.',
    stoppedBy:
      'A name is shown with its address before a message is sent, and on the card only where both ways agree. Nothing of the gate reads one.',
    remains:
      'A name that is somebody else’s and looks like nothing known, when its owner does not compare the address.',
    tests: [
      {
        file: 'test/browser/names.test.ts',
        name: 'promise: a name is shown with its address before anything is sent, and lowers nothing on the card',
      },
      ...[
        'the name is of another account',
        'nobody has the name',
        'the name is not written as it is registered',
        'the name mixes scripts',
      ].map((what) => ({
        file: 'packages/web/src/names/names.test.ts',
        name: `promise: an address is shown by a name only where that name leads back to it > ${what}`,
      })),
    ],
  },
  {
    id: 'card 5',
    threat:
      'A name in a message has a letter that the page does not take for one, so that the end of it is looked up: a shorter name, of somebody else.',
    stoppedBy:
      'Only whole words are names. What else stands in a word goes to ENSIP-15 with it, which refuses it or knows that name.',
    remains: 'Languages without spaces: a name is found there only between spaces or punctuation.',
    tests: [
      ...[
        'a letter that is not seen inside',
        'a space without width',
        'a hair of space',
        'an apostrophe, which names may have',
        'a symbol that is no emoji by itself',
        'a family of emoji',
      ].map((what) => ({
        file: 'packages/web/src/names/names.test.ts',
        name: `names in a sentence > promise: a name is a whole word, never the end of one > ${what}`,
      })),
    ],
  },
  {
    id: 'card 6',
    threat:
      'A page of others shows the card in a frame to have it pressed, dresses it so that a warning vanishes, or lends it its wallet.',
    stoppedBy:
      'Frames are for the pages that the app names, no other page of ours is framed, text and warnings keep their colours and contrast, and the frame is handed no wallet.',
    remains: 'A page that the operator names is trusted with where the frame stands.',
    tests: [
      'promise: one tag shows chat and card in a frame that is handed no wallet of the page around it',
      'promise: only the frame of an app may be framed, and by its own pages alone',
    ]
      .map((name) => ({ file: 'test/browser/embed.test.ts', name }))
      .concat(
        ['an accent that the sheet swallows', 'another colour for what is bad'].map((what) => ({
          file: 'packages/web/src/embed.test.ts',
          name: `promise: a host page takes no text out of sight > ${what}`,
        })),
      ),
  },
]
