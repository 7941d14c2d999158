import { PLAIN, type Language } from '../Language.ts'

export const language: Language = {
  name: 'powershell',
  fences: ['powershell', 'ps1', 'pwsh'],
  endings: ['ps1', 'psm1', 'psd1'],
  files: [],
  about: 'PowerShell.',
  syntax: {
    ...PLAIN,
    lineComments: ['#'],
    blockComments: [['<#', '#>']],
    longQuotes: [
      ["@'", "'@"],
      ['@"', '"@'],
    ],
    chains: ['::'],
    hasBareCalls: true,
    hasDashes: true,
    joins: ['+'],
    backtick: 'none',
  },
  calls: {
    runs: /^(?:iex|invoke-expression|start-process|saps|invoke-command|icm|start-job|&)$|^add-type$|(?:^|\.)(?:Assembly\]?\.Load|Load|LoadFrom|InvokeScript|Create|Start|CreateThread|AddScript)$|ScriptBlock\]?\.Create$/i,
    runsOwn: /^(?:iex|invoke-expression)$|Create$|AddScript$|InvokeScript$/i,
    runsFile: /^(?:import-module|ipmo|\.)$/i,
    fetches:
      /^(?:iwr|irm|invoke-webrequest|invoke-restmethod|curl|wget)$|(?:^|\.)(?:DownloadString|DownloadData|GetStringAsync|GetByteArrayAsync|OpenRead)$/i,
    downloads: /(?:^|\.)DownloadFile$|^start-bitstransfer$/i,
    sends: /(?:^|\.)(?:UploadString|UploadData|UploadFile|PostAsync)$/i,
    reads: /^(?:get-content|gc|cat|type)$|(?:^|\.)(?:ReadAllText|ReadAllBytes|ReadAllLines)$/i,
    writes:
      /^(?:set-content|add-content|out-file|sc|ac|copy-item|move-item|new-item)$|(?:^|\.)(?:WriteAllText|WriteAllBytes|AppendAllText)$/i,
    deletes: /^(?:remove-item|ri|del)$/i,
    decodes: /(?:^|\.)FromBase64String$/i,
  },
}
