import { expect, test } from 'vitest'
import * as OwnerMessage from './OwnerMessage.ts'
import type { Proposal, ProposalCall, State } from './Proposal.ts'

const STATUSES: readonly ProposalCall['status'][] = ['waiting', 'submitted', 'confirmed', 'mismatched']
const ENDS: readonly State[] = ['superseded', 'rejected', 'expired', 'mismatched', 'staged', 'blocked']

/** Every way in which the steps of a batch may stand. */
function* batches(length: number): Generator<ProposalCall['status'][]> {
  if (length === 0) return void (yield [])
  for (const rest of batches(length - 1)) for (const status of STATUSES) yield [...rest, status]
}
const proposal = (state: State, statuses: readonly ProposalCall['status'][]): Proposal =>
  ({
    state,
    reason: null,
    settlement: null,
    calls: statuses.map((status, i) => ({ status, txId: i + 1, step: i + 1, kind: 'call', data: '0x' })),
  }) as unknown as Proposal
const named = (text: string): number[] => [...text.matchAll(/tx-(\d+)/g)].map(([, id]) => Number(id))

test('promise: only steps that nobody signed are withdrawn, and what was signed is named as that', () => {
  for (const length of [1, 2, 3])
    for (const statuses of batches(length))
      for (const state of ENDS) {
        const told = OwnerMessage.moved(proposal(state, statuses), { source: 'pending', wasOffered: true })
        if (told === null) continue
        const where = `${state} ${statuses.join()}: ${told}`
        const of = (status: ProposalCall['status']) => statuses.flatMap((each, i) => (each === status ? [i + 1] : []))
        for (const [sentence = ''] of told.matchAll(/[^.]*\b(?:is|are) (?:withdrawn|blocked)\b[^.]*/g))
          if (of('waiting').length > 0) expect(named(sentence), where).toEqual(of('waiting'))
        if (told.includes('withdrawn') || told.includes('left to sign')) {
          for (const id of of('submitted')) expect(told, where).toMatch(new RegExp(`tx-${id}\\b.*signed before`))
          if (of('waiting').length === 0) expect(told, where).not.toContain('withdrawn')
        }
        if (statuses.some((status) => status !== 'waiting')) expect(told, where).not.toMatch(/Nothing of it was sent/)
      }
})

test('promise: a batch that ended half done, as its owner reads it', () => {
  const told = (state: State, statuses: readonly ProposalCall['status'][]) =>
    OwnerMessage.moved(proposal(state, statuses), { source: 'pending', wasOffered: true })
  expect([
    told('expired', ['confirmed', 'waiting']),
    told('rejected', ['submitted', 'waiting', 'waiting']),
    told('rejected', ['waiting']),
    told('superseded', ['waiting', 'waiting']),
    told('expired', ['submitted']),
  ]).toMatchInlineSnapshot(`
    [
      "tx-2 is withdrawn: not signed in time. tx-1 is on chain, the rest is not. How to go on follows in a moment.",
      "tx-2, tx-3 are withdrawn: rejected. tx-1 was signed before and is looked for on chain.",
      "tx-1 is withdrawn: rejected. Nothing of it was sent through here.",
      "tx-1, tx-2 are withdrawn: a newer proposal took their place.",
      "Nothing of tx-1 is left to sign: not signed in time. tx-1 was signed before and is looked for on chain.",
    ]
  `)
})

test('promise: what is on chain is told as that, with one verb for one step and another for several', () => {
  const settled = (statuses: readonly ProposalCall['status'][]) =>
    OwnerMessage.moved(
      {
        ...proposal('settled', statuses),
        kind: 'transactions',
        settlement: { block_number: '7' },
      } as unknown as Proposal,
      { source: 'submitted', wasOffered: true },
    )
  expect(settled(['confirmed'])).toBe('tx-1 is on chain, in block 7, exactly as shown.')
  expect(settled(['confirmed', 'confirmed'])).toBe('tx-1, tx-2 are on chain, in block 7, exactly as shown.')
  const told = (state: State, statuses: readonly ProposalCall['status'][], more: object = {}) =>
    OwnerMessage.moved({ ...proposal(state, statuses), ...more }, { source: 'pending', wasOffered: true, ...more })
  expect(told('rejected', ['waiting'], { wasOffered: false })).toBeNull()
  expect(told('superseded', ['waiting'])).toBe('tx-1 is withdrawn: a newer proposal took its place.')
  expect(told('rejected', ['submitted', 'submitted', 'waiting'])).toContain('were signed before and are looked for')
  expect(told('expired', ['confirmed', 'confirmed', 'waiting'])).toContain('tx-1, tx-2 are on chain, the rest is not.')
  expect(told('blocked', ['waiting', 'waiting'])).toContain('tx-1, tx-2 are blocked now:')
  expect(told('blocked', ['submitted', 'waiting'])).toContain('tx-2 is blocked now:')
  expect(told('blocked', ['submitted'])).toContain('tx-1 is blocked now:')
  expect(told('staged', ['waiting'])).toContain('tx-1 is withdrawn: the chain moved since it was shown.')
  expect(told('staged', ['waiting'], { source: 'simulating' })).toBeNull()
})

test('promise: after a confirmed step the next one is asked for, and without either nothing is', () => {
  const next = (statuses: readonly ProposalCall['status'][]) =>
    OwnerMessage.stepConfirmed(proposal('pending', statuses))
  expect(next(['confirmed', 'waiting'])).toBe('1 of 2 steps is on chain. Next to sign: tx-2.')
  expect(next(['confirmed', 'confirmed', 'waiting'])).toBe('2 of 3 steps are on chain. Next to sign: tx-3.')
  expect(next(['waiting', 'waiting'])).toBeNull()
  expect(next(['confirmed', 'submitted'])).toBeNull()
})
