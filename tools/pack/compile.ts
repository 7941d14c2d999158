/** Compiles one library into the folder it is packed from: JavaScript, declarations, data, README, LICENSE, package.json. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { built, LIBRARIES, manifestOf, ROOT, STAGE, type Library, type SourceManifest } from './Package.ts'

const run = promisify(execFile)
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')

export async function compile(library: Library): Promise<string> {
  const { folder } = library
  const source = join(ROOT, 'packages', folder)
  const stage = join(STAGE, folder)
  const dist = join(stage, 'dist')
  rmSync(stage, { recursive: true, force: true })
  mkdirSync(dist, { recursive: true })
  const manifest = manifestOf(folder)
  const entries = published(manifest)
  const config = join(STAGE, `tsconfig.${folder}.json`)
  writeFileSync(config, JSON.stringify(configOf(library, { source, dist, entries: Object.values(entries) })))
  try {
    await run(process.execPath, [TSC, '-p', config], { cwd: ROOT })
  } catch (error) {
    throw new Error(`${folder} does not compile:\n${(error as { stdout?: string }).stdout ?? ''}`, { cause: error })
  }
  for (const data of library.data)
    cpSync(join(source, 'src', data), join(dist, data), { recursive: true, filter: isData })
  if (folder === 'scanner') await writePacked(dist)
  finish(stage, publishedManifest(library, manifest, entries))
  refuseUndeclared(dist, manifest)
  return stage
}

/**
 * What a package offers, by name: paths in its sources. What lies beside `src` (the catalogue, journeys, variants) is for tests
 * and benches of this repository.
 */
function published({ exports }: SourceManifest): Record<string, string> {
  return Object.fromEntries(Object.entries(exports).filter(([, path]) => path.startsWith('./src/')))
}

/**
 * Only what the entries reach is compiled: no test, case or fixture can slip in. Packages before this one are seen as
 * they are published, by their declarations.
 */
function configOf(
  { folder, started }: Library,
  { source, dist, entries }: { source: string; dist: string; entries: readonly string[] },
): object {
  const before = LIBRARIES.slice(
    0,
    LIBRARIES.findIndex((each) => each.folder === folder),
  )
  const paths = before.flatMap((each) =>
    Object.entries(published(manifestOf(each.folder))).map(([name, path]) => [
      `@countersign/${each.folder}${name.slice(1)}`,
      [join(STAGE, each.folder, built(path, '.d.ts'))],
    ]),
  )
  return {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      // What does not compile writes nothing: with a file beside src it would write beside src.
      noEmitOnError: true,
      allowImportingTsExtensions: false,
      declaration: true,
      rootDir: join(source, 'src'),
      outDir: dist,
      typeRoots: [join(ROOT, 'node_modules', '@types')],
      paths: Object.fromEntries(paths),
    },
    files: [...entries.map((path) => join(source, path)), ...started.map((path) => join(source, 'src', path))],
    include: [],
  }
}

/** The manifest that is published; written here, never by hand. */
function publishedManifest(library: Library, manifest: SourceManifest, entries: Record<string, string>): object {
  const exports = Object.fromEntries(
    Object.entries(entries).map(([name, path]) => [name, { types: built(path, '.d.ts'), default: built(path, '.js') }]),
  )
  const bin = Object.entries(manifest.bin ?? {}).map(([name, path]) => [name, built(path, '.js')])
  return {
    ...common(manifest, library),
    sideEffects: false,
    exports: { ...exports, './package.json': './package.json' },
    files: ['dist'],
    ...(bin.length === 0 ? {} : { bin: Object.fromEntries(bin) }),
    dependencies: manifest.dependencies ?? {},
    ...(manifest.peerDependencies === undefined
      ? {}
      : { peerDependencies: manifest.peerDependencies, peerDependenciesMeta: manifest.peerDependenciesMeta ?? {} }),
  }
}

/** The fields that every published manifest has. */
export function common(
  { name, version }: Pick<SourceManifest, 'name' | 'version'>,
  { about, node, keywords }: Pick<Library, 'about' | 'node' | 'keywords'>,
): object {
  return { name, version, description: about, license: 'Apache-2.0', keywords, type: 'module', engines: { node } }
}

/** Adds what lies in the root of every package. */
export function finish(stage: string, manifest: object): void {
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  cpSync(join(ROOT, 'LICENSE'), join(stage, 'LICENSE'))
  const folder = relative(STAGE, stage)
  cpSync(join(ROOT, 'packages', folder === 'countersign' ? 'cli' : folder, 'README.md'), join(stage, 'README.md'))
}

export function isData(path: string): boolean {
  return !/\.(?:ts|snap)$|(?:^|\/)README\.md$/.test(path)
}

/** The scanner's own facts about its sources, which a package does not hold. */
export async function writePacked(dist: string): Promise<void> {
  const { examplesOf } = await import('../../packages/scanner/src/explainRule.ts')
  const { RULES } = await import('../../packages/scanner/src/rules/index.ts')
  const { rulesDigest } = await import('../../packages/scanner/src/scan.ts')
  const examples = Object.fromEntries(RULES.map((rule) => [rule.name, examplesOf(rule)]))
  writeFileSync(join(dist, 'packed.json'), JSON.stringify({ rules_digest: rulesDigest(), examples }))
}

/** Everything that is imported must be declared, or it works here only. */
function refuseUndeclared(dist: string, manifest: SourceManifest): void {
  const declared = new Set(
    Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).concat(manifest.name),
  )
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(?:js|d\.ts)$/.test(name)) continue
    const text = readFileSync(join(dist, name), 'utf8')
    const imports = text.matchAll(
      /(?:^|\n)(?:import|export|\})[^'"\n]*\sfrom '([^'"]+)'|(?:^|\n)import '([^'"]+)'|\bimport\('([^'"]+)'\)/g,
    )
    for (const match of imports) {
      const spec = match[1] ?? match[2] ?? match[3] ?? ''
      if (spec.startsWith('.') || isBuiltin(spec)) continue
      const owner = spec
        .split('/')
        .slice(0, spec.startsWith('@') ? 2 : 1)
        .join('/')
      const types = `@types/${owner}`
      if (!declared.has(owner) && !declared.has(types))
        throw new Error(`${manifest.name}: dist/${name} imports ${spec}, which its package.json does not name.`)
    }
  }
}
