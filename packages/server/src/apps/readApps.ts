import { readFileSync } from 'node:fs'
import { StartError } from '../StartError.ts'
import { AppConfigError, DEFAULT_APP, DEMO_APP, parseApps, type App } from './App.ts'

/**
 * The apps of a server by name: the two that are built in, and those of the file that `COUNTERSIGN_APPS` names, which
 * may also configure the built-in ones anew.
 *
 * @param models - The ids of the models that the server has.
 * @throws {StartError} `server:apps:unreadable`; {AppConfigError} `apps:config:unreadable`.
 */
export function readApps(env: NodeJS.ProcessEnv, { models }: { models: readonly string[] }): Map<string, App> {
  const path = env['COUNTERSIGN_APPS']
  const configured = path === undefined || path === '' ? [] : parseApps(readConfig(path))
  for (const { name, model } of configured) {
    if (model === null || models.includes(model)) continue
    throw new AppConfigError(
      `"${name}" asks for the model "${model.slice(0, 80)}", which this server does not have; it has ${models.join(', ')}`,
    )
  }
  return new Map([DEFAULT_APP, DEMO_APP, ...configured].map((app) => [app.name, app]))
}

function readConfig(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new StartError(
      `The apps file ${path} cannot be read.`,
      'server:apps:unreadable',
      'Correct COUNTERSIGN_APPS, or unset it.',
    )
  }
}
