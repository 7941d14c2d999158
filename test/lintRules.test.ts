import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('promise: every lint rule that guards refuses the file that breaks it', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join('tools', 'lint', 'red.ts')],
    { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' },
  )
  expect([status, stdout, stderr]).toEqual([0, '', ''])
})
