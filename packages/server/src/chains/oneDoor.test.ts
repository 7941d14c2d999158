import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..', '..', '..')

/** What reaches another host. */
const DOORS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['fetch', /(?<![\w.])fetch\(/],
  ['undici', /from 'undici'|import\('undici'\)/],
  ['node:http client', /\bhttps?\.(?:request|get)\(|import \{[^}]*\b(?:request|get)\b[^}]*\} from 'node:https?'/],
  ['viem client', /\bcreate(?:Public|Wallet|Test)?Client\(\{[^)]*transport/s],
  ['chain.rpc', /\bchain\.rpc\b/],
  ['one provider', /\bopenEndpoint\(/],
]

/** Files that may use a door, and why. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  // The one client.
  'packages/simulator/src/chain/rpc/openEndpoint.ts': ['undici', 'one provider'],
  'packages/simulator/src/chain/rpc/Provider.ts': ['one provider'],
  // Pushes an app to a Countersign server.
  'packages/cli/src/app.ts': ['fetch'],
  // Ask a Countersign server about mandates, and about documents of apps.
  'packages/cli/src/callApi.ts': ['fetch'],
  'packages/cli/src/documents.ts': ['fetch'],
  // Asks a Countersign server to simulate.
  'packages/cli/src/askServer.ts': ['node:http client'],
  // Asks a Countersign server which of its keys leaked.
  'packages/cli/src/keys.ts': ['fetch'],
  // Hands a tool call to a Countersign server.
  'packages/cli/src/mcp/remoteTools.ts': ['fetch'],
  // Hands JSON-RPC to a Countersign server.
  'packages/cli/src/rpc.ts': ['fetch'],
  // Downloads advisories from OSV, which says nothing of a chain.
  'packages/cli/src/scan/osv.ts': ['fetch'],
  // Calls the HTTP tools of an app, at origins that the operator fixed.
  'packages/server/src/tools/http/connect.ts': ['node:http client'],
  // Funds accounts of the built-in chain, which is ours.
  'packages/cli/src/demo.ts': ['viem client'],
  // The Bot API, which is no provider of a chain.
  'packages/server/src/telegram/createFetch.ts': ['fetch'],
}

const doorsIn = (source: string): string[] => DOORS.filter(([, pattern]) => pattern.test(source)).map(([name]) => name)

test('promise: no provider is asked outside of the one client', () => {
  const files = globSync('packages/{base,simulator,server,cli}/src/**/*.ts', { cwd: ROOT }).filter(
    // Cases of rules set the local chain up.
    (file) => !/\.test\.ts$|\/cases\.ts$/.test(file),
  )
  expect(files.length).toBeGreaterThan(200)
  const found = files.flatMap((file) => {
    const allowed = ALLOWED[file] ?? []
    return doorsIn(readFileSync(join(ROOT, file), 'utf8'))
      .filter((door) => !allowed.includes(door))
      .map((door) => `${file}: ${door}`)
  })
  expect(found).toEqual([])
})

test('each door is recognised', () => {
  for (const [name, line] of Object.entries({
    fetch: 'const answer = await fetch(url)',
    undici: "import { request } from 'undici'",
    'node:http client': "import { request } from 'node:http'",
    'viem client': 'createPublicClient({ chain, transport: http(url) })',
    'chain.rpc': "await chain.rpc('eth_call', [])",
    'one provider': 'const provider = openEndpoint({ url })',
  }))
    expect(doorsIn(line), name).toEqual([name])
  expect(doorsIn("this.fetch(); // prefetch(x)\nimport { createServer } from 'node:http'")).toEqual([])
})
