import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['socat'],
  about: 'Joins two streams.',
  run(call, engine) {
    const ends = call.operands.map((word) => word.text)
    const shell = ends.find((each) => /^(?:exec|system|shell):/i.test(each))
    const socket = ends.find((each) => /^(?:tcp|udp|openssl|ssl|vsock|socks)\w{0,12}[:-]/i.test(each))
    if (shell !== undefined && socket !== undefined) engine.connect(socket, shell)
    return null
  },
  operands: 'sends',
  input: 'sent',
  gives: 'network',
}
