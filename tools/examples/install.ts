import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pack } from '../pack/main.ts'
import { ROOT } from '../pack/Package.ts'

/** Where the examples and the commands that they use lie. */
export interface Installed {
  readonly examples: string
  /** `countersign`, as a file that Node runs. */
  readonly command: string
  /** `countersign-ows-policy`, as a file that Node runs. */
  readonly policyProgram: string
}

/** The examples where they stand, on the sources of this checkout. */
export const fromSources = (): Installed => ({
  examples: join(ROOT, 'examples'),
  command: join(ROOT, 'packages', 'cli', 'bin', 'countersign.mjs'),
  policyProgram: join(ROOT, 'packages', 'guard', 'src', 'owsPolicy.ts'),
})

/**
 * A copy of the examples in an empty folder, beside our packages as they are published: packed, and unpacked from their
 * tarballs. What other people publish is linked from this checkout, so that nothing is downloaded; that npm resolves our
 * packages from the registry's side is what `npm run pack:check` tries.
 */
export async function fromTarballs(folder: string): Promise<Installed> {
  const modules = join(folder, 'node_modules')
  mkdirSync(modules, { recursive: true })
  linkOthers(join(ROOT, 'node_modules'), modules)
  for (const tarball of await pack(join(folder, 'tarballs'))) unpack(tarball, folder)
  cpSync(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true })
  const binOf = (name: string, bin: string): string => {
    const at = join(modules, ...name.split('/'))
    const manifest = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as { bin: Record<string, string> }
    return join(at, manifest.bin[bin] ?? '')
  }
  return {
    examples: join(folder, 'examples'),
    command: binOf('countersign', 'countersign'),
    policyProgram: binOf('@countersign/guard', 'countersign-ows-policy'),
  }
}

/** Links every installed package that is not ours. */
function linkOthers(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    if (name.startsWith('.') || name === '@countersign' || name.startsWith('countersign')) continue
    if (!name.startsWith('@')) {
      symlinkSync(join(from, name), join(to, name), 'dir')
      continue
    }
    mkdirSync(join(to, name))
    for (const inner of readdirSync(join(from, name)))
      symlinkSync(join(from, name, inner), join(to, name, inner), 'dir')
  }
}

function unpack(tarball: string, folder: string): void {
  const staging = join(folder, 'unpacked', basename(tarball))
  mkdirSync(staging, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', staging])
  const from = join(staging, 'package')
  const { name } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as { name: string }
  const to = join(folder, 'node_modules', ...name.split('/'))
  cpSync(from, to, { recursive: true })
  // A version of its own that npm placed inside the package of the workspace.
  const own = join(ROOT, 'packages', name.split('/').at(-1) === 'countersign' ? 'cli' : basename(to), 'node_modules')
  if (!existsSync(own)) return
  mkdirSync(join(to, 'node_modules'), { recursive: true })
  linkOthers(own, join(to, 'node_modules'))
}
