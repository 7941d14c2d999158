import type { Threat } from '../Threat.ts'

const NO_ANSWER = 'test/journeys/noAnswer.test.ts'

/** Published clients sign when the look before signing gives no answer, so every refusal has to be a no in their words. */
export const threats: readonly Threat[] = [
  {
    id: 'gate 2 errors',
    threat: 'A key, a limit, a body, a chain, a provider, the store or a bug makes /api/simulate answer an error.',
    stoppedBy:
      'With a session header every refusal is 200, fee -1 and the sentence in a step, made where all errors of the server end.',
    remains: 'Headers above 64 KiB and connections above the cap of an address are cut before any request exists.',
    tests: [
      { file: NO_ANSWER, name: 'every code, thrown in the middle of the simulation' },
      { file: NO_ANSWER, name: 'a key from a page' },
      { file: NO_ANSWER, name: 'a body above 1 MiB' },
      { file: NO_ANSWER, name: 'a spent budget, and it says when to come back' },
      { file: NO_ANSWER, name: 'too many headers' },
    ],
  },
  {
    id: 'gate 2 states',
    threat: 'A client asks about a proposal that is over, replaced or not yet committed.',
    stoppedBy: 'Only exactly the unsigned steps of a pending proposal get a yes.',
    remains: null,
    tests: [{ file: NO_ANSWER, name: 'every status of the proposal but the one that may be signed' }],
  },
  {
    id: 'gate 2 sessions',
    threat: 'The session is missing, ended, deleted, another owner’s, or named by another header.',
    stoppedBy:
      'A yes needs the session that X-Session-Id names and that the caller may use; a second header must agree.',
    remains: null,
    tests: [
      { file: NO_ANSWER, name: 'X-Session-Id: unknown' },
      { file: NO_ANSWER, name: 'X-Session-Id: deleted' },
      { file: NO_ANSWER, name: 'X-Session-Id: another owner’s' },
      { file: NO_ANSWER, name: 'X-Thread-Id alone: own' },
      { file: NO_ANSWER, name: 'X-Thread-Id beside the own session: unknown' },
    ],
  },
  {
    id: 'gate 2 silence',
    threat: 'The answer takes longer than a proxy waits, the body never arrives, or the server stops meanwhile.',
    stoppedBy:
      'A deadline of 25 s of its own, an answer on the waiting socket, and a no before connections are closed.',
    remains: 'A process that is killed, or a network that breaks, answers nothing: these clients then sign.',
    tests: [
      { file: NO_ANSWER, name: 'an answer that does not come in time, and nothing is opened for it later' },
      { file: NO_ANSWER, name: 'a body that never arrives' },
      { file: NO_ANSWER, name: 'promise: a server that stops says no before it closes connections' },
    ],
  },
  {
    id: 'gate 2 address',
    threat:
      'A client asks at an address that is not served (a slash too many, a prefix, a newer path), hears 404, and signs.',
    stoppedBy: 'A POST that names a session at a path that ends in "simulate" gets the same no.',
    remains: 'A client whose path ends in another word, and which signs at a 404.',
    tests: [
      { file: NO_ANSWER, name: 'an address that is not served: /api/simulate/' },
      { file: NO_ANSWER, name: 'an address that is not served: /api/v2/exec/simulate?app=demo' },
    ],
  },
  {
    id: 'gate 2 queue',
    threat: 'A client reads in pending_txs what the server could not look at again, and signs it without asking.',
    stoppedBy: 'The queue lists only proposals whose chain answers now and whose earlier steps are through.',
    remains: 'What was read before the provider went away is still in the client’s hands; its next question gets a no.',
    tests: [
      {
        file: NO_ANSWER,
        name: 'promise: what cannot be looked at again now is not in the wallet queue, and comes back when it can',
      },
    ],
  },
  {
    id: 'gate 2.4',
    threat: 'A field that the server does not know changes the meaning of a request for whoever wrote it.',
    stoppedBy: '/api/simulate refuses unknown fields, but for four that newer clients send and that mean nothing here.',
    remains: null,
    tests: [
      {
        file: NO_ANSWER,
        name: 'promise: every error of the server is a no for a client that is about to sign > an unknown field',
      },
    ],
  },
  {
    id: 'gate 2.1',
    threat: 'A receipt has expired, or part of a batch is on chain, and the look before signing compares no nonce.',
    stoppedBy: 'What a receipt cannot answer is simulated again, and the result is held against what was shown.',
    remains: null,
    tests: ['nonce', 'assets', 'assets', 'code', 'code', 'fee'].map((kind, i) => ({
      file: 'test/journeys/oneLook.test.ts',
      name: `promise: the same holds when the receipt has expired: ${i + 1}: ${kind}`,
    })),
  },
  {
    id: 'gate 2.5',
    threat: 'A lint rule that guards is configured and checks nothing, so a floating promise passes.',
    stoppedBy: 'Each such rule has a file that breaks it and must be refused for it.',
    remains: null,
    tests: [
      {
        file: 'test/lintRules.test.ts',
        name: 'promise: every lint rule that guards refuses the file that breaks it',
      },
    ],
  },
]
