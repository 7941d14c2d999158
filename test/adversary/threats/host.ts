import type { Threat } from '../Threat.ts'

/** Who the server is, whatever a request says. */
export const threats: readonly Threat[] = [
  {
    id: 'gate 11.1',
    threat:
      'A page has its own name lead to this machine (DNS rebinding), sends that name as Host and Origin, and acts as our own page.',
    stoppedBy:
      'On loopback another Host is 421 on every route, and an Origin is held against what the server knows of itself, never against the Host.',
    remains: 'A server on other addresses serves programs, but not browsers, that use a name it does not know.',
    tests: [
      {
        file: 'test/journeys/host.test.ts',
        name: 'promise: a page that has its name lead here gets nothing but 421, from every route and whatever its Origin',
      },
      { file: 'test/journeys/host.test.ts', name: 'promise: no Origin becomes ours because the Host says the same' },
    ],
  },
]
