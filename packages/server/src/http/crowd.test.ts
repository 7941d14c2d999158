import { expect, test } from 'vitest'
import { createCrowd } from './crowd.ts'

test('thousands of streams have the heap collected sooner, and it is left alone again when they are gone', () => {
  const told: string[] = []
  const crowd = createCrowd({ tell: (flag) => told.push(flag) })
  for (let i = 0; i < 999; i += 1) crowd.enter()
  expect(told).toEqual([])
  crowd.enter()
  // One that comes and goes at the edge tells nothing anew that was not true.
  crowd.leave()
  expect(told).toEqual(['--heap-growing-percent=5'])
  for (let i = 0; i < 498; i += 1) crowd.leave()
  expect(told).toHaveLength(1)
  crowd.leave()
  expect(told).toEqual(['--heap-growing-percent=5', '--heap-growing-percent=0'])
})

test('V8 knows the flag', () => {
  const crowd = createCrowd()
  for (let i = 0; i < 1_000; i += 1) crowd.enter()
  for (let i = 0; i < 1_000; i += 1) crowd.leave()
})

test('promise: two servers in one process count together, and neither undoes what the other needs', () => {
  const told: string[] = []
  const tell = (flag: string): void => void told.push(flag)
  const [one, two] = [createCrowd({ tell }), createCrowd({ tell })]
  for (let i = 0; i < 1_200; i += 1) one.enter()
  for (let i = 0; i < 1_200; i += 1) two.enter()
  for (let i = 0; i < 1_200; i += 1) two.leave()
  // 1,200 are open still.
  expect(told).toEqual(['--heap-growing-percent=5'])
  for (let i = 0; i < 1_200; i += 1) one.leave()
  expect(told).toEqual(['--heap-growing-percent=5', '--heap-growing-percent=0'])
})

test('an operator’s own flag is left alone, however it is spelt', () => {
  for (const flag of ['--heap-growing-percent=20', '--heap_growing_percent=20', '--inspect --heap-growing-percent=1']) {
    const told: string[] = []
    const crowd = createCrowd({ tell: (each) => told.push(each), operatorFlags: [flag] })
    for (let i = 0; i < 1_000; i += 1) crowd.enter()
    for (let i = 0; i < 1_000; i += 1) crowd.leave()
    expect(told).toEqual([])
  }
})
