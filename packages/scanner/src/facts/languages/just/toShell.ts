/** Writes a justfile as shell, line for line: assignments, backticks, and the lines of recipes. */
export function toShell(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const plain = line.replace(
        /\{\{\s{0,4}([A-Za-z_][\w-]{0,60})\s{0,4}\}\}/g,
        (_, name: string) => `\${${name.replaceAll('-', '_')}}`,
      )
      const set = /^(?:export\s+)?([A-Za-z_][\w-]{0,60})\s{0,4}:=\s{0,4}(.{0,1000})$/.exec(plain)
      if (set !== null) {
        const value = (set[2] ?? '').trim()
        const command = /^`([^`]{1,900})`$/.exec(value)?.[1]
        const parts = value.split(/\s\+\s/).map((part) => part.replace(/^(["'])(.*)\1$/s, '$2'))
        return `${(set[1] ?? '').replaceAll('-', '_')}=${command === undefined ? `"${parts.join('')}"` : `$(${command})`}`
      }
      return /^(?:\t| {2,})/.test(line) ? plain.replace(/^[\t ]+[@-]{0,2}/, '') : ''
    })
    .join('\n')
}
