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
      {
        file: 'test/journeys/commands.test.ts',
        name: 'errors > promise: any field, at any depth, doubled in the JSON of any option, is refused',
      },
      {
        file: 'packages/server/src/agent/strictArguments.test.ts',
        name: 'promise: a call whose arguments hold a field twice, at whatever depth, runs nothing, and the model is told',
      },
      {
        file: 'test/house.test.ts',
        name: 'promise: JSON from outside is read by `Json.parse`, which refuses a field given twice',
      },
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
    stoppedBy:
      'Bodies, the arguments that a model writes for a tool, and documents pasted into a chat are looked at as text, before they are objects.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/saidTwice.test.ts',
        name: 'promise: a field given twice is refused by every route, at whatever depth it stands',
      },
    ],
  },
  ...['gate 2.3', 'gate 15.3'].map((id) => ({
    id,
    threat:
      id === 'gate 2.3'
        ? 'A transaction names one sender, the command line another, and the first is ignored: the verdict is about the wrong account.'
        : 'The sender is given in --tx and in --from, and one of them wins silently.',
    stoppedBy: 'A sender in --tx that is not the one of --from is refused.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/cli.test.ts',
        name: 'promise: a sender in --tx that is not the one of --from is refused',
      },
    ],
  })),
]
