import type { Call, Command } from '../commands/Command.ts'
import type { Word } from '../languages/shell/Script.ts'

/** Parts options, their values and the other words of a command, by what the command's data says. */
export function readOptions(
  command: Command | undefined,
  args: readonly Word[],
): Pick<Call, 'operands' | 'options' | 'flags'> {
  const table = command?.options ?? {}
  const isOneDash = command?.isOneDash === true
  const useOf = (name: string) => (isOneDash ? table[name.toLowerCase()] : table[name])
  const operands: Word[] = []
  const options: Call['options'][number][] = []
  const flags: string[] = []
  let isOver = false
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at]
    if (word === undefined) break
    const { text } = word
    if (isOver || text === '-' || !text.startsWith('-')) {
      operands.push(word)
      continue
    }
    if (text === '--') {
      isOver = true
      continue
    }
    const whole = useOf(text)
    if (whole !== undefined) {
      const value = args[at + 1]
      if (value !== undefined) options.push({ name: text, value, use: whole })
      at += 1
      continue
    }
    const equals = text.indexOf('=')
    const named = equals > 0 ? useOf(text.slice(0, equals)) : undefined
    if (named !== undefined) {
      options.push({ name: text.slice(0, equals), value: { ...word, text: text.slice(equals + 1) }, use: named })
      continue
    }
    if (!isOneDash && !text.startsWith('--')) {
      // A cluster: `-so x`, `-ox`.
      const end = [...text].findIndex((char, i) => i > 0 && table[`-${char}`] !== undefined)
      if (end > 0) {
        const name = `-${text[end] ?? ''}`
        const use = table[name] ?? 'value'
        if (end > 1) flags.push(text.slice(0, end))
        const rest = text.slice(end + 1)
        const value = rest === '' ? args[at + 1] : { ...word, text: rest.replace(/^=/, '') }
        if (rest === '') at += 1
        if (value !== undefined) options.push({ name, value, use })
        continue
      }
    }
    flags.push(text)
  }
  return { operands, options, flags }
}
