import type { Threat } from '../Threat.ts'

const LISTENERS = 'test/journeys/listeners.test.ts'

export const threats: Threat[] = [
  {
    id: 'gate 10.1',
    threat:
      'A client resets its stream while the server waits for something, and a follower and a timer stay for ever.',
    stoppedBy:
      'A stream listens for its end before it waits; what is added later to one that has gone is released immediately.',
    remains: null,
    tests: [
      { file: LISTENERS, name: 'promise: at the point "found", with a session, leaves nothing behind' },
      { file: LISTENERS, name: 'promise: at the point "newest", with a session, leaves nothing behind' },
      { file: LISTENERS, name: 'promise: at the point "appeared", with no session yet, leaves nothing behind' },
      {
        file: LISTENERS,
        name: 'promise: while a proof is written down, leaves nothing behind, and the session may be deleted',
      },
    ],
  },
  {
    id: 'gate 10.2',
    threat:
      'Streams that were reset count as open for ever, or one server undoes what another set for the whole process.',
    stoppedBy: 'A stream is counted out where all else is released; servers in one process count together.',
    remains: null,
    tests: [
      {
        file: 'packages/server/src/http/crowd.test.ts',
        name: 'promise: two servers in one process count together, and neither undoes what the other needs',
      },
      {
        file: 'packages/server/src/http/crowd.test.ts',
        name: 'an operator’s own flag is left alone, however it is spelt',
      },
    ],
  },
]
