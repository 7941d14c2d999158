import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['npx', 'bunx', 'pnpx', 'uvx', 'pipx'],
  about: 'Runs a package; one that is an address runs what it serves.',
  run(call, engine) {
    const url = call.operands[0]?.text
    if (
      url !== undefined &&
      /^https?:\/\//.test(url) &&
      !/^https:\/\/(?:github\.com|registry\.npmjs\.org|pkg\.pr\.new)\//.test(url)
    )
      engine.execute(new Map([['network', url]]), call.program)
    return null
  },
}
