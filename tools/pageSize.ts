/**
 * `node tools/pageSize.ts`: fails when what a page loads before anything is pressed is over its budget. Sizes are of
 * gzip at level 9, in kB of 1,000 bytes. The pages are those that `tools/build-web.ts` built.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const dist = join(import.meta.dirname, '..', 'packages/web/dist')
/** By page: what it may load first. The page that people sign on has the code of wallets in it. */
const BUDGETS = [
  { page: 'index.html', scriptKb: 160, styleKb: 10 },
  { page: 'admin.html', scriptKb: 120, styleKb: 10 },
] as const

let failures = 0
for (const { page, scriptKb, styleKb } of BUDGETS) {
  const path = join(dist, page)
  if (!existsSync(path)) {
    console.log(`FAIL ${page} was not built. Run: node tools/build-web.ts`)
    failures += 1
    continue
  }
  const html = readFileSync(path, 'utf8')
  const files = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(js|css))"/g)]
  for (const [kind, limitKb] of [
    ['js', scriptKb],
    ['css', styleKb],
  ] as const) {
    const names = files.flatMap(([, name = '', ending]) => (ending === kind ? [name] : []))
    const kb =
      names.reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, name)), { level: 9 }).length, 0) / 1_000
    // A page whose scripts are not found would pass any budget.
    const isOver = kb > limitKb || names.length === 0
    console.log(`${isOver ? 'FAIL' : 'ok  '} ${page} first ${kind}: ${kb.toFixed(1)} kB of ${limitKb} kB`)
    if (isOver) failures += 1
  }
}
process.exit(failures === 0 ? 0 : 1)
