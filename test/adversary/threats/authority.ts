import type { Threat } from '../Threat.ts'

const BOUNDS = 'test/journeys/bounds.test.ts'
const LOST = 'packages/server/src/turns/lostAuthority.test.ts'
const LISTENERS = 'test/journeys/listeners.test.ts'

export const threats: Threat[] = [
  {
    id: 'gate 9.1',
    threat: 'A key is revoked as exposed, and its turn goes on to stage and commit.',
    stoppedBy:
      'Every write of a turn asks in its own transaction whether its key still holds; a commit that takes it cuts the turn.',
    remains: null,
    tests: ['revoked', 'frozen', 'without the scope', 'off the network'].map((how) => ({
      file: BOUNDS,
      name: `promise: a turn whose key is ${how} ends, says so, and writes nothing more`,
    })),
  },
  {
    id: 'gate 9, table',
    threat: 'A turn runs on after its token, browser, owner, wallet, key, scope, network or session was lost.',
    stoppedBy: 'Each write asks in its own transaction for all of them; the compiler wants a row of each reason.',
    remains: 'What was on its way to the model’s provider when it was lost is still answered, and thrown away.',
    tests: [
      {
        file: LOST,
        name: 'promise: browser is forgotten (turn begun with browser): nothing more is staged or committed',
      },
      {
        file: LOST,
        name: 'promise: session is ended by its owner (turn begun with id): nothing more is staged or committed',
      },
      {
        file: LOST,
        name: 'promise: a turn that named no key is held to the keys of the family that owns its session',
      },
      ...[
        'whose token was replaced',
        'whose browser was forgotten',
        'whose session changed hands',
        'whose wallet is another one',
      ].map((how) => ({ file: BOUNDS, name: `promise: a turn ${how} ends, says so, and writes nothing more` })),
    ],
  },
  {
    id: 'gate 9.2',
    threat: 'A session that has expired is written to for as long as a silent model keeps its turn open.',
    stoppedBy: 'After the end only reading goes on, to the end of the turn.',
    remains: 'The idle time counts from the end of the turn, as from any use.',
    tests: [
      {
        file: BOUNDS,
        name: 'promise: after its end a session is read to the end of its turn, and nothing new begins in it',
      },
    ],
  },
  {
    id: 'gate 9.3',
    threat: 'A page whose token was replaced goes on listening.',
    stoppedBy: 'A stream asks for the row of its token, and within 50 ms of any change of a credential.',
    remains: null,
    tests: [
      { file: LISTENERS, name: 'promise: a stream with a token ends as soon as another page has the session' },
      { file: LISTENERS, name: 'promise: a stream of our own page ends as soon as its browser is forgotten' },
    ],
  },
  {
    id: 'gate 9.4',
    threat: 'A key loses the scope read or its network, and its streams go on.',
    stoppedBy: 'A stream asks for scope and network of its key as at the door.',
    remains: null,
    tests: [
      'its key is revoked',
      'its key loses the scope read',
      'its key loses the network',
      'its key is frozen',
    ].flatMap((how) => [
      { file: LISTENERS, name: `promise: a stream ends as soon as ${how}, without an event to wake it` },
      { file: LISTENERS, name: `promise: a stream that waits for its session ends as soon as ${how}` },
    ]),
  },
  {
    id: 'gate 9.5',
    threat: 'An owner or operator ends a session, and its turn goes on writing, staging and committing.',
    stoppedBy: 'The commit that ends the session closes its turn.',
    remains: null,
    tests: [{ file: BOUNDS, name: 'promise: a session that is ended ends its turn in the same commit' }],
  },
]
