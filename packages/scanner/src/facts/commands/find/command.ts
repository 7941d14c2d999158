import type { Command } from '../Command.ts'

const WALLETS = /wallet|mnemonic|seed|keystore|metamask|phantom/i
const KEYS = /\.env\b|\.pem|id_rsa|id_ed25519|credential|secret|password|token|\.key\b|\.ssh|\.aws/i

/** One of the files that a search for keys or wallets would find, as its commands are given it. */
function nameLookedFor(words: readonly string[]): string[] {
  const at = words.findIndex(
    (each, i) => /^-i?(?:name|path)$/.test(each) && [WALLETS, KEYS].some((pattern) => pattern.test(words[i + 1] ?? '')),
  )
  const root = words.find((each) => !each.startsWith('-')) ?? '.'
  return at < 0 ? [] : [`${root.replace(/\/$/, '')}/${(words[at + 1] ?? '').replaceAll('*', 'x')}`]
}

export const command: Command = {
  names: ['find', 'locate', 'fd', 'gfind', 'mdfind'],
  about: 'Lists files by name, and runs commands on them.',
  run(call, engine) {
    const line = call.own.join(' ')
    const wanted = WALLETS.test(line) ? ('wallet' as const) : KEYS.test(line) ? ('secret' as const) : null
    if (wanted !== null) engine.path(line.slice(0, 80), 'read')
    const at = call.own.findIndex((each) => /^(?:-exec|-execdir|-ok|-okdir|-x|--exec|-X)$/.test(each))
    if (at >= 0) {
      const name = nameLookedFor(call.own.slice(0, at))
      const words = call.own
        .slice(at + 1)
        .filter((each) => each !== ';' && each !== '+')
        .flatMap((each) => (each === '{}' ? name : [each]))
      const shell = words.findIndex((each) => /^-\w*c$/.test(each))
      engine.nested('shell', shell > 0 ? (words[shell + 1] ?? '') : words.join(' '))
      if (shell > 0) engine.execute(call.argTaint, words[0] ?? '')
    }
    return { taint: wanted === null ? new Map() : new Map([[wanted, line.slice(0, 80)]]), literal: null }
  },
}
