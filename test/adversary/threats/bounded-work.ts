import type { Threat } from '../Threat.ts'

const BOUNDS = 'test/journeys/bounds.test.ts'
const CONVERSATIONS = 'packages/server/src/sessions/Conversations.test.ts'

export const threats: Threat[] = [
  {
    id: 'gate 7.1',
    threat: 'A keyless caller fills a session and polls it, so that each poll costs more than the last.',
    stoppedBy:
      'Sessions, owners, apps and the store have caps, and a poll reads and writes out only lines that are new.',
    remains: 'A published client still gets the whole list, up to 2 MiB; its poll is charged by size.',
    tests: [
      {
        file: BOUNDS,
        name: 'promise: a session holds so many messages and bytes; the refusal says what to do, and the session can be read',
      },
      {
        file: CONVERSATIONS,
        name: 'promise: a poll of a full session reads no line that was read before, and a new line costs one',
      },
      { file: CONVERSATIONS, name: 'promise: what is kept ready is bounded; what fell out is read again' },
      {
        file: CONVERSATIONS,
        name: 'promise: one-time events are found without reading past all else that a session logged',
      },
    ],
  },
  {
    id: 'gate 7.2',
    threat: 'Each proposal of a long session stores and compares everything that the user ever wrote.',
    stoppedBy:
      'A model and its tools are shown the newest 256,000 characters, and 200 proposals are all a session holds.',
    remains: null,
    tests: [
      {
        file: CONVERSATIONS,
        name: 'promise: a model is shown the newest lines that fit, beginning with the user, however long the conversation is',
      },
    ],
  },
  {
    id: 'gate 7.3',
    threat: 'A model sends its answer one character at a time, and every listener gets the whole text each time.',
    stoppedBy: 'Text that is being written is shown by time and growth, and the turn rests between pieces.',
    remains: 'The pieces still cost processor time, in slices of a few milliseconds.',
    tests: [
      {
        file: 'packages/server/src/turns/Speech.test.ts',
        name: 'promise: an answer of 60,000 pieces of one character is shown in proportion to its length and time, not squared',
      },
      {
        file: BOUNDS,
        name: 'promise: 6,000 pieces of one character reach a listener in proportion, and whole at the end',
      },
    ],
  },
  {
    id: 'gate 7.4',
    threat: 'A model answers with megabytes, which are kept and sent with every poll.',
    stoppedBy: 'An answer is cut at 64,000 characters, and the user is told.',
    remains: 'One piece of the provider is held in memory before it is cut.',
    tests: [
      {
        file: BOUNDS,
        name: 'promise: an answer of 4 MB is cut at the bound, kept at the bound, and the user is told',
      },
    ],
  },
  {
    id: 'gate 7.5',
    threat: 'Models never answer, or drip for ever, and their turns run on.',
    stoppedBy: 'A turn has 60 seconds; a model or a tool that does not listen is left a second later.',
    remains: 'Turns that run at once are not counted by caller, only charged.',
    tests: [
      {
        file: BOUNDS,
        name: 'promise: a model that never answers is left when the time of the turn is over, and the user is told',
      },
      { file: BOUNDS, name: 'promise: a model that drips for ever is cut, and what it said is kept' },
      {
        file: 'packages/server/src/turns/endWith.test.ts',
        name: 'promise: a generator that never answers again holds nothing up after the signal',
      },
    ],
  },
  {
    id: 'gate 7.6',
    threat: 'A model asks for 150 tool calls in one answer, and all of them are run.',
    stoppedBy: 'A tool runs 4 times a turn and all tools 24 times; a call beyond that is neither run nor kept.',
    remains: null,
    tests: [
      {
        file: 'packages/server/src/turns/limitTools.test.ts',
        name: 'promise: 150 calls of one tool in one turn run it 4 times, and of all tools 24 times',
      },
      {
        file: 'packages/server/src/turns/limitTools.test.ts',
        name: 'promise: what a tool answers is bounded, and the model is told',
      },
    ],
  },
  {
    id: 'gate 7.7',
    threat: 'A caller opens streams for sessions that never were, and they are kept open without end.',
    stoppedBy: 'A key or an address has 64 streams that wait for a session, each for a minute; the others are 404.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/listeners.test.ts',
        name: 'promise: of 1,500 streams for ids that never were a few are kept waiting, the others are 404',
      },
    ],
  },
  {
    id: 'gate 7 strangers',
    threat:
      'A keyless caller starts sign-ins and visits without end: each costs a look at all before it, and fills the store.',
    stoppedBy:
      'A session has twenty sign-ins that wait, a visit that came to nothing is forgotten after a day, and both are found by their age.',
    remains: 'An address can leave 1.7 million visits in that day (1,200 a minute), a few hundred bytes each.',
    tests: [
      {
        file: 'packages/server/src/browser/browsers.test.ts',
        name: 'promise: visits that came to nothing are forgotten after a day, however many there are; others stay',
      },
      {
        file: 'packages/server/src/browser/browsers.test.ts',
        name: 'promise: a session has twenty sign-ins that wait; the newest are good',
      },
      { file: 'packages/server/src/browser/browsers.test.ts', name: 'what is over is found by its age' },
    ],
  },
  {
    id: 'gate 7.8',
    threat: 'A provider is slower than the watcher’s interval, and looks queue up behind it.',
    stoppedBy: 'A chain has one round of looks at a time; a tick that meets one begins none.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/oneLook.test.ts',
        name: 'promise: looks at a chain that is slower than the interval do not queue',
      },
    ],
  },
]
