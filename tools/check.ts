/** `npm run check`: types, lint, format, generated pages, and what must never be in the tree. Everything is run; the first failure is not the last word. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
let failures = 0

function step(name: string, command: string[]): void {
  const [program = '', ...args] = command
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name}`)
  if (status !== 0) failures += 1
}

step('types', ['node_modules/.bin/tsc', '--noEmit'])
step('lint', ['node_modules/.bin/oxlint', '--type-aware', '--deny-warnings'])
step('lint rules that guard', ['node_modules/.bin/node', '--disable-warning=ExperimentalWarning', 'tools/lint/red.ts'])
step('regular expressions', ['node_modules/.bin/node', '--disable-warning=ExperimentalWarning', 'tools/regexes.ts'])
step('format', ['node_modules/.bin/prettier', '--check', '--log-level', 'warn', '.'])

step('licences', ['node_modules/.bin/node', '--disable-warning=ExperimentalWarning', 'tools/licences.ts', '--check'])
step('build of the pages', ['node_modules/.bin/node', 'tools/build-web.ts', '--if-stale'])
step('size of the pages', ['node_modules/.bin/node', 'tools/pageSize.ts'])
step('generated lists', ['node_modules/.bin/node', 'tools/lists.ts', '--check'])
step('generated pages', ['node_modules/.bin/node', 'tools/docs.ts', '--check'])

const REGISTRY = 'a registry host'
/** What may not be committed: another machine's paths, registry hosts, keys that open something. */
const FORBIDDEN: readonly [string, RegExp][] = [
  ['a path of one machine', /(?:^|[^\w.-])\/(?:work|root|home\/\w+)\//m],
  [REGISTRY, /registry\.(?:npmjs|yarnpkg)\.\w+/],
  ['an API key', /\bsk-[a-z0-9-]+-[0-9a-f]{48}\b/],
]
const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')
for (const file of files) {
  if (file === '' || /\.(?:png|webp)$/.test(file) || file === 'tools/check.ts') continue
  const text = readFileSync(join(root, file), 'utf8')
  for (const [what, pattern] of FORBIDDEN) {
    // Fixtures of lockfiles name the registry that a lockfile names.
    if (!pattern.test(text) || (what === REGISTRY && file.endsWith('.json'))) continue
    console.log(`FAIL ${file} holds ${what}`)
    failures += 1
  }
}
const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
if (/"resolved": "https?:/.test(lock)) {
  console.log('FAIL package-lock.json names a registry host')
  failures += 1
}
process.exit(failures === 0 ? 0 : 1)
