import type { Threat } from '../Threat.ts'

/** What lies in the store, the log and a backup. */
export const threats: readonly Threat[] = [
  {
    id: 'gate 16.1',
    threat: 'Someone takes a copy of the database and opens sessions of apps that need nothing but the id.',
    stoppedBy:
      'The database holds a keyed digest and the encrypted id; the secret is session.key or COUNTERSIGN_SESSION_SECRET.',
    remains: 'A copy of the whole data directory includes session.key, unless the secret comes from the environment.',
    tests: [
      {
        file: 'test/journeys/sessionIds.test.ts',
        name: 'promise: neither the store nor a backup holds the id of a session in clear',
      },
      {
        file: 'test/journeys/sessionIds.test.ts',
        name: 'promise: a backup opens no session without the secret that lies outside of the database',
      },
      {
        file: 'test/journeys/sessionIds.test.ts',
        name: 'promise: ids that an older version left in clear are sealed at the start, and wiped from the file',
      },
    ],
  },
  {
    id: 'gate 16.2',
    threat: 'A backup holds the signature of a document, which is a power.',
    stoppedBy: 'The server keeps its SHA-256 and not the signature; older rows lose it at the upgrade.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/signatures.test.ts',
        name: 'a permit is read, simulated as its holder could use it, signed by its owner, and verified',
      },
    ],
  },
  {
    id: 'gate 16.3',
    threat: 'Session ids stand in the paths of the log, and open sessions of apps that take the id alone.',
    stoppedBy: 'The log has the pattern of a path, at every level.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/outcome.test.ts',
        name: 'the access log > promise: no session id and no key stands in any line, at any level, from any route',
      },
    ],
  },
  {
    id: 'gate 16.4',
    threat: 'Another user of the machine reads the database or the keys.',
    stoppedBy: 'Files are 0600 and directories 0700, in backups as well.',
    remains: 'The data directory itself keeps the mode that its owner gave it; the checklist reports a loose one.',
    tests: [
      {
        file: 'test/journeys/atRest.test.ts',
        name: 'promise: every file is 0600 and every directory 0700 while it runs, whatever the umask',
      },
      { file: 'test/journeys/atRest.test.ts', name: 'promise: a backup is for its owner alone as well' },
    ],
  },
  {
    id: 'gate 16.5',
    threat: 'An error of a provider or a library repeats a key, a token or a URL, and it is logged.',
    stoppedBy:
      'Errors are logged as kind, code, status, host and a sentence from which whatever opens something is taken out.',
    remains: 'A secret that looks like ordinary words is not recognised.',
    tests: [
      {
        file: 'packages/base/src/LogText.test.ts',
        name: 'promise: of an error only kinds, codes, statuses and clean sentences are logged',
      },
    ],
  },
  {
    id: 'gate 16, all secrets',
    threat: 'A secret of any kind stands in a log, a file, a backup, an event, the record, an answer or an error.',
    stoppedBy:
      'Secrets are redacted where they are parsed, kept as digests or encrypted, and no answer repeats what it was sent.',
    remains: 'What a person types into a conversation is kept as they typed it, a private key included.',
    tests: [
      {
        file: 'test/journeys/secrets.test.ts',
        name: 'promise: no secret of any kind stands in a log, a file, an event, the record, an answer or an error',
      },
    ],
  },
]
