import { checkFolders, formatAppFault, reviewApp, secretInEnvironment } from '@countersign/server'
import { fromPoints } from './checkConfiguration.ts'
import type { Check } from './Check.ts'

/** The folders of apps: faults, warnings (the preamble among them), and what the checklist says of each app. */
export function checkApps(env: NodeJS.ProcessEnv, models: readonly string[]): Check[] {
  const dir = env['COUNTERSIGN_APPS_DIR'] ?? ''
  if (dir === '') return []
  const { apps, faults } = checkFolders(dir, {
    models,
    hasSecret: (app, name) => secretInEnvironment(env, app, name) !== null,
  })
  return [
    ...faults.map((fault): Check => ({
      ...{ id: 'app-folder', item: null, about: fault.file.split('/')[0] ?? 'apps', status: 'fail' },
      evidence: formatAppFault({ ...fault, help: '' }).trim(),
      remediation: fault.help,
    })),
    ...apps.flatMap(({ app, warnings }) => [
      ...fromPoints(reviewApp(app)).filter(({ id }) => id !== 'preamble' || !hasPreambleWarning(warnings)),
      ...warnings.map((warning): Check => ({
        ...(isOfPreamble(warning) ? { id: 'preamble', item: 4 } : { id: 'app-folder', item: null }),
        ...{ about: app.name, status: 'warn' },
        evidence: `${warning.file}:${warning.line}: ${warning.message}`,
        remediation: warning.help,
      })),
    ]),
  ]
}

const isOfPreamble = ({ file }: { readonly file: string }): boolean => file.endsWith('preamble.md')

function hasPreambleWarning(warnings: readonly { readonly file: string }[]): boolean {
  return warnings.some(isOfPreamble)
}
