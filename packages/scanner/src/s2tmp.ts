import { readerFor } from './supply/readSupply.ts'
import { readBuildScript } from './supply/parse/scripts.ts'
import { readScriptHeader } from './supply/parse/python.ts'
import { readCommand } from './supply/parse/commands.ts'
const MB = 1 << 20
const rep = (s: string) => s.repeat(Math.ceil(MB / s.length)).slice(0, MB)
const cases: [string, string][] = [
  ['requirements.txt', rep('a')], ['requirements.txt', rep('a==1 \\\n')], ['requirements.txt', rep('a==1\n')], ['requirements.txt', rep(' ')], ['requirements.txt', 'a' + rep('>=1 ')],['requirements.txt', rep('git+')],
  ['package.json', rep('[')], ['package.json', '{"dependencies":{' + Array.from({length: 30000}, (_, i) => `"pkg-${i}":"^1"`).join() + '}}'], ['package.json', '{"dependencies":' + rep('{"a":')], ['package.json', '"' + rep('\\"')],
  ['package-lock.json', '{"packages":{' + Array.from({length: 12000}, (_, i) => `"node_modules/pkg-${i}":{"version":"1.0.0","resolved":"https://a.invalid/x.tgz"}`).join() + '}}'],
  ['yarn.lock', rep('"')], ['yarn.lock', rep('a@1:\n  version "1"\n')], ['yarn.lock', rep('@a')], ['pnpm-lock.yaml', 'packages:\n' + rep('  a@1:\n')],
  ['Cargo.toml', rep('[')], ['Cargo.toml', 'a = ' + rep('[')], ['Cargo.toml', '[dependencies]\n' + Array.from({length: 30000}, (_, i) => `pkg-${i} = "1"`).join('\n')],
  ['Cargo.lock', Array.from({length: 9000}, (_, i) => `[[package]]\nname = "pkg-${i}"\nversion = "1.0.0"\nsource = "registry+x"\n`).join('\n')],
  ['pyproject.toml', '[project]\ndependencies = [' + Array.from({length: 30000}, (_, i) => `"pkg-${i}"`).join() + ']'],
  ['Dockerfile', rep('FROM a\n')], ['Dockerfile', rep('RUN a \\\n')], ['Dockerfile', 'FROM a\nRUN ' + rep('curl ')], ['Dockerfile', 'FROM a\nENV ' + rep('A=$B ')], ['Dockerfile', rep('\\')], ['Dockerfile', 'FROM ' + rep('${A:-')],['Dockerfile', rep('\n')],['Dockerfile', rep('# x\n')],['Dockerfile', rep('FROM a AS b\nCOPY --from=c x y\n')],
  ['compose.yml', rep('- ')], ['compose.yml', rep('a: &a\n ')], ['compose.yml', 'services:\n' + Array.from({length: 20000}, (_, i) => ` s${i}:\n  image: a\n`).join('')], ['compose.yml', 'a: &a [x,x]\n' + Array.from({length: 20000}, (_, i) => `b${i}: [*a,*a]\n`).join('')], ['compose.yml', rep('{')], ['compose.yml', rep('"')],
  ['.npmrc', rep('registry=')], ['pip.conf', rep('index-url=')], ['.mcp.json', '{"mcpServers":{' + Array.from({length: 20000}, (_, i) => `"s${i}":{"command":"npx","args":["pkg-${i}"]}`).join() + '}}'],
  ['setup.py', rep('import ')], ['x.pth', rep('import')], ['build.rs', rep('//')],
]
for (const [name, text] of cases) { const r = readerFor(name) ?? readBuildScript; const t = performance.now(); let n: any = 0; try { const s = r(name, text); n = s.dependencies.length + '/' + s.problems.length } catch (e) { n = 'THROWS ' + (e as Error).name } const ms = performance.now() - t; if (ms > 80 || String(n).startsWith('T')) console.log(name, JSON.stringify(text.slice(0, 24)), n, ms.toFixed(0), 'ms') }
const t2 = performance.now(); readScriptHeader('x.py', rep('# /// script\n')); console.log('pep723', (performance.now() - t2).toFixed(0))
const t3 = performance.now(); readCommand({ program: 'npm', args: ['install', ...Array.from({length: 100000}, (_, i) => 'a' + i)], file: 'x', line: 1, text: rep('npm ') }); console.log('npm', (performance.now() - t3).toFixed(0))
