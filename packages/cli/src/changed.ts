import { execFileSync } from 'node:child_process'
import { relative, resolve, sep } from 'node:path'
import { UsageError } from './UsageError.ts'

/**
 * Files that differ from a base: committed since the merge base, changed or new in the working tree. Both names of what
 * was renamed. Paths are relative to `cwd`, with `/`.
 *
 * @param base - A commit, a branch or a tag.
 * @throws {UsageError} outside a repository, and for a base that is not there: nothing is skipped because of a typing
 * error or a clone that is too shallow.
 */
export function changedFiles({ base, cwd }: { base: string; cwd: string }): string[] {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'core.quotePath=off', '-c', 'core.fsmonitor=false', ...args], {
      cwd,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  let top: string
  try {
    top = git('rev-parse', '--show-toplevel').trimEnd()
  } catch {
    throw new UsageError(
      '--changed needs git and a repository, and there is none here.',
      'Run it inside the repository, or leave --changed out.',
    )
  }
  let from: string
  try {
    const commit = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${base}^{commit}`).trim()
    from = git('merge-base', commit, 'HEAD').trim()
  } catch {
    throw new UsageError(
      `The base ${base} cannot be compared with.`,
      'Give a branch or commit that this clone has (fetch-depth: 0 in CI).',
    )
  }
  const plain = ['--name-only', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none']
  const names = [
    ...git('diff', ...plain, from, '--').split('\0'),
    ...git('diff', '--cached', ...plain, from, '--').split('\0'),
    ...git('ls-files', '-z', '--others', '--exclude-standard', '--full-name', top).split('\0'),
  ].filter((name) => name !== '')
  const unique = [...new Set(names)].toSorted()
  return unique.map((name) => relative(cwd, resolve(top, name)).split(sep).join('/'))
}

/**
 * The skills that a change touches: those whose directory or whose linked files changed, and every copy of one of them,
 * because copies must stay alike.
 *
 * @param skills - Each skill's path and files, all as the report names them.
 */
export function touchedSkills(skills: ReadonlyMap<string, readonly string[]>, changed: readonly string[]): Set<string> {
  const isChanged = new Set(changed)
  const touched = new Set<string>()
  for (const [path, files] of skills) {
    const inside = path === '.' ? '' : `${path}/`
    if (
      files.some((file) => isChanged.has(file)) ||
      changed.some((file) => file.startsWith(inside) && !file.startsWith('../'))
    )
      touched.add(path)
  }
  const nameOf = (path: string): string => path.split('/').at(-1) ?? path
  const names = new Set([...touched].map(nameOf))
  for (const path of skills.keys()) if (names.has(nameOf(path))) touched.add(path)
  return touched
}
