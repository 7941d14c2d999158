import { PLAIN, type Language } from '../Language.ts'

export const language: Language = {
  name: 'gradle',
  fences: ['groovy', 'gradle', 'kotlin', 'kt', 'kts'],
  endings: ['gradle', 'groovy', 'kt', 'kts'],
  files: ['jenkinsfile'],
  about: 'Groovy and Kotlin, as Gradle runs them.',
  syntax: {
    ...PLAIN,
    lineComments: ['//'],
    longQuotes: [
      ['"""', '"""'],
      ["'''", "'''"],
    ],
    hasBareCalls: true,
    joins: ['+'],
    chains: ['?.', '::'],
  },
  calls: {
    runs: /^(?:commandLine|executable|evaluate|sh|bat|project\.exec|exec)$|(?:^|\.)(?:execute|commandLine|exec|ProcessBuilder|evaluate|eval)$/,
    runsOwn: /(?:^|\.)(?:evaluate|eval)$/,
    runsFile: /^apply$/,
    fetches: /(?:^|\.)(?:openStream|toURL|readText|URL|openConnection)$/,
    downloads: /^(?:ant\.get|download|src)$/,
    sends: /(?:^|\.)(?:outputStream|post)$/,
    reads: /(?:^|\.)(?:readText|readLines|File|file|readAllBytes)$/,
    writes: /(?:^|\.)(?:writeText|appendText|writeBytes|setText)$/,
    deletes: /(?:^|\.)(?:delete|deleteRecursively)$/,
    decodes: /(?:^|\.)(?:decodeBase64|decode|getDecoder)$/,
    environment: /^System\.getenv$/,
  },
}
