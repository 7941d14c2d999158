import type { Threat } from '../Threat.ts'

/** What held already when the review was made, and has to stay so. */
export const threats: readonly Threat[] = [
  {
    id: 'standing 1',
    threat: "A caller tries another key's session, an unknown one and an ended one, to learn which exist.",
    stoppedBy: 'All of them get the same answer, byte for byte.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/isolation.test.ts',
        name: 'promise: 1000 random tuples of app, key, session and call: nobody else’s session is told from one that never was',
      },
    ],
  },
]
