import { Address } from '@countersign/base'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator, parseCall, requestOf, spawnAnvil, type AnvilProcess, type Simulator } from '../../index.ts'

const account = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
const CODE = '0x000000000022D473030F116dDEE9F6B43aC78BA3'
let anvil: AnvilProcess
let simulator: Simulator
beforeAll(async () => {
  anvil = await spawnAnvil({ args: [] })
  simulator = await createSimulator({ chainId: 31337, rpcUrls: [anvil.url] })
})
afterAll(async () => {
  await simulator.close()
  await anvil.close()
})

/** What the rule says of one authorization of an account that sends it itself. */
async function saidOf(
  terms: { readonly nonce: number; readonly chainId?: number },
  change: object = {},
): Promise<string> {
  const signed = await account.signAuthorization({ chainId: 31337, address: CODE, ...terms })
  const authorization = {
    ...{ chain_id: String(signed.chainId), address: signed.address, nonce: String(signed.nonce) },
    ...{ y_parity: signed.yParity, r: signed.r, s: signed.s, ...change },
  }
  const report = await simulator.simulate(
    requestOf({
      ...{
        signature: null,
        chainId: 31337,
        from: Address.parse(account.address),
        block: 'latest',
        known: [],
        intent: null,
      },
      calls: [parseCall({ to: account.address, value: '0', authorization_list: [authorization] }, '--tx')],
    }),
  )
  return report.findings.find(({ rule }) => rule === 'authorization-skipped')?.because ?? ''
}

test('names the authorizations that the chain would pass over, and no other', async () => {
  expect(await saidOf({ nonce: 1 })).toBe('')
  expect(await saidOf({ nonce: 0 })).toMatch(
    new RegExp(`it is signed by ${account.address} for nonce 0, and the nonce is 1`),
  )
  expect(await saidOf({ nonce: 1, chainId: 1 })).toContain('it is for chain 1')
  expect(await saidOf({ nonce: 1 }, { s: `0x${'f'.repeat(64)}` })).toContain('its signature is not valid')
})
