/** Writes a Dockerfile as shell, line for line: its variables, what it adds from elsewhere, and what it runs. */
export function toShell(text: string): string {
  let isRunning = false
  return text
    .split('\n')
    .map((line) => {
      if (isRunning) {
        isRunning = /\\\s{0,8}$/.test(line)
        return /^\s{0,40}#/.test(line) ? '\\' : line
      }
      const match = /^\s{0,20}([A-Za-z]{2,12})\s{1,20}(.{0,4000})$/.exec(line)
      if (match === null) return ''
      const [, word = '', rest = ''] = match
      const name = word.toUpperCase()
      if (name === 'ENV' || name === 'ARG') return rest.replace(/^(\w{1,80})\s(?!=)/, '$1=').replace(/\\\s{0,8}$/, '')
      if (name === 'ADD') {
        const [url = '', target = ''] = rest.split(/\s+/).filter((each) => !each.startsWith('--'))
        return /^(?:https?|git):/.test(url) ? `curl -o ${target === '' ? '-' : target} ${url}` : ''
      }
      if (!['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK', 'ONBUILD'].includes(name)) return ''
      const body = rest.replace(/^(?:--\w[\w-]{0,40}=\S{1,200}\s{1,8}){0,8}/, '').replace(/^(?:RUN|CMD)\s/, '')
      isRunning = /\\\s{0,8}$/.test(line)
      if (!body.startsWith('[')) return body
      const words = [...body.matchAll(/"((?:[^"\\]|\\.){0,1000})"/g)].map((each) => each[1] ?? '')
      return words.map((each) => (/^[\w./:=@%+-]+$/.test(each) ? each : `'${each.replaceAll("'", '')}'`)).join(' ')
    })
    .join('\n')
}
