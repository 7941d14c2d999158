/** `guard deploy`, `explain`, and the options of `simulate --enforce`, which need no chain. */
import { GUARD, GUARD_DEPLOYMENT, encodeBounds, guardBatch, accountBatch } from '@countersign/simulator'
import type { Address } from '@countersign/base'
import { expect, test } from 'vitest'
import { runInTest } from './runInTest.ts'

const ACCOUNT = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266' as Address.Address
const FRIEND = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' as Address.Address
const bound = { source: 'balance', op: 'falls_at_most', target: ACCOUNT, data: null, word: 0, value: 0n } as const
const calls = guardBatch({
  calls: [{ to: FRIEND, value: 0n, data: '0x' }],
  conditions: [{ source: 'gas_price', op: 'at_most', target: null, data: null, word: 0, value: 7n }],
  bounds: [bound],
})

test('guard deploy prints the transaction, the address and the code hash', async () => {
  const { code, out } = await runInTest(['guard', 'deploy', '--chain', '1', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(out)).toEqual({ ...GUARD_DEPLOYMENT, address: GUARD.address, code_hash: GUARD.codeHash })
})

test('guard deploy refuses a chain whose EVM is not modelled', async () => {
  const { code, err } = await runInTest(['guard', 'deploy', '--chain', '324'])
  expect([code, err]).toEqual([2, expect.stringContaining('not supported on ZKsync Era')])
})

test('explain reads the guard calls of a batch, and says whether it is enforced', async () => {
  const whole = await runInTest(['explain', accountBatch(ACCOUNT, calls).data])
  expect(whole.out.split('\n')).toEqual([
    'Enforced when executed: open is first, close is last, and one failing call reverts all.',
    'open: the conditions are judged now; the readings of the bounds are noted.',
    '  condition 0: The price of a unit of gas in wei is at most 7.',
    `  bound 0: The balance of ${ACCOUNT} in wei does not fall.`,
    'close: every bound is judged, or the batch reverts.',
    `  bound 0: The balance of ${ACCOUNT} in wei does not fall.`,
    '',
  ])
  const cut = await runInTest(['explain', accountBatch(ACCOUNT, calls.slice(0, -1)).data, '--json'])
  expect(JSON.parse(cut.out)).toMatchObject({ enforced: { holds: false } })
  const tryMode = accountBatch(ACCOUNT, calls).data.replace('e9ae5c530100', 'e9ae5c530101')
  expect(JSON.parse((await runInTest(['explain', tryMode, '--json'])).out)).toMatchObject({
    enforced: { holds: false },
  })
})

test('explain refuses bytes without guard calls, and malformed bounds', async () => {
  expect((await runInTest(['explain', '0x1234'])).code).toBe(2)
  expect(encodeBounds([bound])).toMatch(/^0x23/)
})

test('simulate explains a wrong kind of wallet', async () => {
  const rest = ['--from', ACCOUNT, '--tx', `{"to":"${FRIEND}"}`, '--rpc-url', 'http://127.0.0.1:1']
  const wrong = await runInTest(['simulate', ...rest, '--enforce', 'eoa'])
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('"eoa" is not a kind of wallet that batches.')])
  const alone = await runInTest(['simulate', ...rest, '--guard', FRIEND])
  expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('--guard is for --enforce.')])
})
