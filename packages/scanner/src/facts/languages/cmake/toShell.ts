/** Calls of CMake that reach out or run something, as commands of the shell. */
const WRITERS: readonly (readonly [RegExp, (args: readonly string[]) => string])[] = [
  [/^set$/i, ([name = '', ...values]) => `${name}="${values.join(' ')}"`],
  [/^include$/i, ([file = '']) => `. "${file}"`],
  [/^cmake_language$/i, (args) => `eval "${args.filter((each) => !/^(?:EVAL|CODE)$/.test(each)).join(' ')}"`],
  [/^(?:execute_process|add_custom_command|add_custom_target)$/i, (args) => commandOf(args)],
  [/^(?:fetchcontent_declare|externalproject_add|cpmaddpackage)$/i, (args) => fetchedBy(args)],
  [/^file$/i, (args) => fileCall(args)],
]

/** Writes a CMake file as shell, line for line. */
export function toShell(text: string): string {
  const lines = text.replace(/#[^\n]*/g, '').split('\n')
  const out: string[] = []
  let held = ''
  let depth = 0
  let blanks = 0
  for (const line of lines) {
    held += `${held === '' ? '' : ' '}${line.trim()}`
    for (const char of line) depth += char === '(' ? 1 : char === ')' ? -1 : 0
    if (depth > 0 && held.length < 4_000) {
      blanks += 1
      out.push('')
      continue
    }
    const call = /^\s{0,20}(\w{1,60})\s{0,4}\(([^]*)\)\s{0,20}$/.exec(held)
    out.push(call === null ? '' : written(call[1] ?? '', call[2] ?? ''))
    held = ''
    depth = 0
    blanks = 0
  }
  return out.join('\n') + '\n'.repeat(Math.min(blanks, 1))
}

function written(name: string, text: string): string {
  const args = [...text.matchAll(/"((?:[^"\\]|\\.){0,390})"|\[\[([^\]]{0,390})\]\]|([^\s"]{1,390})/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  )
  return WRITERS.find(([pattern]) => pattern.test(name))?.[1](args) ?? ''
}

const quoted = (word: string): string => (/^[\w./:=@%+,-]+$/.test(word) ? word : `"${word.replaceAll('"', '\\"')}"`)

function commandOf(args: readonly string[]): string {
  const commands: string[] = []
  let now: string[] | null = null
  let file = ''
  for (const [i, word] of args.entries()) {
    if (word === 'COMMAND') {
      now = []
      commands.push('')
    } else if (word === 'OUTPUT_FILE') file = args[i + 1] ?? ''
    else if (
      /^(?:WORKING_DIRECTORY|RESULT_VARIABLE|OUTPUT_VARIABLE|OUTPUT_QUIET|ERROR_\w+|TIMEOUT|DEPENDS|COMMENT|VERBATIM|BYPRODUCTS|COMMAND_\w+|INPUT_FILE)$/.test(
        word,
      )
    )
      now = null
    else if (now !== null) {
      now.push(quoted(word))
      commands[commands.length - 1] = now.join(' ')
    }
  }
  return commands.join(' | ') + (file === '' ? '' : ` > ${quoted(file)}`)
}

function fetchedBy(args: readonly string[]): string {
  const after = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined)
  const url = after('URL')
  const repository = after('GIT_REPOSITORY')
  const fetched =
    url === undefined
      ? repository === undefined
        ? ''
        : `git clone ${quoted(repository)} _deps`
      : `curl -o _deps ${quoted(url)}`
  return [fetched, ...['CONFIGURE_COMMAND', 'BUILD_COMMAND', 'INSTALL_COMMAND'].map((name) => after(name) ?? '')]
    .filter((each) => each !== '')
    .join('; ')
}

function fileCall([kind = '', ...args]: readonly string[]): string {
  if (kind === 'DOWNLOAD') return `curl -o ${quoted(args[1] ?? '-')} ${quoted(args[0] ?? '')}`
  if (kind === 'UPLOAD') return `curl -T ${quoted(args[0] ?? '')} ${quoted(args[1] ?? '')}`
  if (kind === 'READ' || kind === 'STRINGS') return `${args[1] ?? 'x'}=$(cat ${quoted(args[0] ?? '')})`
  if (kind === 'WRITE' || kind === 'APPEND')
    return `echo ${args.slice(1).map(quoted).join(' ')} ${kind === 'WRITE' ? '>' : '>>'} ${quoted(args[0] ?? '')}`
  if (kind === 'COPY' || kind === 'RENAME' || kind === 'INSTALL')
    return `cp ${args
      .filter((each) => each !== 'DESTINATION')
      .map(quoted)
      .join(' ')}`
  return ''
}
