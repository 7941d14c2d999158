import type { Threat } from '../Threat.ts'

const SECRETS = 'test/journeys/appSecrets.test.ts'
const SKILLS = 'test/journeys/appSkills.test.ts'
const MCP = 'test/journeys/mcpTools.test.ts'
const DOCUMENTS = 'test/journeys/appDocuments.test.ts'
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
  {
    id: 'apps 2.1',
    threat:
      'An MCP server of others changes, doubles or adds a definition after it was reviewed, with or without notice.',
    stoppedBy:
      'Definitions are pinned by hash; what differs, is missing or doubled is disabled, and each call reads the list again first.',
    remains:
      'A server may answer a pinned call with anything within its bounds; its answers are untrusted unless listed.',
    tests: [
      {
        file: MCP,
        name: 'promise: another description disables the tool when the server says that its list changed, and the others stay',
      },
      { file: MCP, name: 'promise: a definition that changed without a word is not called' },
      {
        file: MCP,
        name: 'promise: what is pinned is offered under the name of its server, and what is not pinned never',
      },
      { file: MCP, name: 'promise: a pending call whose definition changed is superseded' },
    ],
  },
  {
    id: 'apps 2.1, retries',
    threat: 'A tool is defined anew after a person confirmed a call of it, and the call is sent to the new definition.',
    stoppedBy:
      'The definition that was confirmed is compared before every try, the first as well as those after a failure.',
    remains: 'A try that was sent before the change is not taken back.',
    tests: [
      {
        file: 'test/journeys/toolCalls.test.ts',
        name: 'promise: a call that was confirmed is not sent again once its tool was defined anew',
      },
    ],
  },
  {
    id: 'apps 2.2',
    threat: 'A server of others calls its own tool harmless, so that it runs without the person.',
    stoppedBy: 'A bare pin is a write, whatever the annotations say; so is every OpenAPI operation but a GET.',
    remains: null,
    tests: [
      { file: MCP, name: 'promise: a bare pin is a write, whatever the server says of it' },
      {
        file: 'test/journeys/openApiTools.test.ts',
        name: 'promise: every other method is a write, which a person confirms',
      },
    ],
  },
  {
    id: 'apps 2.3',
    threat: 'A tool of others leads the server to its own network.',
    stoppedBy:
      'Addresses are judged after the name is resolved, and the connection goes to that very address; MCP as well.',
    remains: null,
    tests: [
      { file: MCP, name: 'promise: a server at a private address is not asked, unless the operator allows it' },
      {
        file: 'packages/server/src/tools/http/callOrigin.test.ts',
        name: 'promise: the connection goes to the judged address, under the name that was asked for',
      },
    ],
  },
  {
    id: 'apps 3.1',
    threat: 'A skill of an app orders the model about, or is exchanged for one that does after it was scanned.',
    stoppedBy:
      'A skill stands in the instructions only while the digest of its files passed the scan, and narrows tools to those it declares.',
    remains:
      'The scanner can be wrong; what a skill gets a model to do meets scope, provenance and confirmation like all else.',
    tests: [
      { file: SKILLS, name: 'promise: a skill that fails its scan is not loaded, and the app is' },
      {
        file: SKILLS,
        name: 'promise: an edit is scanned before it counts, and a bad one takes the skill out of the instructions',
      },
      { file: SKILLS, name: 'promise: tools that a loaded skill declares narrow those of the app' },
    ],
  },
  {
    id: 'apps 4.1',
    threat: 'A document tells the model to pay somebody, in sight or hidden, or names a recipient for a payment.',
    stoppedBy:
      'Its text grounds nothing: what stands in it is typed by a person or refused. Hidden text is not searched, and a person releases each content by its digest.',
    remains: 'A person who releases a false fact makes it a value of the app.',
    tests: [
      { file: DOCUMENTS, name: 'promise: the text of a released document grounds no recipient' },
      { file: DOCUMENTS, name: 'promise: a release holds for exactly the content that was reviewed' },
      { file: DOCUMENTS, name: 'promise: what a page hides is not searched, and a secret in it reaches no model' },
      { file: DOCUMENTS, name: 'promise: an expired document is stale, not found, and vouches for nothing' },
    ],
  },
  {
    id: 'apps 4.2',
    threat: 'A document of one app is found by another app, or stays in a session, a log or the record.',
    stoppedBy: 'The app is part of the query and of every key of the index; answers live in the turn that asked.',
    remains: 'What a turn read stands in the history of its own session.',
    tests: [
      { file: DOCUMENTS, name: 'promise: a document of one app reaches no other app, session, memory, record or log' },
      { file: DOCUMENTS, name: 'promise: only an admin key of the app decides, and the record says who did' },
      {
        file: DOCUMENTS,
        name: 'promise: a document is not found, and the tool is not there, before a person releases it',
      },
    ],
  },
  {
    id: 'apps 4.3',
    threat: 'A model makes the call that the user asked for again and again, and the user confirms each.',
    stoppedBy: 'The second call or transaction with the same critical values in a turn is a step-up on the tool.',
    remains: 'Two calls whose critical values differ, each in the words, are two.',
    tests: [
      {
        file: DOCUMENTS,
        name: 'promise: words that ask once ask for one call, however often and in whatever spelling the model makes it',
      },
      {
        file: 'packages/server/src/provenance/assessToolCall.test.ts',
        name: 'promise: what the words ask for once is ordinary once',
      },
    ],
  },
]
