import { BaseError, Json } from '@countersign/base'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { App } from '../apps/App.ts'
import { AppFolderError } from '../apps/folder/AppFault.ts'
import { handlesIn } from '../apps/ToolSpec.ts'
import { KeyAbsentError } from '../keys/verifyKey.ts'
import { bodyOf, type Context } from './context.ts'
import { invalidField, reasonPhrase } from './errors.ts'

type WithApp = FastifyRequest<{ Params: { app: string } }>

/** Apps over HTTP: push one, and look at one. An app of another key answers like one that is not there. */
export function appRoutes(server: FastifyInstance, context: Context): void {
  const { registry } = context

  server.put('/api/admin/apps/:app', async (request: WithApp, reply) => {
    const { app, keyId } = callerOf(request)
    const files = filesIn(request)
    try {
      const pushed = await registry.push({ name: app, files, keyId })
      return { name: app, version: pushed.app.version, warnings: pushed.warnings }
    } catch (error) {
      if (!(error instanceof AppFolderError)) throw error
      request.refusal = error.code
      reply.raw.statusMessage = reasonPhrase('The app cannot be used.')
      const { code, hint, faults } = error
      return reply
        .status(422)
        .header('cache-control', 'no-store')
        .send({ error: 'The app cannot be used.', code, hint, request_id: request.id, errors: faults })
    }
  })

  server.get('/api/admin/apps/:app', async (request: WithApp) => {
    const { app: name } = callerOf(request)
    const app = context.apps.get(name)
    if (app === undefined) throw new AppAbsentError(name)
    // An app of COUNTERSIGN_APPS has no folder.
    const files = registry.filesOf(name) ?? new Map<string, string>()
    return {
      name,
      version: app.version ?? null,
      files: Object.fromEntries(files),
      skills: app.skillStates ?? [],
      tools: toolsOf(context, app),
      documents: context.documents.list(name).map(({ id, path, state }) => ({ id, path, state })),
      guards: app.guards === undefined ? [] : (Json.parse(app.guards.json) as unknown[]),
    }
  })
}

/** Every tool of an app with its state: `offered`, or why it is not. */
function toolsOf(context: Context, app: App): { name: string; kind: string; state: string; because: string | null }[] {
  const builtin = (app.tools ?? []).map((name) => ({ name, kind: 'builtin', state: 'offered', because: null }))
  const declared = (app.declared ?? []).map(({ name, kind, call }) => {
    const needed = call.auth === null ? [] : handlesIn(call.auth.value)
    const slots = (app.secrets ?? []).filter((slot) => needed.includes(slot.name))
    const missing = slots.find((slot) => slot.from === 'operator' && !context.hasSecret(app, slot.name))
    if (missing !== undefined)
      return { name, kind, state: 'disabled', because: `The secret "${missing.name}" has no value.` }
    const own = slots.find((slot) => slot.from === 'user')
    const because = own === undefined ? null : `Users whose own secret "${own.name}" is set can use it.`
    return { name, kind, state: 'offered', because }
  })
  const disabled = (app.disabled ?? []).map((each) => ({ ...each, state: 'disabled' }))
  return [...builtin, ...declared, ...disabled]
}

/** The key's app is the one in the path. @throws {AppAbsentError} for every other. */
function callerOf(request: WithApp): { app: string; keyId: string } {
  const { caller } = request
  if (caller === null) throw new KeyAbsentError(null)
  if (caller.app !== request.params.app) throw new AppAbsentError(request.params.app)
  return caller
}

function filesIn(request: FastifyRequest): Map<string, string> {
  const { files, ...rest } = bodyOf(request)
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw invalidField(unknown.slice(0, 40), 'Send files only.')
  if (typeof files !== 'object' || files === null || Array.isArray(files))
    throw invalidField('files', 'Send {"files": {"app.yaml": "…"}}.')
  const entries = Object.entries(files)
  const wrong = entries.find(([, text]) => typeof text !== 'string')
  if (wrong !== undefined) throw invalidField('files', 'Send each file as a text.')
  return new Map(entries as [string, string][])
}

class AppAbsentError extends BaseError {
  override readonly name = 'http.AppAbsentError'
  constructor(app: string) {
    super(`The app "${app.slice(0, 60)}" was not found.`, {
      code: 'apps:app:absent',
      kind: 'absent',
      hint: 'Push it with PUT /api/admin/apps/{app}, or put its folder into COUNTERSIGN_APPS_DIR.',
    })
  }
}
