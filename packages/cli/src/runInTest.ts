import { run } from './main.ts'

/** For tests: runs a command in this process, and hands out its exit code and what it said. Nothing of our own environment reaches it. */
export async function runInTest(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  stdin = '',
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const said = { code: 0, out: '', err: '' }
  await run([...args], {
    out: (text) => (said.out += `${text}\n`),
    err: (text) => (said.err += `${text}\n`),
    exit: (code) => (said.code = code),
    env,
    stdin: (async function* () {
      yield stdin
    })(),
    columns: 100,
    color: false,
  })
  return said
}
