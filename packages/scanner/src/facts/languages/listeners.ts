import type { FoundCall } from './findCalls.ts'
import type { Token } from './tokenize.ts'

/** What a value is called that came in a message of somebody else. */
export const MESSAGE = 'a message'

const DECORATED = /^(?:event|listen|listener|on_message|message|message_handler|on|hears)$/
const HEARS = /^(?:on_message|on_raw_message|handle_message|on_text|on_dm)$/
const EVENT =
  /^(?:message|messageCreate|text|chat|chat\.message|private_message|direct_message|dm|tweet|issue_comment)$/

/**
 * Parameters of functions that a bot's library calls with what somebody wrote: `async def on_message(m)`, a function below
 * `@bot.event`. What they hold is a stranger's.
 */
export function heardParameters(tokens: readonly Token[], pair: ReadonlyMap<number, number>): string[] {
  const names: string[] = []
  for (let i = 0; i + 2 < tokens.length && names.length < 60; i += 1) {
    if (tokens[i]?.text !== 'def' || tokens[i]?.kind !== 'name') continue
    const isHeard = HEARS.test(tokens[i + 1]?.text ?? '') && isDecorated(tokens, i)
    const close = tokens[i + 2]?.text === '(' ? pair.get(i + 2) : undefined
    if (!isHeard || close === undefined) continue
    for (let j = i + 3; j < Math.min(close, i + 30); j += 1)
      if (tokens[j]?.kind === 'name' && /^[(,]$/.test(tokens[j - 1]?.text ?? '') && tokens[j]?.text !== 'self')
        names.push(tokens[j]?.text ?? '')
  }
  return names
}

/** Whether `@x.event` or the like stands above a definition, or the definition is a method. */
function isDecorated(tokens: readonly Token[], def: number): boolean {
  for (let at = def - 1; at >= 0 && at > def - 24; at -= 1) {
    if (tokens[at]?.text === '@') return tokens.slice(at, def).some((token) => DECORATED.test(token.text))
    if (tokens[at]?.text === 'return') break
  }
  return tokens.slice(def, def + 6).some((token) => token.text === 'self')
}

/** Whether a call hears what others write: `client.on('messageCreate', …)`, `bot.hears(…)`. */
export function isListener(call: FoundCall, tokens: readonly Token[]): boolean {
  const first = tokens[call.open + 1]
  return (
    (/\.(?:on|once|addListener|addEventListener)$/.test(call.callee) &&
      first?.kind === 'string' &&
      EVENT.test(first.text)) ||
    /\.(?:onText|hears)$/.test(call.callee)
  )
}
