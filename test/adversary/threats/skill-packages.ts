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
    stoppedBy:
      'The skill’s name, directory and prose lower nothing. An installer only warns where the skill then runs a tool of the name that its address bears, and stops again when that tool is handed passwords of other services.',
    remains: 'Whoever registers an address and serves a tool of its name is warned of, not stopped.',
    tests: [
      {
        file: `${SRC}/facts/ownTool.test.ts`,
        name: 'an address serves the tool that the skill works with > promise: prose, names and fixtures count for nothing',
      },
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
  {
    id: 'scanner 5.3',
    threat: 'A text or a secret reaches its goal by another way: a file in between, a commit, a host name.',
    stoppedBy:
      'Every source with every sink is a cell of a table that is tested; a cell in which nothing is stopped has its reason.',
    remains: 'Values that only exist when the package runs.',
    tests: [
      { file: `${SRC}/facts/flow/table.test.ts`, name: 'promise: no cell is empty: network → run' },
      { file: `${SRC}/facts/flow/table.test.ts`, name: 'promise: no cell is empty: key → repository' },
    ],
  },
  {
    id: 'scanner 9',
    threat: 'A package carries somebody else’s signature, or text that rides in one, to look like a publisher’s own.',
    stoppedBy:
      'Signatures are verified offline against the content that was read; the lock keeps the publisher; text in a signature is read as any other.',
    remains: 'A publisher whose signing identity was stolen signs as before.',
    tests: [
      {
        file: `${SRC}/identity/identity.test.ts`,
        name: 'SKILL.sig > promise: any other content, key, field or spelling is invalid',
      },
      {
        file: `${SRC}/identity/identity.test.ts`,
        name: 'SKILL.sigstore.json > promise: text that rides in a signature is read as any other',
      },
      {
        file: `${SRC}/identity/identity.test.ts`,
        name: 'SKILL.sigstore.json > promise: a changed publisher is a finding, in the lock and from then on',
      },
    ],
  },
  {
    id: 'scanner 10',
    threat: 'A package talks to the model that judges it, or the model does not answer, so that the verdict is milder.',
    stoppedBy:
      'The judge is off by default, gets the package as quoted data, and can only raise; no answer is never a pass.',
    remains: 'A model that is talked into seeing nothing adds nothing.',
    tests: [
      {
        file: `${SRC}/judge/judgeSkill.test.ts`,
        name: 'promise: whatever a model answers, the verdict is not milder than without it',
      },
      {
        file: `${SRC}/judge/judgeSkill.test.ts`,
        name: 'promise: material is quoted data, and all of it is shown or nothing is judged',
      },
      {
        file: `${SRC}/judge/judgeSkill.test.ts`,
        name: 'promise: no answer, and none that can be read, is never a pass',
      },
    ],
  },
]
