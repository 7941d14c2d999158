import type { Command } from '../Command.ts'

export const command: Command = {
  names: [
    'hostname',
    'whoami',
    'id',
    'uname',
    'ifconfig',
    'ip',
    'ipconfig',
    'systeminfo',
    'sw_vers',
    'ps',
    'lsof',
    'netstat',
    'w',
    'who',
    'last',
    'scutil',
    'ioreg',
    'system_profiler',
  ],
  about: 'Prints what tells this machine from others.',
  gives: 'system',
  carries: false,
  input: 'dropped',
}
