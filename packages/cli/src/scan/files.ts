import { readFileSync, writeFileSync } from 'node:fs'
import { UsageError } from '../UsageError.ts'

export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new UsageError(`The file ${path} cannot be read.`, 'Check the path.')
  }
}

export function writeText(path: string, data: string | Uint8Array): void {
  try {
    writeFileSync(path, data)
  } catch {
    throw new UsageError(`The file ${path} cannot be written.`, 'Check the path.')
  }
}
