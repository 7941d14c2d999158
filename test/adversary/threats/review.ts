import type { Threat } from '../Threat.ts'

const WAITS = 'test/journeys/mandateWaits.test.ts'
const IN_FORCE = 'packages/server/src/proposals/decision/inForce.test.ts'
const WALLETS = 'test/doors/guardWallets.test.ts'
const CALLBACKS = 'test/doors/guardCallbacks.test.ts'
const RPC = 'test/doors/rpc.test.ts'
const DOCUMENTS = 'packages/server/src/apps/documents/AppDocuments.test.ts'
const TELEGRAM = 'test/doors/telegram.test.ts'
const HOSTILE = 'test/journeys/hostileTools.test.ts'
const GUARD = 'test/doors/guard.test.ts'
const SEAMS = 'test/doors/guardSeams.test.ts'

/** Review of December 2026: whose rights count, and what leads past the guard. */
export const threats: readonly Threat[] = [
  {
    id: 'review 1',
    threat: 'A session that only claims its owner’s address reserves from the owner’s mandate, and strands the budget.',
    stoppedBy:
      'Only a proven wallet, or a key that the mandate lets in, is decided by it; a claim meets its refusals alone.',
    remains: 'Limits of an app count a claim apart from the proven wallet, so each may be used once by a claim.',
    tests: [
      {
        file: IN_FORCE,
        name: 'promise: a claim meets a freeze, and nothing of a mandate that asks otherwise or is over',
      },
      {
        file: WAITS,
        name: 'promise: what was staged on a claim is decided by the mandate once its owner has signed in',
      },
    ],
  },
  {
    id: 'review 2',
    threat: 'The admin key of one app narrows and freezes mandates of another, through a session of that other.',
    stoppedBy: 'Admin rights count only where the key’s app is the app that is acted on.',
    remains: 'nothing known',
    tests: [
      { file: WAITS, name: 'promise: the admin key of another app is a stranger, also with a session of this app' },
    ],
  },
  {
    id: 'review 3',
    threat: 'An agent ends a mandate, narrows its chains or lets it expire, and may pay more than before.',
    stoppedBy: 'Doors refuse until the owner signs another one, and what was used counts on under every change.',
    remains: 'An operator who edits the chains of an app’s own limits starts them anew.',
    tests: [
      {
        file: WAITS,
        name: 'promise: an end or an expiry without a signature lets no program through that the mandate held back',
      },
      {
        file: 'packages/server/src/mandates/ledger/takeOver.test.ts',
        name: 'promise: no change of a policy lowers what counts as used, whatever it does to chains, names and windows',
      },
    ],
  },
  {
    id: 'review 4',
    threat: 'An owner hears of a delayed payment only when it can no longer be rejected.',
    stoppedBy: 'A delay is told in the write that begins it, by every channel, and no rate holds it back.',
    remains: 'An agent that rejects and proposes again can fill an inbox within the limits of its key.',
    tests: [
      {
        file: WAITS,
        name: 'promise: its owner and the targets of the mandate hear of it when it begins, and at its end that it is over',
      },
    ],
  },
  {
    id: 'review 5',
    threat: 'A contract at the owner’s address on another chain signs in, and takes the owner’s sessions over.',
    stoppedBy: 'What a contract answered for is proven on its chain alone, wherever sessions and rights meet.',
    remains: 'nothing known',
    tests: [
      {
        file: 'packages/server/src/sessions/Session.test.ts',
        name: 'promise: two sign-ins are of one account only where one key, or one contract on one chain, answered for both',
      },
    ],
  },
  {
    id: 'review 6',
    threat: 'A key leaves itself out of a request, and releases as the owner what it proposed.',
    stoppedBy: 'A session of a key is never its owner’s page, with or without the key.',
    remains: 'nothing known',
    tests: [
      {
        file: 'test/doors/reach.test.ts',
        name: 'promise: a channel is added, seen and removed by the wallet that signed in, not by a key, a stranger or another wallet',
      },
    ],
  },
  {
    id: 'review 7',
    threat: 'What a guarded object returns, or passes to a callback, leads to the raw signer.',
    stoppedBy:
      'Whatever leads on is guarded as well, a copy of data, or refused; everything reachable is walked in a test.',
    remains: 'Three levels deep; methods that wait or watch are not called.',
    tests: [
      { file: WALLETS, name: 'promise: a chain of registrations stays guarded, and no hook changes what is compared' },
      { file: CALLBACKS, name: 'promise: no event of a provider leads to it' },
      {
        file: CALLBACKS,
        name: 'promise: no callback in the arguments of a method that reads is given the raw wallet',
      },
    ],
  },
  {
    id: 'review 8',
    threat: 'The fee of a user operation, or a second fee field of a transaction, takes what the limit protects.',
    stoppedBy: 'The most that an operation can pay is weighed; what is handed on is written from what was judged.',
    remains: 'A fee that the wallet chooses by itself is bounded by the simulation’s estimate alone.',
    tests: [
      { file: WALLETS, name: 'promise: the most that it may pay is weighed, by every gas and entry point' },
      { file: WALLETS, name: 'promise: no paymaster is signed for that the options do not name' },
      { file: GUARD, name: 'promise: fees that contradict each other, or were not judged, are refused by name' },
      { file: GUARD, name: 'promise: what is handed on is what was judged' },
    ],
  },
  {
    id: 'review 9',
    threat: 'The owner presses at once, and a batch that the wallet does all or nothing is signed step by step.',
    stoppedBy: 'Nothing is signed before the wallet has said whether it makes batches.',
    remains: 'A wallet that says nothing for 5 s signs step by step.',
    tests: [
      {
        file: 'test/browser/batches.test.ts',
        name: 'promise: nothing is signed before the wallet has said whether it makes batches',
      },
    ],
  },
  {
    id: 'review 10',
    threat: 'Requests that are cut off before their end stand in no log and no usage of their key.',
    stoppedBy: 'Every request has its line, metric, span and usage when its answer is over, however that came.',
    remains: 'nothing known',
    tests: [
      {
        file: 'test/journeys/outcome.test.ts',
        name: 'promise: whoever goes before the answer, and a stream that is left, has a line and counts for the key',
      },
    ],
  },
  {
    id: 'review 11',
    threat: 'A smart account reads less from its call data than it runs: a delegate call counts as a call.',
    stoppedBy: 'The calls that are judged must make the same call data again; else nothing is signed.',
    remains: 'An account that encodes and decodes falsely in the same way; its code is its owner’s own.',
    tests: [{ file: WALLETS, name: 'promise: call data that its calls do not make again is not signed' }],
  },
  {
    id: 'review 12',
    threat: 'A program hides what it asks for in fields that the owner’s page does not show, or in a batch that fails.',
    stoppedBy:
      'Types, authorizations and capabilities that are not judged are refused; each member has its own answer.',
    remains: 'nothing known',
    tests: [
      { file: RPC, name: 'promise: what the owner would not see is refused and not left out' },
      { file: RPC, name: 'promise: a document that cannot be read costs no other answer of its batch' },
    ],
  },
  {
    id: 'review 13',
    threat: 'Whoever learns the id of a session that an MCP client began reads what its user told the agent.',
    stoppedBy: 'MCP’s chat goes to the app of the key, and its session belongs to the key like one over HTTP.',
    remains:
      'A key of an app that this server does not have chats with the app `default`, whose sessions need only their id.',
    tests: [
      {
        file: 'test/doors/mcp.test.ts',
        name: 'promise: chat reaches the app of the key, and nobody else reads its session',
      },
    ],
  },
  {
    id: 'review 14',
    threat: 'An agent puts line breaks into a value, so that the wallet shows lines of a step-up that nobody asked.',
    stoppedBy: 'Each value stands on one line of the document; what would break it is written as an escape.',
    remains: null,
    tests: [
      {
        file: 'packages/server/src/proposals/StepUp.test.ts',
        name: 'promise: what a wallet shows of a step-up has one line a question, whatever the values hold',
      },
    ],
  },
  {
    id: 'review 15',
    threat:
      'A key pushes an app whose pattern, schema or example takes years for one text, and the server answers nobody else.',
    stoppedBy:
      'What others wrote is run with a limit of 0.1 or 0.2 s; a schema that broke it three times is not tried again.',
    remains:
      'Each schema costs that time three times, and each message once; the limits of the key bound how many there are.',
    tests: [
      {
        file: 'packages/server/src/limits/withinTime.test.ts',
        name: 'promise: one match of a pattern that would take years is cut off, and what comes next is done',
      },
      {
        file: 'packages/server/src/apps/InputSchema.test.ts',
        name: 'promise: a schema of others that takes too long for a value is cut off, and is not tried again after the third time',
      },
      {
        file: HOSTILE,
        name: 'promise: a pattern or an example of an app that takes years holds up nobody: what it asks is not understood',
      },
    ],
  },
  {
    id: 'review 16',
    threat:
      'A tool answers with lists in lists without end, so that its own call counts as unknown, or a walk overflows.',
    stoppedBy: 'An answer that is nested deeper than 100 is unreadable, over HTTP and MCP, before anything walks it.',
    remains: null,
    tests: [
      {
        file: HOSTILE,
        name: 'promise: an answer that is nested without end is no answer: of ${read} to the model, of ${write} to the record',
      },
    ],
  },
  {
    id: 'review 17',
    threat: 'A PDF of 2 KB unpacks to gigabytes, and the server runs out of memory while it reviews the document.',
    stoppedBy: 'What a review holds outside of its heap is watched, and its thread is ended at 256 MiB.',
    remains: 'What one step of the reader takes at once, within the 50 ms between two looks.',
    tests: [
      {
        file: DOCUMENTS,
        name: 'promise: a small PDF that unpacks without end is cut off before it is there, and stays in quarantine',
      },
    ],
  },
  {
    id: 'review 18',
    threat: 'An app is pushed with documents that each take half a minute, and nobody else’s documents are reviewed.',
    stoppedBy: 'Each app waits for its own documents; two threads review, and apps take turns.',
    remains: 'Two apps that do so at once hold up a third by half a minute.',
    tests: [{ file: DOCUMENTS, name: 'promise: documents of one app that never end hold up no other app' }],
  },
  {
    id: 'review 19',
    threat: 'One owner, or one app, has address after address asked, so that nobody else can add one for a day.',
    stoppedBy: 'Of the questions of a day an owner has ten, and an app fifty or as many as are left for all others.',
    remains: 'Within one app, whoever signs in with hundreds of wallets uses up the share of that app.',
    tests: [
      {
        file: 'packages/server/src/reach/reach.test.ts',
        name: 'promise: no owner and no app uses up the questions of the day that others need',
      },
    ],
  },
  {
    id: 'review 20',
    threat: 'Webhooks do not answer, hundreds of messages to them are due, and no owner is told of a freeze.',
    stoppedBy:
      'Each kind of target has places of its own; what is slow for a second leaves them, and all targets are gone through.',
    remains: 'Webhooks that were not slow before hold the sixteen places of webhooks for a second.',
    tests: [
      {
        file: 'packages/server/src/outbox/outbox.test.ts',
        name: 'promise: targets that do not answer, however many, take no place of those that answer, and none of another kind',
      },
      {
        file: 'packages/server/src/outbox/outbox.test.ts',
        name: 'promise: hundreds of messages to a target that does not answer hold up no other',
      },
    ],
  },
  {
    id: 'review 21',
    threat: 'Somebody sees the link to the bot first, and their chat proposes for the wallet and is told its amounts.',
    stoppedBy: 'A code connects nothing: the session that made it is shown who brought it, and has to say yes.',
    remains: 'An owner who confirms a user of Telegram that is not theirs.',
    tests: [
      {
        file: TELEGRAM,
        name: 'promise: a code that somebody else brings to the bot connects nothing before the session that made it says so',
      },
    ],
  },
  {
    id: 'review 22',
    threat:
      'A user of the bot is sent a stranger’s link, and from then on asks for proposals of the stranger’s wallet.',
    stoppedBy: 'A chat that has a wallet keeps it until its user sends /stop; each code is answered with its address.',
    remains: 'A user without a wallet who presses Start on a stranger’s link, and does not read the address.',
    tests: [{ file: TELEGRAM, name: 'promise: a stranger’s link takes no wallet away from a chat that has one' }],
  },
  {
    id: 'review 23',
    threat:
      'A tool answers with a megabyte of single values, or of spellings in spellings, and everybody waits for seconds.',
    stoppedBy: 'An answer has at most 30,000 values, and is looked through for secrets for half a second at most.',
    remains: 'Half a second a call; the limits of the key and of a turn bound how many there are.',
    tests: [{ file: HOSTILE, name: 'promise: an answer of half a million values is not taken, over HTTP as over MCP' }],
  },
  {
    id: 'review 24',
    threat: 'A long document is put into the index in one write, and nobody else’s writes are taken for seconds.',
    stoppedBy: 'The index is written in parts of at most 2,000 terms, and the review after the last of them.',
    remains: 'A long document is cut into pieces in the thread of the server, which takes tenths of a second.',
    tests: [
      {
        file: DOCUMENTS,
        name: 'promise: while a long document is put into the index, others write; it is found when all of it is there',
      },
    ],
  },
  {
    id: 'review 25',
    threat:
      'A seller answers that it was paid, settles nothing, and is given a second authorization for the same purchase.',
    stoppedBy: 'The next equal purchase is signed only when the chain shows the last authorization as used.',
    remains:
      'Where the chain does not answer, an equal purchase waits until the first authorization can be proven void.',
    tests: [
      {
        file: 'test/doors/guardWallets.test.ts',
        name: 'promise: a seller who says that it was paid, and settles nothing, gets no second authorization',
      },
      {
        file: 'test/doors/x402Buyer.test.ts',
        name: 'promise: the next purchase is signed when the chain shows the last one as paid, and not because the seller says so',
      },
    ],
  },
  {
    id: 'review 26',
    threat:
      'A session without a key sends a policy of tens of thousands of keys, or a key pushes a file of 80 KB of aliases: parsing it takes minutes.',
    stoppedBy:
      'A text of others is counted before it is parsed, and its keys, aliases and faults are gone through once, without recursion.',
    remains: 'A file of 50,000 values that a key pushes takes about a second; a policy has at most 20,000.',
    tests: [
      {
        file: 'packages/simulator/src/chain/YamlReader.test.ts',
        name: 'promise: a text with tens of thousands of keys is read once, and not once for every key',
      },
      {
        file: 'packages/simulator/src/chain/YamlReader.test.ts',
        name: 'promise: a text with tens of thousands of aliases is refused without a walk for each of them',
      },
      {
        file: 'packages/simulator/src/chain/YamlReader.test.ts',
        name: 'promise: a text that is wrong tens of thousands of times is refused without a copy of it for each time',
      },
      {
        file: 'packages/server/src/mandates/policy/policy.test.ts',
        name: 'promise: a policy of tens of thousands of values is refused before it is parsed',
      },
    ],
  },
  {
    id: 'review 27',
    threat:
      'An owner ends all other sessions by an id that a sign-in replaced, and ends the current one with its cards.',
    stoppedBy: 'Where the id to be kept names no open session of the caller, nothing is ended.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/sessions.test.ts',
        name: 'promise: to end all sessions but one ends none where the one is not an open session of the caller',
      },
    ],
  },
  {
    id: 'review 28',
    threat: 'A stolen receipt key signs after its replacement, and whoever verifies offline takes it for good.',
    stoppedBy: 'The exported key set says when a key was replaced; it vouches for nothing issued later, there as here.',
    remains:
      'A key set that was exported before the rotation; what a thief dates back, for the hour that a receipt lives.',
    tests: [
      {
        file: 'packages/simulator/src/receipts/receipts.test.ts',
        name: 'promise: a replaced key vouches for nothing issued later by an exported key set either',
      },
    ],
  },
  {
    id: 'review 29',
    threat:
      'An MCP server says without end that its list changed, or hangs up after each list, and is asked without end.',
    stoppedBy:
      'One read waits at most; twenty notices are read at once, then one every 5 s; only a connection of a minute resets the pause.',
    remains:
      'A server may use up its own twenty reads; its tools are offered as it listed them last until the next read.',
    tests: [
      {
        file: 'test/journeys/mcpTools.test.ts',
        name: 'promise: a server that says without end that its list changed is asked a few times, and then now and then',
      },
      {
        file: 'test/journeys/mcpTools.test.ts',
        name: 'promise: a server that hangs up after each list is asked ever more rarely',
      },
    ],
  },
  {
    id: 'review 30',
    threat:
      'An MCP server lists definitions that nest without end, so that comparing them fails and the old list stays.',
    stoppedBy:
      'A list that is nested deeper than 100 or holds more than 30,000 values is none, and its tools are disabled.',
    remains: null,
    tests: [
      {
        file: 'test/journeys/mcpTools.test.ts',
        name: 'promise: definitions that nest without end, or hold values without end, are no list',
      },
    ],
  },
  {
    id: 'review 31',
    threat: 'A wallet binds its methods to itself, as constructors do, so that a composed one sends past the guard.',
    stoppedBy: 'Only methods that its class defines run on the guarded wallet; others are refused by name.',
    remains: 'A class whose method keeps a wallet of its own; its code is the owner’s.',
    tests: [{ file: SEAMS, name: 'promise: a method that is bound to the raw wallet is not run as if it were judged' }],
  },
  {
    id: 'review 32',
    threat: 'A field of a wallet whose name says nothing holds its key further down, and is handed out as data.',
    stoppedBy: 'Data that holds a secret by the name of any field, however deep, is not handed out.',
    remains: 'A secret under a name that says nothing.',
    tests: [{ file: SEAMS, name: 'promise: data that holds a secret is not handed out, however deep' }],
  },
  {
    id: 'review 33',
    threat: 'A request to the provider of a signer names a read at first, and a broadcast when it is copied.',
    stoppedBy: 'The request is copied before anything of it is read.',
    remains: null,
    tests: [{ file: SEAMS, name: 'promise: a request of ethers that answers another method later broadcasts nothing' }],
  },
  {
    id: 'review 34',
    threat: 'A raw wallet fails with an error that holds the wallet, and whoever called the guarded one catches it.',
    stoppedBy: 'An error that leads to something that signs is made anew, of its data alone.',
    remains: 'An error whose class hides the wallet in a private field and has a method that uses it.',
    tests: [{ file: SEAMS, name: 'promise: what the raw object throws does not lead to it' }],
  },
  {
    id: 'review 35',
    threat:
      'JSON that was merged with `__proto__` puts an authorization on every object, and a wallet signs it beside what was judged.',
    stoppedBy:
      'While something stands on every object or list of the process, nothing is judged and nothing is signed.',
    remains: 'What code puts there so that no loop shows it.',
    tests: [
      { file: SEAMS, name: 'promise: what stands on every object of the process is not signed beside what was judged' },
    ],
  },
  {
    id: 'review 36',
    threat: 'A caller picks the id of its trace, so that all of its requests are sent to the collector, or none.',
    stoppedBy: 'An id that the server draws for each request decides; the header only names the trace.',
    remains: 'Two requests of one trace may be sent in part.',
    tests: [
      {
        file: 'packages/server/src/telemetry/openTelemetry.test.ts',
        name: 'promise: a caller’s header does not decide whether its request is sent',
      },
    ],
  },
  {
    id: 'review 37',
    threat:
      'A script is named run.constructor, or a field or a type after what every object has, and a table answers it.',
    stoppedBy: 'Tables that are asked by names from outside hold their own entries and nothing else.',
    remains: 'Tables that are asked only by names of the server’s own are plain objects.',
    tests: [
      {
        file: 'packages/base/src/Table.test.ts',
        name: 'promise: a table answers the names that it was made of, and none that every object has',
      },
      {
        file: 'packages/scanner/src/foreignNames.test.ts',
        name: 'promise: an ending that every object has as a name hides no script',
      },
      {
        file: 'packages/simulator/src/wire/foreignNames.test.ts',
        name: 'promise: a name that every object has is no type, no field and no spelling',
      },
      {
        file: 'packages/server/src/apps/foreignNames.test.ts',
        name: 'promise: a name that every object has is no kind of document, no role and no direction',
      },
    ],
  },
  {
    id: 'review 38',
    threat: 'After a freeze the bytes of a released proposal go to the node proxy of the page, which asks for no key.',
    stoppedBy:
      'Whatever door bytes come by, the write that claims their step reads the freezes made since the last look.',
    remains: 'Another RPC URL.',
    tests: [
      {
        file: 'test/journeys/mandates.test.ts',
        name: 'promise: go out by no other door of the server either, where a freeze came after the last look',
      },
    ],
  },
  {
    id: 'review 39',
    threat: 'A server starts while its data directory is copied to a database, and what it writes is in no copy.',
    stoppedBy:
      'The copy holds the lock of writes of the directory from its look whether a server runs until it is over.',
    remains: 'A server that is started on the old directory after the copy.',
    tests: [
      {
        file: 'packages/server/src/migrateFromSqlite.test.ts',
        name: 'promise: nothing is written to the data directory while it is copied, also by a server that starts meanwhile',
      },
    ],
  },
  {
    id: 'review 40',
    threat:
      'A payment fails in a block that the network replaces and is made in the next one; its card says failed, and it is paid again.',
    stoppedBy: 'What failed is looked for again like what was settled, while its block may be replaced.',
    remains:
      'Another transaction at that nonce in its place; a batch of which steps were never signed keeps its state.',
    tests: [
      {
        file: 'test/journeys/paidOnce.test.ts',
        name: 'promise: what failed in a block that the network replaced, and then did not fail, is seen as paid',
      },
    ],
  },
]
