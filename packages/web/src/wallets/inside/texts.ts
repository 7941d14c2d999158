import { frame as german } from '../../text/frame.de.ts'
import { frame as english, type Frame } from '../../text/frame.en.ts'

/** The texts of the frame: it is told the language when it is opened, and keeps it. */
export function textsIn(language: string): Frame {
  return language === 'de' ? german : english
}
