/**
 * `npm run doors:samples`: the samples of `samples.json` through every door. Prints what each door says where it is not what is
 * expected, and the figures. Exits with 1 where a door differs from the expectation or from another door.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DOORS } from './doors.ts'
import type { Said } from './inProcess.ts'
import { openWorld } from './openWorld.ts'
import { isExpected, type Sample } from './Sample.ts'

const file = process.argv[2] ?? join(import.meta.dirname, 'samples.json')
const { cases, extra } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly cases: readonly Sample[]
  readonly extra: readonly Sample[]
}
const world = await openWorld()
try {
  for (const [name, samples] of Object.entries({ cases, extra })) await score(name, samples)
} finally {
  await world.close()
}

async function ask(door: string, sample: Sample): Promise<Said> {
  try {
    const owner = await world.newOwner()
    return (await DOORS[door]?.(world, owner, await world.requestOf(sample, owner))) ?? 'none'
  } catch (error) {
    return `error: ${(error as Error).message.slice(0, 200)}`
  }
}

async function score(name: string, samples: readonly Sample[]): Promise<void> {
  const right = new Map<string, [number, number]>()
  let same = 0
  // One collectible is handed from owner to owner, so those samples wait for each other. The others share the time in which
  // a door holds an answer open.
  const isAlone = ({ request }: Sample): boolean => JSON.stringify(request).includes('$NFT')
  const answers = new Map<string, Record<string, Said>>()
  const run = async (sample: Sample): Promise<void> => {
    const said: Record<string, Said> = {}
    for (const door of Object.keys(DOORS)) said[door] = await ask(door, sample)
    answers.set(sample.id, said)
  }
  const waiting = samples.filter((sample) => !isAlone(sample))
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(next)
    }),
  )
  for (const sample of samples.filter(isAlone)) await run(sample)
  for (const sample of samples) {
    const said = answers.get(sample.id) ?? {}
    const given = Object.entries(said).filter(([, each]) => each !== 'none')
    for (const [door, each] of given) {
      const [hits, all] = right.get(door) ?? [0, 0]
      right.set(door, [hits + (isExpected(each, sample.expect) ? 1 : 0), all + 1])
    }
    const isSame = new Set(given.map(([, each]) => each)).size === 1
    same += isSame ? 1 : 0
    if (isSame && given.every(([, each]) => isExpected(each, sample.expect))) continue
    process.exitCode = 1
    console.log(`${sample.id} (${sample.expect}): ${isSame ? given[0]?.[1] : JSON.stringify(said)}`)
  }
  console.log(`${name}: ${samples.length} samples, the same verdict through every door: ${same}`)
  for (const [door, [hits, all]] of right) console.log(`  ${door}: ${hits} of ${all} as expected`)
}
