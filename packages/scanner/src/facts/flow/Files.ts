import { isMemory, whatIsAt } from '../places.ts'
import { merge, type Taint } from './Taint.ts'

/**
 * What is known to be in files, and in directories, whose names end in a slash: where secrets live by nature, and what the package's own steps put somewhere. Names compare
 * with their case. One is shared by all files of a package, so that what one writes another can be seen to run.
 */
export class Files {
  readonly #written = new Map<string, Taint>()
  /** What other files of the package write, by name; only what comes from the network or a decoder crosses. */
  readonly #others: ReadonlyMap<string, Taint>
  #folder = ''

  constructor(others: ReadonlyMap<string, Taint> = new Map()) {
    this.#others = others
  }

  /** What is literally in files that these steps write. */
  readonly #texts = new Map<string, string>()

  textOf(path: string): string | null {
    return this.#texts.get(plain(path)) ?? null
  }

  say(path: string, text: string | null, isAdded: boolean): void {
    const before = isAdded ? (this.#texts.get(plain(path)) ?? '') : ''
    if (text === null || before.length + text.length > TEXT_CHARS_MAX) this.#texts.delete(plain(path))
    else this.#texts.set(plain(path), before + text)
  }

  get written(): ReadonlyMap<string, Taint> {
    return this.#written
  }

  set(path: string, taint: Taint): void {
    this.#written.set(plain(path), taint)
  }

  add(path: string, taint: Taint): void {
    const known: Taint = new Map(this.#written.get(path) ?? [])
    for (const [source, what] of taint) known.set(source, what)
    this.#written.set(path, known)
  }

  enter(path: string): void {
    const next = plain(path).replace(/\/$/, '')
    if (next === '..') this.#folder = this.#folder.slice(0, Math.max(0, this.#folder.lastIndexOf('/')))
    else
      this.#folder =
        next === '-' || /^[~/$]/.test(next) || this.#folder === '' ? next.replace(/^-$/, '') : `${this.#folder}/${next}`
  }

  /** What filled the directory that commands stand in. */
  here(): Taint {
    const found: Taint = new Map(this.#written.get('.') ?? [])
    if (this.#folder !== '') merge(found, this.taintOf(`${this.#folder}/.`))
    return found
  }

  /** What is in a program that is found by its name alone: it was put into a directory of programs. */
  onPath(program: string): Taint {
    const found: Taint = new Map()
    for (const [file, taint] of this.#written)
      if (file.endsWith(`bin/${program}`) || (file === program && /\.(?:exe|cmd|bat|ps1)$/i.test(file)))
        merge(found, taint)
    return found
  }

  /** What steps of the package put into a file, beside what lives there by nature. */
  writtenAt(path: string): Taint {
    const found: Taint = new Map()
    for (const files of [this.#written, this.#others])
      for (const [file, taint] of files) if (isSame(path, file)) merge(found, taint)
    return found
  }

  taintOf(path: string): Taint {
    const found: Taint = new Map()
    // All that was put into the directory that commands stand in, or into another.
    if (path === './*') {
      for (const [file, taint] of this.#written)
        if (this.#folder === '' ? !/^[~/$]/.test(file) : file === this.#folder || file.startsWith(`${this.#folder}/`))
          merge(found, taint)
      return found
    }
    if (path.endsWith('/*'))
      for (const [file, taint] of this.#written) if (file.startsWith(plain(path.slice(0, -1)))) merge(found, taint)
    const what = whatIsAt(path)
    if (what === 'wallet') found.set('wallet', path)
    else if (what === 'credential' || isMemory(path)) found.set('secret', path)
    else if (/\.(?:ba|z|fi)?sh_history$|\.python_history$/.test(path)) found.set('secret', path)
    else if (path === '/etc/passwd' || path === '/etc/hosts' || path === '/etc/resolv.conf') found.set('system', path)
    // What tools make in a directory was not fetched with it.
    const isBelow = this.#folder !== '' && !/^[~/$]|^(?:\.\/)?(?:\.?venv|node_modules)\//.test(path)
    const below = isBelow ? `${this.#folder}/${plain(path)}` : path
    for (const files of [this.#written, this.#others])
      for (const [file, taint] of files) if (isSame(path, file) || (isBelow && isSame(below, file))) merge(found, taint)
    return found
  }
}

/** Literal texts that are kept for a file. */
const TEXT_CHARS_MAX = 16_384

function plain(path: string): string {
  return path.replace(/^\.\//, '')
}

function isSame(path: string, file: string): boolean {
  if (path === '' || file === '') return false
  if (file.endsWith('/')) return path.startsWith(file) || path.includes(`/${file}`)
  return (
    path === file ||
    path.endsWith(`/${file}`) ||
    file.endsWith(`/${plain(path)}`) ||
    (file.length > 3 && path.startsWith(`${file}/`))
  )
}
