import { expect, test } from 'vitest'
import { plainEnv } from './plainEnv.ts'

test('promise: a program beside this one sees no name that is not on the list, whatever it is called', () => {
  const secrets = ['DATABASE_URL', 'STRIPE_SECRET', 'AWS_ACCESS_KEY_ID', 'COUNTERSIGN_MASTER_KEY', 'npm_config__auth']
  const settings = ['ANVIL_IP_ADDR', 'FOUNDRY_PROFILE', 'ETH_RPC_URL', 'NODE_OPTIONS']
  const kept = { PATH: '/bin', Path: 'C:\\bin', LC_ALL: 'C', https_proxy: 'http://proxy.invalid', TZ: 'UTC' }
  const env = { ...Object.fromEntries([...secrets, ...settings].map((name) => [name, 'x'])), ...kept }
  expect(plainEnv(env)).toEqual(kept)
  expect(plainEnv(env, ['NODE_OPTIONS'])).toEqual({ ...kept, NODE_OPTIONS: 'x' })
})
