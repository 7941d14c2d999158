import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { EventLog, LoggedEvent } from '../sessions/EventLog.ts'
import { followSession } from './followSession.ts'

const SESSION = { sid: 's', publicId: 'p' }
const event = { seq: 1, body: { type: 'title_changed', new_title: 'after' } } as unknown as LoggedEvent
const closers: (() => void)[] = []
afterEach(() => closers.splice(0).forEach((close) => close()))

/** What a client of a followed session gets, where `read` decides what the log answers. */
async function heard(read: () => Promise<readonly LoggedEvent[]>, isOpen: () => boolean): Promise<string> {
  const events = { subscribe: () => () => undefined, isIdOf: () => true, read } as unknown as EventLog
  const server = createServer((_request, response) => {
    const tools = { events, isOpen, log: { warn: () => undefined }, withdrawn: async () => new Set<LoggedEvent>() }
    const end = followSession(tools, { response, session: SESSION, afterSeq: 0 })
    // An open stream goes on for good: it is looked at when it has had its turn.
    setTimeout(end, 100)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => server.close())
  return (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).text()
}

test('promise: what is read while the authority goes is not handed out', async () => {
  let isOpen = true
  const read = async () => {
    // The freeze is committed first, and then the event, while the log is asked.
    isOpen = false
    return [event]
  }
  expect(await heard(read, () => isOpen)).toBe('')
})

test('what is read while the authority stands is handed out', async () => {
  const pages = [[event]]
  const read = async () => pages.splice(0, 1)[0] ?? []
  expect(await heard(read, () => true)).toContain('"new_title":"after"')
})
