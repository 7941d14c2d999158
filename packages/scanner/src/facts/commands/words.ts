import type { Path } from '../../Fact.ts'
import { merge, type Taint } from '../flow/Taint.ts'
import type { Word } from '../languages/shell/Script.ts'
import { isSecretName, isWalletName, looksLikePath, whatIsAt } from '../places.ts'
import type { Call, Engine } from './Command.ts'

/** What an option hands to the network: its text, and the files that `@` or the option itself names. */
export function sentBy(value: Word, use: 'sends' | 'sends-file', input: Taint, engine: Engine): Taint {
  const sent = engine.wordTaint(value)
  const file = use === 'sends-file' ? value.text : (/[@<]([^;,"']+)/.exec(value.text)?.[1] ?? '')
  if (file === '-' || file === '/dev/stdin') merge(sent, input)
  else if (file !== '' && (use === 'sends-file' || !/\s/.test(file.slice(0, 80)))) {
    const taint = engine.fileTaint(file)
    if (taint.size === 0) taint.set('file', file)
    merge(sent, taint)
  }
  for (const name of secretNamesIn(value.text)) sent.set(isWalletName(name) ? 'wallet' : 'secret', `$${name}`)
  return sent
}

export function secretNamesIn(text: string): string[] {
  if (!text.includes('$')) return []
  return [...text.matchAll(/\$\{?([A-Z_]\w{2,60})/g)].map((match) => match[1] ?? '').filter(isSecretName)
}

export function urlOf(operands: readonly string[]): string {
  return operands.find((each) => /^[a-z]{2,6}:\/\/|^[\w-]+(?:\.[\w-]+)+\/|^\$/.test(each)) ?? operands.at(-1) ?? ''
}

/** Notes the paths that a command's words name, where something lives there. */
export function readPaths(call: Call, engine: Engine, access: Path['access'] = 'read'): void {
  for (const file of call.own)
    if (!file.startsWith('-') && looksLikePath(file) && (whatIsAt(file) !== 'other' || access !== 'read'))
      engine.path(file, access)
}
