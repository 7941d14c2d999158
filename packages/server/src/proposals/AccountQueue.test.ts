import { Address } from '@countersign/base'
import { expect, test } from 'vitest'
import { AccountQueue } from './AccountQueue.ts'

const ALICE = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const BOB = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

/** Eight at once at a budget for three: each looks, waits as a simulation does, and then takes its share. */
async function passed(run: (work: () => Promise<boolean>) => Promise<boolean>): Promise<number> {
  let left = 3
  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      run(async () => {
        const isEnough = left > 0
        await moment()
        if (isEnough) left -= 1
        return isEnough
      }),
    ),
  )
  return answers.filter(Boolean).length
}

test('promise: of eight at once at a budget for three, three pass; without the queue all eight do', async () => {
  const queue = new AccountQueue()
  expect(await passed((work) => queue.run({ chainId: 1, account: ALICE }, work))).toBe(3)
  expect(await passed((work) => work())).toBe(8)
})

test('promise: keeps the order in which they came, and goes on after one that failed', async () => {
  const queue = new AccountQueue()
  const order: number[] = []
  const results = await Promise.allSettled(
    [0, 1, 2, 3, 4].map((i) =>
      queue.run({ chainId: 1, account: ALICE }, async () => {
        order.push(i)
        await moment()
        if (i === 2) throw new Error('no')
        return i
      }),
    ),
  )
  expect(order).toEqual([0, 1, 2, 3, 4])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
})

test('promise: other accounts, and the same account on another chain, wait for nobody', async () => {
  const queue = new AccountQueue()
  let release = (): void => undefined
  const held = queue.run({ chainId: 1, account: ALICE }, () => new Promise<void>((resolve) => (release = resolve)))
  expect(await queue.run({ chainId: 1, account: BOB }, async () => 'bob')).toBe('bob')
  expect(await queue.run({ chainId: 2, account: ALICE }, async () => 'elsewhere')).toBe('elsewhere')
  release()
  await held
})

test('promise: turns away what waits behind 64 others, and takes more once they are done', async () => {
  const queue = new AccountQueue()
  let release = (): void => undefined
  const account = { chainId: 1, account: ALICE }
  const running = [queue.run(account, () => new Promise<void>((resolve) => (release = resolve)))]
  for (let i = 1; i < 64; i += 1) running.push(queue.run(account, moment))
  await expect(queue.run(account, moment)).rejects.toMatchObject({
    code: 'proposals:account:busy',
    kind: 'unavailable',
  })
  release()
  await Promise.all(running)
  await queue.run(account, moment)
})
