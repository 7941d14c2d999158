import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock, type Address } from '@countersign/base'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { OWNER } from '../../../lab/mandates/randomPolicies.ts'
import { VOCABULARY } from '../../../lab/mandates/samples.ts'
import { openStore, type Store } from '../../store/openStore.ts'
import type { Policy } from '../policy/Policy.ts'
import { parsePolicy } from '../policy/readPolicy.ts'
import { freezeMandates, proposeUnfreeze, unfreezeMandate } from './changeState.ts'
import { grantMandate, putMandate, type MandateTools, type Put } from './putMandate.ts'

/** A contract at the owner's address on these chains says yes; on others another one is there, or none. */
let saysYes: readonly number[] = []
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-grant-'))
let store: Store
let tools: MandateTools
let count = 0
let app = ''

beforeAll(async () => {
  store = await openStore({ clock: Clock.system }, { dataDir, env: {} })
  tools = {
    ...{ store, clock: Clock.system, audit: (async () => {}) as never, ledgerTime: async () => Date.now() },
    isSigned: async ({ chainId }) => saysYes.includes(chainId),
  }
})
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})
beforeEach(() => {
  app = `shop${(count += 1)}`
  saysYes = []
})

const policyOn = (chains: readonly number[], cap = '100'): Policy =>
  parsePolicy(
    JSON.stringify({
      ...{ mandate: 'rent', owner: OWNER, chains },
      valid: { until: new Date(Date.now() + 86_400_000).toISOString() },
      rules: [{ id: 'pay', answer: 'allow', when: { tokens: ['USDC'] } }],
      limits: [{ id: 'l', token: 'USDC', per_day: cap }],
    }),
    { format: 'json', vocabulary: VOCABULARY },
  )
const owner = OWNER as Address.Address
const put = (policy: Policy): Promise<Put> => putMandate(tools, { app, owner, policy, expected: null })
const grant = async (policy: Policy) => {
  const made = await put(policy)
  if (made.kind !== 'draft') throw new TypeError('It was put in force.')
  return grantMandate(tools, { app, draft: { id: made.draft }, signature: '0x01' })
}
const refusal = { code: 'mandates:signature:wrong' }

describe('promise: a contract owns a mandate only where it says so on every chain of it', () => {
  test('a stranger’s contract at the address on one of the chains grants nothing', async () => {
    saysYes = [1]
    await expect(grant(policyOn([1, 56]))).rejects.toMatchObject(refusal)
    saysYes = [56]
    await expect(grant(policyOn([1, 56]))).rejects.toMatchObject(refusal)
    saysYes = [1, 56]
    expect(await grant(policyOn([1, 56]))).toMatchObject({ version: 1, state: 'active' })
  })

  test('nor does it take the place of a mandate on another chain', async () => {
    saysYes = [56]
    await grant(policyOn([56]))
    saysYes = [1]
    await expect(grant(policyOn([1], '999'))).rejects.toMatchObject(refusal)
  })

  test('nor does it unfreeze one', async () => {
    saysYes = [1, 56]
    const { id } = await grant(policyOn([1, 56]))
    await freezeMandates(tools, { subject: { mandate: id, app }, because: 'by hand' })
    const { draft } = await proposeUnfreeze(tools, { id })
    saysYes = [1]
    await expect(unfreezeMandate(tools, { id, draft, signature: '0x01' })).rejects.toMatchObject(refusal)
    saysYes = [1, 56]
    expect(await unfreezeMandate(tools, { id, draft, signature: '0x01' })).toMatchObject({ state: 'active' })
  })
})
