import type { Threat } from '../Threat.ts'

/** Settings that take protection away, and commands in the wrong place. */
export const threats: readonly Threat[] = [
  {
    id: 'gate 2.2',
    threat: 'A misspelt tool, an unknown model or an empty list of tools in the apps file is left out silently.',
    stoppedBy: 'Each is an error at start that names the entry and the word.',
    remains: null,
    tests: [
      {
        file: 'packages/server/src/apps/App.test.ts',
        name: 'promise: an unknown tool is refused at start, naming entry and word',
      },
      {
        file: 'packages/server/src/apps/App.test.ts',
        name: 'promise: a model that the server does not have is refused at start',
      },
    ],
  },
  {
    id: 'gate 13.1',
    threat: 'An app brings a preamble, and with it the model forgets never to ask for keys and what untrusted text is.',
    stoppedBy: 'The preamble is added after the built-in instructions, every sentence of which stays.',
    remains: 'A model may still be talked out of its instructions; nothing that protects money rests on them.',
    tests: [
      {
        file: 'packages/server/src/agent/preamble.test.ts',
        name: 'promise: whatever an app writes, its system text begins with every sentence of the fixed part',
      },
    ],
  },
  {
    id: 'gate 13.2',
    threat: 'Keys are listed in a mistyped directory: "no keys yet", and a store is made there.',
    stoppedBy: 'Commands that only read or revoke refuse a directory that holds no store, and make nothing.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/commands.test.ts',
        name: 'a data directory that is absent > promise: keys list refuses it in one sentence and makes nothing',
      },
    ],
  },
  {
    id: 'gate 13.3',
    threat: 'In an incident a key is revoked in a mistyped directory, and the real one lives on.',
    stoppedBy: 'The command refuses: there is no store there.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/commands.test.ts',
        name: 'a data directory that is empty > promise: keys revoke refuses it in one sentence and makes nothing',
      },
    ],
  },
  {
    id: 'gate 13.4',
    threat: 'A data directory that cannot be made (/proc) hangs every command.',
    stoppedBy: 'Directories are made one level at a time, so the system’s answer is seen.',
    remains: null,
    tests: [
      { file: 'test/journeys/commands.test.ts', name: 'a data directory that is /proc > promise: keys list answers' },
      {
        file: 'test/journeys/commands.test.ts',
        name: 'a data directory that is /proc > promise: audit key refuses it in one sentence and makes nothing',
      },
    ],
  },
  {
    id: 'gate 13.5',
    threat: 'A path through a device file ends a command with a stack trace.',
    stoppedBy: 'What the system says of a path is one sentence and exit code 2 or 5.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/commands.test.ts',
        name: 'a data directory that is /dev/null > promise: receipt keys refuses it in one sentence and makes nothing',
      },
    ],
  },
  {
    id: 'gate 13.7',
    threat: 'The checklist passes a server whose limits, keys, files or providers are open.',
    stoppedBy: 'It looks at apps, settings, keys and files, and lists what it cannot look at.',
    remains: 'Where TLS ends, who holds keys and who watches the log cannot be seen by a command.',
    tests: [
      {
        file: 'packages/server/src/apps/Checklist.test.ts',
        name: 'promise: what is not looked at is not passed, but listed',
      },
    ],
  },
  {
    id: 'gate 13.9',
    threat: 'A setting is misspelt (COUNTERSIGN_QUORUMM=2), so one provider alone is believed.',
    stoppedBy:
      'Settings that nothing reads are named at start and by the checklist; a misspelt chain or quorum is an error.',
    remains: null,
    tests: [
      { file: 'packages/cli/src/settings.test.ts', name: 'promise: a setting that nothing reads is named' },
      {
        file: 'packages/cli/src/settings.test.ts',
        name: 'the list holds every setting that the sources read, and no other',
      },
    ],
  },
  {
    id: 'gate 13.8',
    threat:
      'Two processes without an RPC URL each start a chain 31337 of their own on one store, and settle each other’s cards.',
    stoppedBy:
      'Each process writes down which chains it serves; a second one that means another chain by the same id is refused, and told how to share the first one’s.',
    remains: 'Two forks of one chain have the same first block, and cannot be told apart.',
    tests: [
      'promise: a second process with a chain of its own is refused, and told how to share the first one’s',
      'promise: a process whose provider serves another chain under the same id is refused',
      'promise: of two that start together, one serves',
    ].map((name) => ({ file: 'test/journeys/twoProcesses.test.ts', name })),
  },
  {
    id: 'gate 13.6',
    threat: 'A command of the documents, pasted in an incident, works on another directory than the server.',
    stoppedBy: 'The commands of README.md and operations.md are run by a test as they stand there.',
    remains: 'Four lines are not run; the test lists them with the reason.',
    tests: [
      { file: 'test/journeys/docsCommands.test.ts', name: 'every command of docs/operations.md does what it says' },
      {
        file: 'test/journeys/docsCommands.test.ts',
        name: 'promise: what is not run stands in the documents, and each has a reason',
      },
    ],
  },
]
