import type { Place } from '../../Fact.ts'
import { liner, type View } from '../../View.ts'

const SIMULATES =
  /\b(?:simulate\w{0,24}|estimateGas|estimate_gas|callStatic|staticCall|eth_call|dryRun\w{0,20}|dry_run\w{0,20}|preview\w{0,20}|eth\.call|tenderly\w{0,20})\b/i
const SENDS =
  /\b(?:sendTransaction|send_transaction|sendRawTransaction|send_raw_transaction|writeContract|signTransaction|sign_transaction|signAndSend\w{0,20}|sendAndConfirm\w{0,20}|signAndBroadcast|broadcast\w{0,12}|wallet\.send|transact|signAndExecute\w{0,20})\s{0,2}\(/
/** A failure that ends the work, or that somebody is asked about. */
const STOPS =
  /\b(?:throw|raise|return|exit|abort|reject|panic|die|confirm|prompt|ask|continue|break|sys\.exit|process\.exit|fatal|assert)\b/i

const TRY_SCRIPT =
  /\btry\s{0,3}\{([^{}]{0,600}(?:\{[^{}]{0,300}\}[^{}]{0,300}){0,4})\}\s{0,3}catch\s{0,3}(?:\([^)]{0,60}\)\s{0,3})?\{([^{}]{0,400})\}/g
const CAUGHT =
  /\b(?:simulate\w{0,24}|estimateGas|staticCall)\s{0,2}\([^;\n]{0,200}\)\s{0,2}\.catch\(\s{0,3}(?:\(\s{0,2}\w{0,20}\s{0,2}\)|\w{1,20})\s{0,2}=>\s{0,3}(?:\{\s{0,20}\}|null|undefined|false|void 0|console\.\w{1,8}\([^()\n]{0,80}\)|\(\{\}\)|0n?)/g
/** How far, in letters, what is sent may follow. */
const REACH_CHARS = 900

/** Places where a simulation is asked for, its failure is let pass, and the transaction is sent all the same. */
export function failedSimulations(views: readonly View[]): (Place & { readonly text: string })[] {
  const out: (Place & { text: string })[] = []
  for (const view of views) {
    if (view.holder !== 'script' && view.holder !== 'fence') continue
    const { text } = view
    if (!SENDS.test(text) || !SIMULATES.test(text)) continue
    const tell = (from: number, to: number, failure: string) => {
      if (STOPS.test(failure) || !SENDS.test(text.slice(to, to + REACH_CHARS))) return
      const { file, name, role } = view
      out.push({ file, line: liner(view)(from), view: name, role, text: text.slice(from, from + 160).trim() })
    }
    for (const found of text.matchAll(TRY_SCRIPT))
      if (SIMULATES.test(found[1] ?? '') && !SENDS.test(found[1] ?? ''))
        tell(found.index, found.index + found[0].length, found[2] ?? '')
    for (const { start, end, body, failure } of indentedTries(text))
      if (SIMULATES.test(body) && !SENDS.test(body)) tell(start, end, failure)
    for (const found of text.matchAll(CAUGHT)) tell(found.index, found.index + found[0].length, '')
  }
  return out
}

interface IndentedTry {
  /** Where it begins, and where what follows it does, in the text. */
  readonly start: number
  readonly end: number
  readonly body: string
  readonly failure: string
}
const MAX_BODY_LINES = 20
const MAX_FAILURE_LINES = 12

/** `try:` and its first `except`, by their indents. */
function* indentedTries(text: string): Generator<IndentedTry> {
  let at = 0
  const lines = text.split('\n').map((line) => {
    const start = at
    at += line.length + 1
    return { start, line, indent: line.length - line.trimStart().length, isEmpty: line.trim() === '' }
  })
  const inner = (from: number, indent: number, most: number): number => {
    let to = from
    while (to < lines.length && to - from < most) {
      const each = lines[to]
      if (each === undefined || (!each.isEmpty && each.indent <= indent)) break
      to += 1
    }
    return to
  }
  const said = (from: number, to: number): string =>
    lines
      .slice(from, to)
      .map(({ line }) => line)
      .join('\n')
  for (const [i, { start, line, indent }] of lines.entries()) {
    if (line.trim() !== 'try:') continue
    const caught = inner(i + 1, indent, MAX_BODY_LINES)
    const clause = lines[caught]
    if (clause === undefined || clause.indent !== indent || !/^except\b/.test(clause.line.trimStart())) continue
    const after = inner(caught + 1, indent, MAX_FAILURE_LINES)
    // What stands behind the colon of the clause is done as well.
    const failure = `${clause.line.slice(clause.line.indexOf(':') + 1)}\n${said(caught + 1, after)}`
    yield { start, end: lines[after]?.start ?? text.length, body: said(i + 1, caught), failure }
  }
}
