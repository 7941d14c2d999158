/**
 * A process that `WarmTests.ts` starts: it keeps vitest ready and runs the promises of one test file for each line of its input.
 * It answers a line with whether all of them held. What a mutant does to a run ends with this process.
 */
import { createInterface } from 'node:readline'
import { createVitest } from 'vitest/node'

process.env['CI'] = '1'
const vitest = await createVitest(
  'test',
  { watch: false, reporters: [{}], maxWorkers: 1, testNamePattern: 'promise:', testTimeout: 120_000 },
  {},
  { stdout: process.stderr, stderr: process.stderr },
)
// What was put back since is read again as well.
const touched = new Set<string>()
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const { test, source } = JSON.parse(line) as { test: string; source: string }
  touched.add(source)
  for (const file of touched) vitest.invalidateFile(file)
  const specifications = (await vitest.globTestSpecifications([test])).slice(0, 1)
  // It would give the modules of earlier runs as well.
  vitest.state.filesMap.clear()
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications)
  const modules = testModules.filter(({ moduleId }) => moduleId === test)
  const isHeld = modules.length > 0 && modules.every((module) => module.ok()) && unhandledErrors.length === 0
  console.log(isHeld ? 'held' : 'broken')
}
process.exit(0)
