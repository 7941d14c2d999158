import type { Models } from './agent/models.ts'
import type { App } from './apps/App.ts'
import { AppRegistry, type AppRegistryTools } from './apps/openAppRegistry.ts'
import { readApps } from './apps/readApps.ts'
import { inEnvironment } from './apps/secrets/SecretName.ts'
import { AppDocuments } from './apps/documents/AppDocuments.ts'
import { REVIEW_VERSION, reviewInThread } from './apps/documents/reviewInThread.ts'
import { AppSkills } from './apps/skills/AppSkills.ts'
import { readSkillText, scanAppSkill, scannerInUse } from './mcp/scanAppSkill.ts'
import { SecretStore } from './apps/secrets/SecretStore.ts'
import { McpServers } from './tools/mcp/McpServers.ts'

export interface OpenApps {
  readonly registry: AppRegistry
  readonly secrets: SecretStore
  readonly documents: AppDocuments
  /** The operator's value of a secret of an app; null for none. */
  readonly secretOf: (app: Pick<App, 'name' | 'by'>, name: string) => string | null
}

/**
 * The apps of the JSON file, of the folder of apps, and what was pushed, with their secrets. A part of `compose.ts`, which calls
 * it.
 *
 * @throws {AppFolderError} `apps:config:invalid`, {SecretKeyError} `apps:secrets:unreadable`.
 */
export async function openApps(
  tools: Omit<AppRegistryTools, 'offered'>,
  {
    options: { env },
    models,
    closers,
  }: {
    options: { readonly env: NodeJS.ProcessEnv }
    models: Models
    closers: (() => Promise<void>)[]
  },
): Promise<OpenApps> {
  const secrets = new SecretStore(tools)
  // The store comes before the environment, in which what was pushed with a key reads nothing.
  const secretOf: OpenApps['secretOf'] = (app, name) =>
    secrets.operators(app.name, name) ?? (app.by === 'key' ? null : inEnvironment(env, app.name, name))
  const ids = models.list.map(({ id }) => id)
  const dir = env['COUNTERSIGN_APPS_DIR'] ?? ''
  const offered = {
    models: ids,
    hasSecret: (name: string, by: 'operator' | 'key', secret: string) => secretOf({ name, by }, secret) !== null,
  }
  const mcp = new McpServers({
    origin: {},
    secretsOf: (app) =>
      new Map(
        (app.secrets ?? []).flatMap(({ name, from }) => {
          const value = from === 'operator' ? secretOf(app, name) : null
          return value === null ? [] : [[name, value] as const]
        }),
      ),
    onChange: (name) => registry.refresh(name),
    log: tools.log,
  })
  const skills = new AppSkills({
    ...tools,
    scanner: scannerInUse,
    scan: scanAppSkill,
    read: readSkillText,
    onChange: (name) => registry.refresh(name),
  })
  const documents = new AppDocuments({
    ...tools,
    reviewer: async () => `${REVIEW_VERSION} ${await scannerInUse()}`,
    review: reviewInThread,
    onChange: (name) => registry.refresh(name),
  })
  closers.push(
    () => documents.close(),
    () => mcp.close(),
    async () => skills.close(),
  )
  const registry: AppRegistry = new AppRegistry(
    {
      ...tools,
      offered,
      parts: {
        load: async (app, files) => {
          await Promise.all([mcp.load(app), skills.load(app, files), documents.load(app, files)])
        },
        complete: (app) => documents.complete(skills.complete(mcp.complete(app))),
      },
    },
    { base: readApps(env, { models: ids }), dir: dir === '' ? null : dir },
  )
  await registry.open()
  closers.push(() => registry.close())
  return { registry, secrets, documents, secretOf }
}
