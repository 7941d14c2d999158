import { PLAIN, type Language } from '../Language.ts'

export const language: Language = {
  name: 'go',
  fences: ['go', 'golang'],
  endings: ['go'],
  files: [],
  about: 'Go.',
  directives: /^\/\/go:generate[ \t]{1,8}([^\n]{1,2000})/gm,
  syntax: { ...PLAIN, lineComments: ['//'], chains: [], joins: ['+'], longQuotes: [['`', '`']], backtick: 'none' },
  calls: {
    runs: /^(?:exec|execabs)\.Command(?:Context)?$|^syscall\.(?:Exec|ForkExec)$|^os\.StartProcess$|^plugin\.Open$|(?:^|\.)(?:Eval|EvalPath|RunString|DoString)$/,
    runsOwn: /(?:^|\.)(?:Eval|RunString|DoString)$/,
    runsFile: /^plugin\.Open$|(?:^|\.)(?:EvalPath|DoFile)$/,
    fetches: /^(?:http|client|c|resty)\.(?:Get|Do)$|^net\.Dial(?:Timeout)?$/,
    downloads: /^getter\.GetFile$/,
    sends:
      /^(?:http|client)\.(?:Post|PostForm|NewRequest|NewRequestWithContext)$|(?:^|\.)(?:LookupHost|LookupIP|LookupIPAddr|LookupAddr|LookupTXT|LookupCNAME|ResolveIPAddr|SendMail|PutObject|Publish)$/,
    reads: /^(?:os|ioutil)\.(?:ReadFile|Open|ReadDir)$|^filepath\.Glob$/,
    writes: /^(?:os|ioutil)\.(?:WriteFile|Create|OpenFile|Rename|Symlink)$/,
    deletes: /^os\.(?:Remove|RemoveAll)$/,
    decodes: /(?:^|\.)(?:DecodeString|NewDecoder|NewReader)$/,
    environment: /^os\.Environ$/,
  },
}
