import { expect, test } from 'vitest'
import { DEFAULT_APP } from '../apps/App.ts'
import { createOrigins } from './origins.ts'

const SHOP = 'https://shop.invalid'
const shop = { ...DEFAULT_APP, name: 'shop', origins: [SHOP] }
const apps = new Map([DEFAULT_APP, shop].map((app) => [app.name, app]))
const origins = (host: string, env: NodeJS.ProcessEnv = {}) =>
  createOrigins({ env, host, listening: () => 8_080, apps })

test('on loopback the pages of this machine may call, so that a widget can be developed; elsewhere none unnamed', () => {
  const local = origins('127.0.0.1')
  for (const origin of ['http://127.0.0.1:8080', 'http://localhost:8080', 'http://localhost:5173'])
    expect(local.isAllowed(origin, DEFAULT_APP), origin).toBe(true)
  const open = origins('0.0.0.0')
  expect(open.isAllowed('http://localhost:5173', DEFAULT_APP)).toBe(false)
  expect(open.own()).toEqual(['http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080'])
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

test('settings that are no origins are refused at start', () => {
  const env = { COUNTERSIGN_PUBLIC_ORIGIN: 'https://agent.invalid', COUNTERSIGN_CORS_ORIGINS: 'https://a.invalid' }
  expect(origins('0.0.0.0', env).own()[0]).toBe('https://agent.invalid')
  expect(origins('0.0.0.0', env).isAllowed('https://a.invalid', DEFAULT_APP)).toBe(true)
  for (const wrong of ['agent.invalid', 'https://agent.invalid/', '*', 'https://a.invalid, b'])
    expect(() => origins('0.0.0.0', { COUNTERSIGN_PUBLIC_ORIGIN: wrong }), wrong).toThrow(
      /holds something that is no origin/,
    )
})
