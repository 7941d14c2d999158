import type { FastifyRequest } from 'fastify'
import { guardTools } from '../apps/guardTools.ts'
import { parseGuards } from '../mandates/guards/readGuards.ts'
import { bodyOf, type Context } from './context.ts'

/**
 * `guards` of a body, read with the tools of the app: JSON to store, null for none, absent where the body has no such field.
 *
 * @throws {GuardsError} `mandates:guards:unreadable`.
 */
export function guardsField(
  { apps }: Pick<Context, 'apps'>,
  request: FastifyRequest,
  app: string,
): { readonly guards?: string | null } {
  const value = bodyOf(request)['guards']
  if (value === undefined) return {}
  if (value === null) return { guards: null }
  const { json, lines } = parseGuards(JSON.stringify(value), guardTools(apps.get(app)?.declared ?? []))
  return { guards: lines.length === 0 ? null : json }
}
