import { sentBy, urlOf } from './words.ts'
import { merge, type Taint } from '../flow/Taint.ts'
import type { Word } from '../languages/shell/Script.ts'
import { hostOf } from '../hosts.ts'
import { isForeignKey } from '../isOwnKey.ts'
import { isSecretName } from '../places.ts'
import type { Answer, Call, Engine } from './Command.ts'

/** The file that a URL's text is kept in when nothing else is said. Files keep their case. */
export function lastSegment(url: string): string {
  const path = url.replace(/[?#].*$/s, '')
  return path.slice(path.lastIndexOf('/') + 1)
}

/** An address that begins with a variable: that one says where, and is not sent. */
function withoutHost(word: Word): Word {
  const name = /^(?:https?:\/\/)?\$(?:\{?(\w+)|\()/.exec(word.text)
  if (name === null) return word
  return word.variables.length > 0
    ? { ...word, variables: word.variables.slice(1) }
    : { ...word, inner: word.inner.slice(1) }
}

/** What all clients do that fetch: they send what they are told to, and print or keep what comes back. */
export function fetch(
  call: Call,
  engine: Engine,
  /** The file's name when no option gives one; null: it is printed. */
  named: ((url: string) => string) | null,
  more: { readonly isInputSent?: boolean; readonly areFieldsSent?: boolean } = {},
): Answer {
  const given = call.options.find((option) => option.use === 'url')?.value
  const operands = call.operands.map((word) => word.text)
  const url = given?.text ?? urlOf(operands)
  const sent: Taint = new Map()
  const outs: string[] = []
  const folder = call.options.find((option) => option.use === 'into')?.value.text
  for (const { value, use } of call.options) {
    if (use === 'sends' || use === 'sends-file') merge(sent, sentBy(value, use, call.input, engine))
    else if (use === 'writes') outs.push(value.text)
    else if (use === 'url') merge(sent, engine.wordTaint(value))
  }
  for (const word of call.operands)
    if (word.text === url || /^[a-z]{2,6}:\/\//.test(word.text) || more.areFieldsSent === true)
      merge(sent, engine.wordTaint(withoutHost(word)))
  if (more.areFieldsSent === true)
    for (const word of call.operands)
      if (/@[^;,"']/.test(word.text) && !/:\/\//.test(word.text)) merge(sent, sentBy(word, 'sends', call.input, engine))
  // A header that opens the door carries the door's own key; somebody else's is handed over.
  for (const { value, use } of call.options)
    if (use === 'value')
      for (const name of value.variables)
        if (isSecretName(name) && isForeignKey(name, hostOf(url))) sent.set('secret', `$${name}`)
  if (more.isInputSent === true) merge(sent, call.input)
  engine.send(sent, url)
  // `curl | sh` without an address names a habit; nothing is fetched.
  if (url === '' && !call.wrappers.includes('xargs')) return { taint: new Map(), literal: null }
  const fetched: Taint = new Map([['network', url]])
  const files = outs.filter((out) => out !== '-' && out !== '/dev/stdout')
  if (outs.length === 0 && named !== null && url !== '') files.push(named(url))
  for (const file of files) {
    const path = folder === undefined ? file : `${folder.replace(/\/$/, '')}/${file}`
    engine.keep(path, fetched)
    engine.into(path, fetched)
  }
  return { taint: files.length === 0 ? fetched : new Map(), literal: null }
}
