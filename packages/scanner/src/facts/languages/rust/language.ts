import { PLAIN, type Language } from '../Language.ts'

export const language: Language = {
  name: 'rust',
  fences: ['rust', 'rs'],
  endings: ['rs'],
  files: [],
  about: 'Rust.',
  syntax: { ...PLAIN, lineComments: ['//'], quotes: '"', joins: ['+'], chains: ['::'], backtick: 'none' },
  calls: {
    runs: /(?:^|\.)Command\.new$/,
    fetches: /(?:^|\.)(?:reqwest(?:\.blocking)?\.get|ureq\.get|minreq\.get|attohttpc\.get|TcpStream\.connect)$/,
    sends: /(?:^|\.)(?:ureq\.post|minreq\.post|post)$/,
    reads: /(?:^|\.)(?:read_to_string|fs\.read|File\.open)$/,
    writes: /(?:^|\.)(?:fs\.write|File\.create|fs\.copy|fs\.rename)$/,
    deletes: /(?:^|\.)remove_(?:file|dir_all)$/,
    decodes: /(?:^|\.)decode$/,
    environment: /^env\.vars$/,
  },
}
