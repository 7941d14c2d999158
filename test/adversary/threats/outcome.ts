import type { Threat } from '../Threat.ts'

/** Whoever has to act finds the cause where they look. */
export const threats: readonly Threat[] = [
  {
    id: 'gate 14.7',
    threat: 'The model provider is down; the user reads one sentence and the operator’s log is empty.',
    stoppedBy:
      'Each failed turn is a line at warn with status, host, model, turn, the provider’s request id and that of the caller’s own request.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/outcome.test.ts',
        name: 'what an operator finds > promise: a model provider that answers 503 is in the log: status, host, model, its id and ours, and no secret',
      },
    ],
  },
  {
    id: 'gate 14.9',
    threat: 'Nothing counts simulations, proposals, turns or the disk, so an outage is seen by users first.',
    stoppedBy: 'The metrics count them.',
    remains: 'The time of single provider calls is not measured, only that of whole simulations.',
    tests: [
      {
        file: 'test/journeys/outcome.test.ts',
        name: 'what an operator finds > metrics count the work: simulations, proposals, providers, turns, tokens, queue, store and disk',
      },
    ],
  },
  {
    id: 'gate 14.10',
    threat: 'The access log has two lines a request, one without a path and one without a status.',
    stoppedBy: 'One line has pattern, status, time, app and key handle.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/outcome.test.ts',
        name: 'the access log > is one line a request: method, path pattern, status, milliseconds, app, key handle, code',
      },
    ],
  },
  {
    id: 'gate 14.11',
    threat:
      'A wrong method is "not found", a wrong content type "not valid", and a hint names a command that the caller does not have.',
    stoppedBy: '405 with Allow, 415, and hints for callers.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/outcome.test.ts',
        name: 'what a caller reads > a known path with another method is 405 and names the methods; an unknown path is 404',
      },
      {
        file: 'test/journeys/outcome.test.ts',
        name: 'what a caller reads > a caller without a key is told to send one, and no caller is sent to a command line',
      },
    ],
  },
  {
    id: 'gate 14.12',
    threat: 'An error of the command line gives the hint of another option, and text where --json was asked for.',
    stoppedBy: 'Each error names its own option and hint; with --json it is one JSON object.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/commands.test.ts',
        name: 'errors > a --known that is not JSON: one sentence, one hint, of the field itself',
      },
      {
        file: 'test/journeys/commands.test.ts',
        name: 'errors > a --known that is not JSON: with --json one JSON object with error, code and hint',
      },
    ],
  },
  {
    id: 'gate 12.5',
    threat:
      'A refusal has a sentence in which a word of the code stands where a name should: “the app "whose keys these are"”.',
    stoppedBy: 'A caller without a key reads one plain sentence that names no app.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/outcome.test.ts',
        name: 'a caller without a key is told to send one, and no caller is sent to a command line',
      },
    ],
  },
]
