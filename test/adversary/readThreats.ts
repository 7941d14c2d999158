import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Kind, Threat } from './Threat.ts'

/** Every kind in `threats/`, in the order of the file names. The heading comes from the file name: `said-twice.ts` is "Said twice". */
export async function readThreats(): Promise<Kind[]> {
  const folder = join(import.meta.dirname, 'threats')
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
  return Promise.all(
    files.sort().map(async (file) => {
      const { threats } = (await import(join(folder, file))) as { threats: readonly Threat[] }
      const words = file.slice(0, -'.ts'.length).replaceAll('-', ' ')
      return { title: words.charAt(0).toUpperCase() + words.slice(1), threats }
    }),
  )
}
