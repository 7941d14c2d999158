import { PLAIN, type Language } from '../Language.ts'

export const language: Language = {
  name: 'lua',
  fences: ['lua', 'luau'],
  endings: ['lua'],
  files: [],
  about: 'Lua.',
  syntax: {
    ...PLAIN,
    lineComments: ['--'],
    blockComments: [['--[[', ']]']],
    longQuotes: [
      ['[[', ']]'],
      ['[=[', ']=]'],
    ],
    chains: [':'],
    hasBareCalls: true,
    joins: ['..'],
  },
  calls: {
    runs: /^(?:os\.execute|io\.popen|load|loadstring|dofile|loadfile|vim\.fn\.system|vim\.cmd|uv\.spawn|vim\.uv\.spawn)$/,
    runsOwn: /^(?:load|loadstring)$/,
    runsFile: /^(?:dofile|loadfile|require)$/,
    fetches: /(?:^|\.)(?:http|https|socket\.http|ssl\.https|curl|requests)\.(?:request|get|fetch)$|^\.(?:request|get)$/,
    sends: /(?:^|\.)(?:http|https|requests)\.(?:post|request)$/,
    reads: /^(?:io\.open|io\.lines|io\.input)$/,
    writes: /^(?:io\.output|os\.rename)$/,
    deletes: /^os\.remove$/,
    decodes: /(?:^|\.)(?:decode|unb64|from_base64|b64decode)$/,
  },
}
