/** `npm run history [-- <pairs> [<seed>]]`: the law of no history over many pairs of requests, 1,000 unless told. */
import { compareHistories } from './histories.ts'
import { openWorld } from './openWorld.ts'

const wanted = Number(process.argv[2] ?? 1_000)
let seed = Number(process.argv[3] ?? 1_000)
const world = await openWorld()
let pairs = 0
let failures = 0
try {
  while (pairs < wanted) {
    const found = await compareHistories(world, { seed, scenes: 4, variantsEach: 3 })
    pairs += found.pairs
    failures += found.broken.length
    for (const { name, after, fields, fresh, used } of found.broken)
      console.log(`seed ${seed}: ${name} after ${after.join(', ')}: ${fields.join(', ')}\n  ${fresh}\n  ${used}`)
    console.log(`${pairs} pairs, ${failures} differences`)
    seed += 1
  }
} finally {
  await world.close()
}
process.exit(failures === 0 ? 0 : 1)
