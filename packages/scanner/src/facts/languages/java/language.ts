import { PLAIN, type Language } from '../Language.ts'

export const language: Language = {
  name: 'java',
  fences: ['java', 'csharp', 'cs', 'scala', 'swift', 'dart'],
  endings: ['java', 'cs', 'scala', 'swift', 'dart'],
  files: [],
  about: 'Java and languages that call like it.',
  syntax: {
    ...PLAIN,
    lineComments: ['//'],
    quotes: '"',
    longQuotes: [['"""', '"""']],
    joins: ['+'],
    chains: ['::', '?.'],
    backtick: 'none',
  },
  calls: {
    runsFile: /(?:^|\.)URLClassLoader$/,
    runs: /(?:^|\.)(?:exec|ProcessBuilder|Process\.Start|eval|EvaluateAsync|Process\.run|Process\.start|shell)$/,
    runsOwn: /(?:^|\.)(?:eval|EvaluateAsync)$/,
    fetches:
      /(?:^|\.)(?:openStream|GetStringAsync|DownloadString|URL|http\.get|HttpClient\.send|BodyHandlers\.ofString)$/,
    downloads: /(?:^|\.)DownloadFile$/,
    sends: /(?:^|\.)(?:PostAsync|UploadString|BodyPublishers\.\w+|http\.post)$/,
    reads: /(?:^|\.)(?:readString|readAllBytes|ReadAllText|FileReader|readAsString)$/,
    writes: /(?:^|\.)(?:writeString|WriteAllText|AppendAllText|FileWriter|writeAsString)$/,
    deletes: /(?:^|\.)(?:Files\.delete|File\.Delete)$/,
    decodes: /(?:^|\.)(?:getDecoder|FromBase64String|decode|base64Decode)$/,
    environment: /^System\.getenv$/,
  },
}
