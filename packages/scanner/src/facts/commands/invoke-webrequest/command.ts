import type { Command } from '../Command.ts'
import { fetch } from '../fetch.ts'

export const command: Command = {
  names: ['iwr', 'irm', 'invoke-webrequest', 'invoke-restmethod', 'start-bitstransfer'],
  about: 'Fetches from or sends to a URL, in PowerShell.',
  isOneDash: true,
  options: {
    '-outfile': 'writes',
    '-destination': 'writes',
    '-body': 'sends',
    '-form': 'sends',
    '-infile': 'sends-file',
    '-uri': 'url',
    '-source': 'url',
    '-headers': 'value',
    '-method': 'value',
    '-useragent': 'value',
    '-contenttype': 'value',
    '-credential': 'value',
    '-timeoutsec': 'value',
    '-proxy': 'value',
    '-websession': 'value',
    '-sessionvariable': 'value',
  },
  run: (call, engine) => fetch({ ...call, body: null }, engine, null, { isInputSent: true }),
}
