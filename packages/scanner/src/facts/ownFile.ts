import type { Facts } from '../Fact.ts'
import type { View } from '../View.ts'

/** Programs that a file may come from elsewhere by. */
const BRINGS = /^(?:curl|wget|aria2c|scp|rsync|git|base64|openssl|tar|unzip|invoke-webrequest|iwr)$/

/** The last part of a path, with its case: `/srv/Setup.sh` is `Setup.sh`. */
export function lastPart(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? ''
}

/** The text of the file that the package itself brings, by the last part of a path; null where a step of it may fetch one of that name. */
export function ownFileText(path: string, views: readonly View[], facts: Facts): string | null {
  const name = lastPart(path)
  const matches = views.filter(
    (view) =>
      view.name !== 'hidden' &&
      view.name !== 'decoded' &&
      view.holder !== 'inline' &&
      (view.file === name || view.file.endsWith(`/${name}`)),
  )
  if (name.length < 2 || new Set(matches.map((view) => view.file)).size !== 1) return null
  if (facts.command.some((each) => BRINGS.test(each.program) && each.text.includes(name))) return null
  return matches.map((view) => view.text).join('\n')
}

/** Whether a path names a file that the package itself brings. */
export function isOwnFile(path: string, views: readonly View[], facts: Facts): boolean {
  return ownFileText(path, views, facts) !== null
}
