import type { Command } from '../../Fact.ts'
import { whyNotAlone } from './risks.ts'

/** Programs of Windows that show something to the person who sits there. */
const SHOWS = /^(?:msg(?:\.exe)?|notepad(?:\.exe)?|calc(?:\.exe)?|(?:outlook|winword|excel)(?:\.exe)?)$/i

/** Whether a task of Windows only opens or shows something: its program shows, and all its words are written out. */
export function isTameTask(command: Command, all: readonly Command[]): boolean {
  if (command.program === 'schtasks') {
    const at = command.args.findIndex((word) => /^[-/]tr$/i.test(word))
    return isShown(command.args[at + 1] ?? '') && !command.args.some((word) => /^[-/](?:ru|rp|s|u|xml)$/i.test(word))
  }
  if (command.program !== 'register-scheduledtask') return false
  const actions = all.filter((each) => each.file === command.file && each.text.includes('New-ScheduledTaskAction'))
  return (
    actions.length > 0 &&
    actions.every((each) => {
      const program = /-Execute\s+["']?([\w.-]+)["']?/i.exec(each.text)?.[1] ?? ''
      const words = /-Argument\s+["']([^"']*)["']/i.exec(each.text)?.[1] ?? ''
      return isShown(`${program} ${words}`)
    })
  )
}

function isShown(line: string): boolean {
  const [program = ''] = line.trim().split(/\s+/)
  return SHOWS.test(program) && !/[|&;<>`]|\$\(|\\\\/.test(line) && whyNotAlone(line) === null
}
