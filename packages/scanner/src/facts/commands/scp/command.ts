import type { Command } from '../Command.ts'

/** `host:path`, `user@host:path`; not `C:\\path`. */
function isRemote(word: string): boolean {
  return /^(?:rsync:\/\/|[\w.@-]{2,200}:)/.test(word)
}

export const command: Command = {
  names: ['scp', 'sftp', 'rsync'],
  about: 'Copies files from and to other machines.',
  options: {
    '-i': 'value',
    '-F': 'value',
    '-o': 'value',
    '-S': 'value',
    '-J': 'value',
    '-p': 'value',
    '-P': 'value',
    '-l': 'value',
    '-e': 'value',
    '-c': 'value',
    '--rsh': 'value',
    '--exclude': 'value',
    '--include': 'value',
    '--rsync-path': 'value',
    '--password-file': 'value',
  },
  run(call, engine) {
    const words = call.operands.map((word) => word.text)
    const target = words.at(-1) ?? ''
    const sources = words.slice(0, -1)
    const remote = sources.find((each) => isRemote(each))
    if (remote !== undefined && !isRemote(target)) {
      const from = new Map([['network', remote] as const])
      const name = remote.slice(remote.lastIndexOf('/') + 1).replace(/^[^:]{0,200}:/, '')
      engine.keep(target === '.' || target.endsWith('/') ? `${target === '.' ? '' : target}${name}` : target, from)
      return { taint: new Map(), literal: null }
    }
    return null
  },
  operands: 'sends',
  input: 'sent',
  gives: 'network',
}
