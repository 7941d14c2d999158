import { merge, type Taint } from '../../flow/Taint.ts'
import type { Command } from '../Command.ts'

/** What other people read, or what is kept by the service. */
const TELLS =
  /^(?:issue|pr|mr|gist|snippet|release|discussion|comment|api|repo|workflow)\s(?:create|new|comment|note|edit|review|upload|run)\b|^api\b/
/** Its own stores of names and secrets, which it encrypts. */
const KEEPS = /^(?:secret|variable|auth)\b/

export const command: Command = {
  names: ['gh', 'glab', 'tea'],
  about: 'Speaks to a forge: what it writes there is read by others.',
  run(call, engine) {
    const words = call.own.filter((each) => !each.startsWith('-'))
    const line = words.join(' ')
    if (/^auth (?:token|status)\b/.test(line) && (words[1] === 'token' || call.own.includes('--show-token')))
      return { taint: new Map([['secret', `${call.program} auth token`]]), literal: null }
    if (KEEPS.test(line) || !TELLS.test(line)) return null
    const sent: Taint = new Map(call.argTaint)
    merge(sent, call.input)
    for (const [i, word] of call.own.entries()) {
      const isFile = /^(?:-F|--body-file|--notes-file|--input)$/.test(call.own[i - 1] ?? '') || words[0] === 'gist'
      if (isFile && i > 0 && !word.startsWith('-')) merge(sent, engine.fileTaint(word))
      const named = /=@(\S{1,200})$/.exec(word)?.[1]
      if (named !== undefined) merge(sent, engine.fileTaint(named))
    }
    // Its own token in a header is where it belongs.
    for (const [source, from] of sent) if (/GITHUB|GITLAB|^\$?GH_/i.test(from)) sent.delete(source)
    engine.send(sent, `${call.program} ${words.slice(0, 2).join(' ')}`)
    return null
  },
}
