import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { PDF_PREFIX } from '../documents/Document.ts'
import type { AppFault } from './AppFault.ts'
import type { AppSource } from './readApp.ts'

/** The most files of an app, and bytes of one and of all. */
const MAX_FILES = 500
const MAX_FILE_BYTES = 4 * 1024 * 1024
const MAX_BYTES = 32 * 1024 * 1024

/**
 * Reads the files of an app from its folder. Links are refused: what they lead to is outside of the folder, or may be
 * tomorrow.
 */
export function loadFolder(dir: string): AppSource | { readonly faults: readonly AppFault[] } {
  const files = new Map<string, string>()
  const folders: string[] = []
  const faults: AppFault[] = []
  let bytes = 0
  const refuse = (file: string, message: string, help: string): void => {
    faults.push({ file, line: 1, column: 1, message, help })
  }
  const walk = (below: string): void => {
    for (const name of readdirSync(join(dir, below)).toSorted()) {
      if (name.startsWith('.') || name === 'node_modules') continue
      const path = below === '' ? name : `${below}/${name}`
      const stat = lstatSync(join(dir, path))
      if (stat.isSymbolicLink()) refuse(path, 'The file is a link.', 'Put the file itself into the folder of the app.')
      else if (stat.isDirectory()) {
        folders.push(path)
        walk(path)
      } else if (!stat.isFile()) refuse(path, 'It is neither a file nor a folder.', 'Take it out of the folder.')
      else if (stat.size > MAX_FILE_BYTES) refuse(path, `The file is larger than ${MAX_FILE_BYTES} bytes.`, 'Split it.')
      else {
        bytes += stat.size
        if (files.size >= MAX_FILES || bytes > MAX_BYTES) {
          refuse(
            path,
            `An app has at most ${MAX_FILES} files and ${MAX_BYTES} bytes.`,
            'Take out what it does not need.',
          )
          return
        }
        const content = readFileSync(join(dir, path))
        files.set(path, /\.pdf$/i.test(path) ? PDF_PREFIX + content.toString('base64') : textOf(content))
      }
    }
  }
  try {
    walk('')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (code === '') throw error
    refuse('app.yaml', `The folder cannot be read (${code}).`, 'Check that it is there, and who may read it.')
  }
  return faults.length > 0 ? { faults } : { name: basename(resolve(dir)), files, folders, by: 'operator' }
}

/** What is no text counts for the version of the app by its digest. */
function textOf(content: Buffer): string {
  const text = content.toString('utf8')
  return Buffer.from(text, 'utf8').equals(content)
    ? text.replace(/^\u{feff}/u, '')
    : `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** The folders of apps below a folder, by name. */
export function appFoldersIn(dir: string): readonly string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map((entry) => entry.name)
    .toSorted()
}
