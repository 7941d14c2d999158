import type { Command } from '../Command.ts'
import { fetch } from '../fetch.ts'

export const command: Command = {
  names: ['http', 'https', 'xh', 'xhs', 'httpie', 'fetch', 'lwp-request', 'get'],
  about: 'Clients of HTTP that take fields as words.',
  options: {
    '-o': 'writes',
    '--output': 'writes',
    '-a': 'value',
    '--auth': 'value',
    '-A': 'value',
    '--session': 'value',
    '--timeout': 'value',
    '--print': 'value',
    '-p': 'value',
  },
  run: (call, engine) => fetch(call, engine, null, { areFieldsSent: true }),
}
