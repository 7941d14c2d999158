import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['dig', 'nslookup', 'host', 'drill', 'ping', 'getent'],
  about: 'Asks for a name: what is in the name leaves.',
  carries: true,
  run(call, engine) {
    const words = call.operands.map((word) => word.text)
    // The name of a key that is put into a name is not the name of a host.
    const to = words.find((each) => each.includes('.'))?.replace(/\$\{?\w{1,80}\}?/g, () => '$()')
    engine.send(new Map([...call.argTaint, ...call.input]), to ?? call.program)
    return { taint: new Map(), literal: null }
  },
}
