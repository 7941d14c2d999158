/** Writes a makefile as shell, line for line: assignments and the lines of recipes. */
export function toShell(text: string): string {
  return text
    .replaceAll(/\\\n[\t ]{0,40}/g, ' ')
    .split('\n')
    .map((line) => {
      const plain = line
        .replace(/\$\(shell\s/g, '$$(')
        .replace(/\$[({]([A-Za-z_]\w{0,60})[)}]/g, '$${$1}')
        .replaceAll('$$', '$')
      const set = /^[ ]{0,4}(?:export\s+)?([A-Za-z_][\w.]{0,60})\s{0,4}(?::{0,3}|\?|!|\+)=\s{0,4}(.{0,1000})$/.exec(
        plain,
      )
      if (set !== null) return `${(set[1] ?? '').replaceAll('.', '_')}="${(set[2] ?? '').replaceAll('"', '\\"')}"`
      // What is included is read as part of this, recipes and all.
      const included = /^-?s?include\s+(\S{1,200})/.exec(plain)?.[1]
      if (included !== undefined) return `. ${included}`
      if (/^(?:\t| {2,})/.test(line)) return plain.replace(/^[\t ]+[@+-]{0,3}/, '')
      // `target: needs ; command` holds a command, as a line that only names targets does not.
      const at = plain.indexOf(';')
      return /^[^\s#=][^=\n]{0,200}:/.test(plain) && at > 0 ? plain.slice(at + 1) : ''
    })
    .join('\n')
}
