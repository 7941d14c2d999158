import { YamlReader } from '@countersign/simulator/yaml'
import type { AppFault } from './AppFault.ts'

/** The text files of an app by their path below its folder, with `/` between the parts. */
export type AppFiles = ReadonlyMap<string, string>

/** One file of an app while it is read: its nodes, and its faults with their places. */
export class AppReader {
  readonly file: string
  readonly yaml: YamlReader

  constructor(file: string, text: string) {
    this.file = file
    this.yaml = new YamlReader(text, { aliases: true })
  }

  get faults(): readonly AppFault[] {
    return this.yaml.faults.map(({ line, column = 1, because, help = '' }) => ({
      file: this.file,
      line,
      column,
      message: because,
      help,
    }))
  }

  refuse(node: unknown, message: string, help = ''): null {
    return this.yaml.refuse(node, message, help)
  }

  /** A text that matches; `help` says what to write. */
  matching(
    node: unknown,
    what: string,
    pattern: RegExp,
    { help, max = 200 }: { help: string; max?: number },
  ): string | null {
    const text = this.yaml.text(node, what, { max })
    if (text === null || pattern.test(text)) return text
    return this.refuse(node, `${what} cannot be "${text.slice(0, 60)}".`, help)
  }

  /** Texts of a list, none of them twice. */
  texts(node: unknown, what: string, { max = 200 }: { max?: number } = {}): string[] {
    const seen: string[] = []
    for (const each of this.yaml.list(node, what)) {
      const text = this.yaml.text(each, `An entry of ${what}`, { max })
      if (text === null) continue
      if (seen.includes(text)) this.refuse(each, `${what} holds "${text.slice(0, 60)}" twice.`, 'Keep one of the two.')
      seen.push(text)
    }
    return seen
  }
}

/** Whether a path of a file stays below the folder: relative, plain names, no way up. */
export function staysInside(path: string): boolean {
  return (
    /^[A-Za-z0-9_@.-][A-Za-z0-9_@./ -]*$/.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  )
}
