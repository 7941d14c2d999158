import type { Threat } from '../Threat.ts'

/** A value given twice means two things to two readers. */
export const threats: readonly Threat[] = [
  {
    id: 'gate 15.1',
    threat: 'A transaction has "value" twice: one reader checks the first, another signs the last.',
    stoppedBy:
      'A field that a JSON object has twice, at any depth and in any spelling, is refused once for all routes and at every option of the command line.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/saidTwice.test.ts',
        name: 'promise: a field given twice is refused by every route, at whatever depth it stands',
      },
      {
        file: 'packages/base/src/Json.test.ts',
        name: 'promise: a field that any object has twice is refused, at every depth',
      },
      { file: 'test/journeys/commands.test.ts', name: 'errors > promise: a field given twice is refused at --tx' },
    ],
  },
  {
    id: 'gate 15.2',
    threat: 'An option of the command line is given twice, and the last one wins silently.',
    stoppedBy: 'Options that do not collect their values are refused the second time.',
    remains: null,
    tests: [{ file: 'test/journeys/commands.test.ts', name: 'errors > promise: --from twice is refused' }],
  },
  {
    id: 'gate 15.4',
    threat: 'Two entries of the apps file have one name, and the weaker one wins.',
    stoppedBy: 'Equal names are an error at start that names both entries.',
    remains: null,
    tests: [
      {
        file: 'packages/server/src/apps/App.test.ts',
        name: 'promise: two apps of one name is refused at start, naming entry and word',
      },
    ],
  },
  {
    id: 'gate 15.5',
    threat: 'A document sent as an object loses its doubled fields before they can be refused.',
    stoppedBy: 'The body is looked at as text, before it is an object.',
    remains: 'The arguments that a model writes for a tool are read by the AI SDK, which keeps the last of two.',
    tests: [
      {
        file: 'test/journeys/saidTwice.test.ts',
        name: 'promise: a field given twice is refused by every route, at whatever depth it stands',
      },
    ],
  },
]
