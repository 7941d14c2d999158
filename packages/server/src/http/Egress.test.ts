import { randomBytes } from 'node:crypto'
import { Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Egress, PIECE_BYTES, Pieces } from './Egress.ts'

test('promise: an answer arrives whole and in order, whatever blocks it is made of', async () => {
  const egress = new Egress()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 3 * PIECE_BYTES }), { maxLength: 8 }),
      fc.constantFrom('a', 'b'),
      async (lengths, caller) => {
        const blocks = lengths.map((length) => randomBytes(length))
        const received = await buffer(egress.open(caller, new Pieces(blocks)))
        expect(received.equals(Buffer.concat(blocks))).toBe(true)
      },
    ),
    { numRuns: 40 },
  )
})

test('promise: blocks are written as they are, never copied, and at most so much at once', async () => {
  const block = randomBytes(5 * PIECE_BYTES + 7)
  const pieces: Buffer[] = []
  for await (const piece of new Egress().open('a', new Pieces([block]))) pieces.push(piece as Buffer)
  expect(pieces.every((piece) => piece.buffer === block.buffer)).toBe(true)
  expect(Math.max(...pieces.map(({ length }) => length))).toBe(PIECE_BYTES)
})

test('promise: in one turn of the event loop all large answers together write two pieces, however many there are', async () => {
  const egress = new Egress()
  const block = Buffer.alloc(4 * PIECE_BYTES)
  let sinceTurn = 0
  let most = 0
  let isOver = false
  const turn = (): void => {
    most = Math.max(most, sinceTurn)
    sinceTurn = 0
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await Promise.all(
    Array.from({ length: 40 }, async (_, i) => {
      for await (const piece of egress.open(`caller ${i % 7}`, new Pieces([block])))
        sinceTurn += (piece as Buffer).length
    }),
  )
  isOver = true
  expect(most).toBeGreaterThan(0)
  // A turn of ours may see the writes of the two around it.
  expect(most).toBeLessThanOrEqual(2 * 2 * PIECE_BYTES)
})

test('promise: a caller with one answer does not wait for those of a caller with many', async () => {
  const egress = new Egress()
  const order: string[] = []
  const send = async (caller: string, pieces: number): Promise<void> => {
    await buffer(egress.open(caller, new Pieces([Buffer.alloc(pieces * PIECE_BYTES)])))
    order.push(caller)
  }
  const many = Array.from({ length: 30 }, () => send('many', 8))
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.all([...many, send('one', 8)])
  // Turn about, it has written its eight pieces when the other has written some eight of its 240.
  expect(order.indexOf('one')).toBeLessThan(3)
})

test('promise: a client that takes nothing is dropped, and holds up nobody meanwhile', async () => {
  const egress = new Egress({ stallMs: 30 })
  const stuck = egress.open('a', new Pieces([Buffer.alloc(10 * PIECE_BYTES)]))
  stuck.pipe(new Writable({ highWaterMark: 1, write: () => undefined }))
  const ended = finished(stuck).catch((error: unknown) => (error as Error).name)
  expect((await buffer(egress.open('a', new Pieces([Buffer.alloc(3 * PIECE_BYTES)])))).length).toBe(3 * PIECE_BYTES)
  expect(await ended).toBe('http.AnswerNotTakenError')
})

test('promise: an answer whose client has gone writes nothing more', async () => {
  const egress = new Egress()
  const answer = egress.open('a', new Pieces([Buffer.alloc(10 * PIECE_BYTES)]))
  let taken = 0
  for await (const piece of answer) {
    taken += (piece as Buffer).length
    break
  }
  expect(answer.destroyed).toBe(true)
  await buffer(egress.open('a', new Pieces([Buffer.alloc(2 * PIECE_BYTES)])))
  expect(taken).toBe(PIECE_BYTES)
})
