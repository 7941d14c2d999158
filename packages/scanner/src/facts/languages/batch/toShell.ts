/** Writes a batch file as shell, line for line: variables, paths, calls. */
export function toShell(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const said = line.trim().replace(/^@/, '')
      if (/^(?:rem\b|::|echo off|setlocal|endlocal|goto\b|:\w)/i.test(said)) return ''
      const plain = said
        .replace(/%~?([A-Za-z_]\w{0,60})%/g, '$${$1}')
        .replace(/%~?\w{0,4}(\d)/g, '$$$1')
        .replace(/!([A-Za-z_]\w{0,60})!/g, '$${$1}')
        .replaceAll('\\', '/')
        .replace(/\^$/, '\\')
        .replace(/\^([&|<>^"'])/g, '$1')
      const set = /^set\s+"?([A-Za-z_]\w{0,60})=([^"]{0,400})"?$/i.exec(plain)
      if (set !== null) return `${set[1] ?? ''}="${(set[2] ?? '').replaceAll('"', '')}"`
      return (
        plain
          .replace(/^call\s+(?!:)/i, '. ')
          .replace(/^start\s+(?:""|"[^"]{0,60}")?\s*(?:\/\w+\s+)*/i, 'start ')
          .replace(/>\s*nul\b/gi, '>/dev/null')
          // Options of Windows begin with a slash.
          .replace(/(\s)\/([A-Za-z]\w{0,20})(?=\s|$)/g, '$1-$2')
      )
    })
    .join('\n')
}
