import type { Threat } from '../Threat.ts'

const SRC = 'packages/scanner/src'
const META = `${SRC}/metamorphic.test.ts`
const TRANSLATION = `${SRC}/facts/languages/translation.test.ts`
const COMMANDS = `${SRC}/facts/commands/commands.test.ts`

/** A skill package that hides what it does from the scanner. */
export const threats: readonly Threat[] = [
  {
    id: 'scanner K2',
    threat: 'An act that is found in shell, Python or JavaScript is written in another language, or in a build file.',
    stoppedBy: 'Sixteen languages give the same facts to the same rules; one act in any of them has the same verdict.',
    remains: 'Languages without a folder are read by what they look like; macros and generated code are not followed.',
    tests: [
      { file: TRANSLATION, name: 'fetch a text and run it > promise: it blocks in a.rb' },
      { file: TRANSLATION, name: 'fetch a file, then run it > promise: it blocks in CMakeLists.txt' },
      { file: TRANSLATION, name: 'hand a line that fetches and runs to a shell > promise: it blocks in build.rs' },
    ],
  },
  {
    id: 'scanner K4',
    threat: 'A command exists only after the shell has expanded it, or its options are written in another way.',
    stoppedBy: 'The shell is evaluated on literals, and options are read by a table for each program.',
    remains: 'Values that only exist when the command runs, such as the output of an unknown program, stay unknown.',
    tests: [
      { file: COMMANDS, name: 'sh > shows these facts' },
      {
        file: META,
        name: 'splitting an act changes nothing > promise: a script that is spelled in pieces and then sourced',
      },
    ],
  },
  {
    id: 'scanner K5',
    threat: 'A path or a host is put together by code, or one module reads what another sends.',
    stoppedBy: 'One evaluator works out literals, and values are followed through files, exports and arguments.',
    remains: 'Three readings are made; a chain over more modules is cut there.',
    tests: [
      { file: TRANSLATION, name: 'read a key file and send it > promise: it blocks in a.py' },
      {
        file: META,
        name: 'splitting an act changes nothing > promise: a function of one module sends what another hands it',
      },
    ],
  },
  {
    id: 'scanner K7',
    threat: 'A skill gives itself the name of a vendor, so that its installer looks like the vendor’s own.',
    stoppedBy: 'Nothing in the package lowers a finding; trust comes from a catalogue, a named commit or a digest.',
    remains: 'Installers of honest vendors that are not in the catalogue are stopped like those of strangers.',
    tests: [
      {
        file: META,
        name: 'renaming changes nothing > promise: a key is not the own one of a host that names it in a subdomain',
      },
    ],
  },
  {
    id: 'scanner 5.8',
    threat: 'A file of settings that lets an agent act without asking is copied into place by the instructions.',
    stoppedBy: 'Keys of eight agents are known by content, wherever the file lies.',
    remains: 'Flags on the command line are a finding below the gate.',
    tests: [{ file: `${SRC}/rules/rules.test.ts`, name: 'agent-settings > flags what is bad, in these words' }],
  },
  {
    id: 'scanner 3.x',
    threat: 'A file is broken on purpose, so that the reader stops before the part that matters.',
    stoppedBy: 'What the reader stumbles over is read as text, and nothing after an open mark is swallowed.',
    remains: null,
    tests: [
      { file: `${SRC}/scan.test.ts`, name: 'promise: what our reader stumbles over is read as text, with a note' },
    ],
  },
]
