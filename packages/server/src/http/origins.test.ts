import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import { DEFAULT_APP } from '../apps/App.ts'
import { createOrigins } from './origins.ts'

const SHOP = 'https://shop.invalid'
const shop = { ...DEFAULT_APP, name: 'shop', origins: [SHOP] }
const apps = new Map([DEFAULT_APP, shop].map((app) => [app.name, app]))
const origins = (host: string, env: NodeJS.ProcessEnv = {}) =>
  createOrigins({ env, host, listening: () => 8_080, apps })

test('promise: on loopback the pages of this machine may call and no others, so that a widget can be developed; elsewhere none unnamed', () => {
  const local = origins('127.0.0.1')
  for (const origin of ['http://127.0.0.1:8080', 'http://localhost:8080', 'http://localhost:5173'])
    expect(local.isAllowed(origin, DEFAULT_APP), origin).toBe(true)
  const foreign = ['https://evil.invalid', 'http://localhost.evil.invalid:8080', 'http://10.0.0.5:8080', 'null', '']
  for (const origin of foreign) {
    expect([local.isAllowed(origin, DEFAULT_APP), local.isAllowed(origin, null)], origin).toEqual([false, false])
    expect([local.isNeighbour(origin), origins('0.0.0.0').isNeighbour(origin)], origin).toEqual([false, false])
  }
  expect([local.isNeighbour('http://localhost:5173'), origins('0.0.0.0').isNeighbour('http://localhost:5173')]).toEqual(
    [true, false],
  )
  const open = origins('0.0.0.0')
  expect(open.isAllowed('http://localhost:5173', DEFAULT_APP)).toBe(false)
  expect(open.own().slice(0, 3)).toEqual(['http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080'])
  // What the machine calls itself, and nothing that a request says.
  expect(open.own()).toContain(`http://${hostname().toLowerCase()}:8080`)
  expect(local.own()).toHaveLength(3)
  expect(origins('10.0.0.5').own()).toContain('http://10.0.0.5:8080')
})

test('promise: an origin that one app registered may call for that app alone', () => {
  const some = origins('0.0.0.0')
  expect([some.isAllowed(SHOP, shop), some.isAllowed(SHOP, DEFAULT_APP)]).toEqual([true, false])
  // A preflight does not say for which app.
  expect([some.isAllowed(SHOP, null), some.isAllowed('https://evil.invalid', null)]).toEqual([true, false])
  for (const near of ['http://shop.invalid', 'https://shop.invalid:444', 'https://a.shop.invalid', 'null', `${SHOP}/`])
    expect(some.isAllowed(near, shop), near).toBe(false)
  expect(some.signIn(shop)).toContain(SHOP)
  expect(some.signIn(DEFAULT_APP)).not.toContain(SHOP)
})

test('promise: settings that are no origins are refused at start', () => {
  const env = { COUNTERSIGN_PUBLIC_ORIGIN: 'https://agent.invalid', COUNTERSIGN_CORS_ORIGINS: 'https://a.invalid' }
  expect(origins('0.0.0.0', env).own()[0]).toBe('https://agent.invalid')
  expect(origins('0.0.0.0', env).isAllowed('https://a.invalid', DEFAULT_APP)).toBe(true)
  for (const wrong of ['agent.invalid', 'https://agent.invalid/', '*', 'https://a.invalid, b'])
    expect(() => origins('0.0.0.0', { COUNTERSIGN_PUBLIC_ORIGIN: wrong }), wrong).toThrow(
      /holds something that is no origin/,
    )
})

const REBOUND = [
  'evil.invalid',
  'evil.invalid:8080',
  'localhost.evil.invalid:8080',
  '127.0.0.1.evil.invalid:8080',
  '127.0.0.1@evil.invalid',
  'localhost:8080:8080',
  'localhost.:8080',
  '0.0.0.0:8080',
  '[::]:8080',
  '192.168.0.7:8080',
  '',
  'localhost/evil.invalid',
]

test.each(REBOUND)('promise: on loopback, "%s" is not our host', (host) => {
  const local = origins('127.0.0.1', { COUNTERSIGN_PUBLIC_ORIGIN: 'https://agent.invalid' })
  for (const isFromBrowser of [true, false]) expect(local.isOwnHost(host, isFromBrowser)).toBe(false)
})

test.each(REBOUND.filter((host) => !host.includes('0.0.0.0')))(
  'promise: on other addresses, "%s" is no host of ours for a browser',
  (host) => {
    expect(origins('0.0.0.0').isOwnHost(host, true)).toBe(false)
    // A program may know this server by a name that the server does not: an alias, a service of a cluster.
    expect(origins('0.0.0.0').isOwnHost(host, false)).toBe(true)
  },
)

test.each(['localhost:8080', '127.0.0.1:8080', '[::1]:8080', 'LOCALHOST:8080', 'localhost', '127.0.0.1:9000'])(
  '"%s" is our host on loopback, whatever a tunnel or a container makes of the port',
  (host) => {
    expect(origins('127.0.0.1').isOwnHost(host, true)).toBe(true)
    expect(origins('0.0.0.0').isOwnHost(host, true)).toBe(true)
  },
)

test('promise: the host of COUNTERSIGN_PUBLIC_ORIGIN is ours behind a proxy, with the port of its scheme or without', () => {
  const local = origins('127.0.0.1', { COUNTERSIGN_PUBLIC_ORIGIN: 'https://agent.invalid,http://intra.invalid:81' })
  for (const host of ['agent.invalid', 'Agent.Invalid', 'agent.invalid:443', 'intra.invalid:81'])
    expect(local.isOwnHost(host, true), host).toBe(true)
  for (const host of ['agent.invalid:80', 'intra.invalid', 'a.agent.invalid'])
    expect(local.isOwnHost(host, true), host).toBe(false)
})
