import type { Threat } from '../Threat.ts'

const SECRETS = 'test/journeys/appSecrets.test.ts'
const MASKED = 'packages/server/src/tools/http/Masked.test.ts'

/** Apps: their secrets, their tools, what they read, and what a model that an attacker controls makes of them. */
export const threats: readonly Threat[] = [
  {
    id: 'apps 1.1',
    threat:
      'A secret of an app leaks through a file, a backup of the database, a log, an event, an answer or the record.',
    stoppedBy:
      'Values are encrypted under secrets.key, put in where a tool is called, and masked in every answer, encoded ones included.',
    remains:
      'A tool that hides its own credential on purpose is not caught. secrets.key and the database together open them.',
    tests: [
      {
        file: SECRETS,
        name: 'promise: no secret stands in a file, a log, a stream, a proposal, an answer or the audit record',
      },
      {
        file: MASKED,
        name: 'promise: a secret that comes back in base64, one byte in is masked, as a text and as a key',
      },
      { file: MASKED, name: 'promise: a secret that comes back URL-encoded twice is masked, as a text and as a key' },
    ],
  },
  {
    id: 'apps 1.2',
    threat: 'A key, an app or a user reaches the secret of another one, or names another’s client_id.',
    stoppedBy: 'A value is bound to app, owner and name; a user’s is used in sessions of its owner alone.',
    remains: 'An admin key of an app that was pushed can push a tool that sends the app’s secrets elsewhere.',
    tests: [
      { file: SECRETS, name: 'promise: no key without the scope, and no app, reaches the secrets of another' },
      { file: SECRETS, name: 'promise: a user’s secret is used for its owner alone, and a client id opens nothing' },
    ],
  },
]
