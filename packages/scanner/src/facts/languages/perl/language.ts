import { PLAIN, type Language } from '../Language.ts'

export const language: Language = {
  name: 'perl',
  fences: ['perl', 'pl'],
  endings: ['pl', 'pm', 't'],
  files: [],
  about: 'Perl.',
  syntax: {
    ...PLAIN,
    lineComments: ['#'],
    blockComments: [['=pod', '=cut']],
    backtick: 'command',
    hasPatterns: true,
    percentQuotes: 'perl',
    chains: ['->', '::'],
    hasBareCalls: true,
    joins: ['.'],
  },
  calls: {
    runs: /^(?:system|exec|eval|do|require|open|qx|`|IPC\.\w+\.\w+)$|^IPC\.Open[23]/,
    runsOwn: /^eval$/,
    runsFile: /^(?:do|require)$/,
    fetches:
      /^(?:get|getstore|LWP\.Simple\.\w+|HTTP\.Tiny\.new\.get|LWP\.UserAgent\.new\.get|IO\.Socket\.\w+\.new)$|(?:^|\.)(?:get|request|mirror)$/,
    downloads: /(?:^|\.)(?:getstore|mirror)$/,
    sends: /(?:^|\.)(?:post|post_form|put)$/,
    reads: /^(?:open|slurp|read_file|path)$|(?:^|\.)slurp(?:_utf8)?$/,
    writes: /^(?:write_file|copy|move|rename|symlink)$|(?:^|\.)spew(?:_utf8)?$/,
    deletes: /^(?:unlink|rmtree|remove_tree)$/,
    decodes: /^(?:decode_base64|MIME\.Base64\.\w+|unpack|uncompress)$/,
    environment: /^%ENV$/,
  },
}
