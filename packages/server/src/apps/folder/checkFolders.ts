import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { AppFault } from './AppFault.ts'
import { appFoldersIn, loadFolder } from './loadFolder.ts'
import { readApp, type Offered, type ReadApp } from './readApp.ts'

export interface Checked {
  /** By folder; a folder with a fault has none. */
  readonly apps: readonly (ReadApp & {
    /** What stands before the names of its files: empty, or its folder. */
    readonly at: string
  })[]
  readonly faults: readonly AppFault[]
}

/** Reads one app's folder, or every app's folder below it. Files are named from the given folder on. */
export function checkFolders(dir: string, offered: Offered): Checked {
  if (!existsSync(dir)) {
    const help = 'Correct the path, or run `countersign app init`.'
    return { apps: [], faults: [{ file: '.', line: 1, column: 1, message: 'The folder does not exist.', help }] }
  }
  if (existsSync(join(dir, 'app.yaml'))) return checkOne(dir, '', offered)
  const names = appFoldersIn(dir)
  if (names.length === 0) {
    const help = 'Add a folder with app.yaml, or run `countersign app init`.'
    return { apps: [], faults: [{ file: '.', line: 1, column: 1, message: 'No folder of an app is here.', help }] }
  }
  const checked = names.map((name) => checkOne(join(dir, name), `${name}/`, offered))
  return { apps: checked.flatMap(({ apps }) => apps), faults: checked.flatMap(({ faults }) => faults) }
}

function checkOne(dir: string, prefix: string, offered: Offered): Checked {
  const named = (fault: AppFault): AppFault => ({ ...fault, file: `${prefix}${fault.file}` })
  const source = loadFolder(dir)
  const read = 'faults' in source ? source : readApp(source, offered)
  if ('faults' in read) return { apps: [], faults: read.faults.map(named) }
  return { apps: [{ ...read, at: prefix, warnings: read.warnings.map(named) }], faults: [] }
}
