import type { Threat } from '../Threat.ts'

const tests = (...names: readonly string[]) =>
  names.map((name) => ({ file: 'test/journeys/operators.test.ts', name: `promise: ${name}` }))

export const threats: Threat[] = [
  {
    id: 'operators 1',
    threat:
      'Somebody who finds the sign-in link of an operator in a terminal or a chat opens it a second time, or later.',
    stoppedBy:
      'The link is deleted in the transaction that makes the operator, and is good for 15 minutes; the store keeps its hash.',
    remains:
      'Who opens it first is the operator. The record names the link, and `countersign operator revoke` removes them.',
    tests: tests(
      'a sign-in link opens once, also when two send it together, and not after 15 minutes',
      'the session of a link registers a passkey and opens nothing else',
    ),
  },
  {
    id: 'operators 2',
    threat:
      'A page that an operator visits sends requests with the operator’s cookie, or signs them in as somebody else.',
    stoppedBy:
      'The cookie is SameSite=Strict; every request needs X-Countersign-Page and every change the Origin of this very server.',
    remains: null,
    tests: tests('requests of other pages do nothing, whatever cookie comes with them'),
  },
  {
    id: 'operators 3',
    threat: 'A page with another origin collects the answer of a passkey and sends it here.',
    stoppedBy:
      'The signed client data name the origin, and the authenticator data the host; user verification is required.',
    remains: null,
    tests: tests('a passkey of another origin or host, without user verification, or unregistered signs nobody in'),
  },
  {
    id: 'operators 4',
    threat: 'The answer to a challenge is recorded and sent again.',
    stoppedBy: 'A challenge is deleted when an answer names it, whatever the answer is worth.',
    remains: null,
    tests: tests('an answer to a challenge signs in once, and only within three minutes'),
  },
  {
    id: 'operators 5',
    threat:
      'Somebody plants a cookie in the operator’s browser and uses the session that the operator then signs in to.',
    stoppedBy: 'Each sign-in makes a new cookie; registering a passkey ends the session that the link opened.',
    remains: null,
    tests: tests('no session survives a sign-in: the cookie from before the passkey opens nothing'),
  },
  {
    id: 'operators 6',
    threat: 'The session of an operator is used for what no admin key may do, or for an app of somebody else.',
    stoppedBy:
      'It opens the routes that are marked for the dashboard, with the scope `admin` of the one app that the request names.',
    remains: null,
    tests: tests('an operator does what an admin key may, on routes of the dashboard, for apps of their own'),
  },
  {
    id: 'operators 7',
    threat: 'A session goes on after the operator has left the machine, signed out, or been removed.',
    stoppedBy:
      'Each request looks the session up in the store; it ends after 30 minutes without use and after 12 hours.',
    remains: 'Within these 30 minutes who sits at an unlocked machine is the operator.',
    tests: tests(
      'a session ends after 30 minutes without use, after 12 hours, by sign-out, and when it is revoked',
      'an operator who is revoked is out with the next request, and another one ends no session of theirs',
    ),
  },
  {
    id: 'operators 7, passkey',
    threat: 'A passkey is removed because its device was stolen, and the thief goes on in a session that it opened.',
    stoppedBy:
      'A session is bound to the passkey that opened it, and is deleted in the write that removes the passkey.',
    remains:
      'A passkey that the thief registered meanwhile stays until it is removed too; the list shows it with its date.',
    tests: tests('a removed passkey ends the sessions that it opened, in the same write, and no others'),
  },
  {
    id: 'operators 7, lasting',
    threat: 'Somebody at a machine that was left open registers a passkey of theirs, and stays when the session ends.',
    stoppedBy: 'Passkeys are added and removed within 15 minutes of a sign-in with a passkey, and not later.',
    remains: 'Within these 15 minutes who sits at an unlocked machine can do it; it is recorded and listed.',
    tests: tests('a session of an hour ago adds and removes no passkey, whatever else it may do'),
  },
  {
    id: 'operators 8',
    threat: 'A link, a cookie or a key is read from a copy of the store or from the record.',
    stoppedBy: 'Links and cookies are kept as SHA-256, keys under a pepper; the record names them by handles.',
    remains: null,
    tests: tests('no link, cookie or key stands in the store or the record; every sign-in is recorded'),
  },
  {
    id: 'operators 9',
    threat: 'The page keeps a key, shows it twice, or the server hands it out a second time.',
    stoppedBy:
      'A key is in the one answer that makes it, and in the memory of the page until the person says so or leaves.',
    remains: 'A browser extension that reads pages reads this one too.',
    tests: [
      {
        file: 'test/browser/admin.test.ts',
        name: 'promise: a key is in one answer and on the page once; it is rotated with a countdown and revoked with n of n',
      },
    ],
  },
  {
    id: 'operators 10',
    threat: 'The server shows an operator a record in which an entry was altered.',
    stoppedBy:
      'The browser recomputes the hash of every entry from the first on, and names the first that does not hold.',
    remains:
      'A record that was written anew from that entry on holds in itself; a checkpoint that was kept elsewhere shows it.',
    tests: [
      {
        file: 'test/browser/admin.test.ts',
        name: 'promise: the browser finds an entry of the record that the server altered',
      },
      {
        file: 'packages/web/src/admin/admin.test.ts',
        name: 'promise: an entry that is altered, displaced, missing, foreign or forked is found where it stands',
      },
    ],
  },
]
