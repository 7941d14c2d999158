import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import type { FastifyInstance } from 'fastify'
import * as Operator from '../operators/Operator.ts'
import type { Context } from './context.ts'
import type { Fare, Fares } from './Fares.ts'
import { requireOperator } from './operatorAccess.ts'

/** One line of the production checklist, as `countersign doctor` prints it. */
export interface ChecklistLine {
  readonly id: string
  readonly item: number | null
  /** An app, a chain, or `server`. */
  readonly about: string
  readonly status: 'pass' | 'warn' | 'fail' | 'not_checked'
  readonly evidence: string
  readonly remediation: string | null
}

/** The checklist as whoever composes the server makes it: the names of the ten items, and what was seen of each. */
export interface Checklist {
  readonly items: readonly string[]
  readonly checks: readonly ChecklistLine[]
}

/** How long one look through settings, files and records serves, in milliseconds. It reads every audit row. */
const CHECKLIST_MS = 60_000

/**
 * What an operator reads of the server itself. Admin keys are of one app and read nothing of it, nor does an operator of
 * some apps: they get the lines of the checklist that are about those apps.
 */
export function overviewRoutes(
  server: FastifyInstance,
  context: Context,
  { checklist, fares, webRoot }: { checklist: (() => Promise<Checklist>) | null; fares: Fares; webRoot: string | null },
): void {
  const { clock } = context
  let last: { readonly atMs: number; readonly made: Promise<Checklist> } | null = null
  const page = webRoot === null ? null : pageDigest(webRoot)

  server.get('/api/operator/checklist', async (request, reply) => {
    const { operator } = await requireOperator(context, request)
    // One look at a time, whoever asks: two would read the same rows.
    if (last === null || clock.nowMs() - last.atMs >= CHECKLIST_MS)
      last = { atMs: clock.nowMs(), made: checklist?.() ?? Promise.resolve({ items: [], checks: [] }) }
    const { atMs, made } = last
    const { items, checks } = await made.catch((error: unknown) => {
      last = null
      throw error
    })
    return reply.header('cache-control', 'no-store').send({
      items,
      checks: checks.filter(({ about }) => operator.apps === null || operator.apps.includes(about)),
      checked_at: Clock.iso(atMs),
    })
  })

  server.get('/api/operator/health', async (request, reply) => {
    const { operator } = await requireOperator(context, request)
    if (operator.apps !== null) throw new Operator.OperatorError('app')
    const { models, gate } = context
    return reply.header('cache-control', 'no-store').send({
      version: context.version,
      page_sha256: page,
      chains: [...gate.chains.values()].map((chain) => ({
        ...{ chain_id: chain.chainId, name: chain.name, quorum: chain.quorum ?? 1 },
        providers: fares.providers(chain.chainId).map(fareToWire),
      })),
      models: models.list.map(({ id, kind }) => ({
        ...{ kind, is_default: id === models.defaultId },
        ...fareToWire(fares.model(id)),
      })),
    })
  })
}

function fareToWire(fare: Fare): Record<string, unknown> {
  const iso = (ms: number | null): string | null => (ms === null ? null : Clock.iso(ms))
  return {
    ...{ name: fare.name, requests: fare.requests, failures: fare.failures },
    ...{ failures_in_a_row: fare.failuresInARow, last_fault: fare.lastFault, median_ms: fare.medianMs },
    ...{ last_answer_at: iso(fare.lastAnswerMs), last_failure_at: iso(fare.lastFailureMs) },
  }
}

/**
 * SHA-256 over the built page: of each file, in the order of the paths, its path, a zero byte and its SHA-256. Two builds of
 * the same sources give the same digest, so an operator can compare it with a build of their own.
 */
function pageDigest(webRoot: string): string | null {
  if (!existsSync(webRoot)) return null
  const all = createHash('sha256')
  const files = readdirSync(webRoot, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name).slice(webRoot.length + 1))
  // What names the sources of the build is no part of the page.
  for (const path of paths.filter((each) => each !== '.sources').sort()) {
    const digest = createHash('sha256')
      .update(readFileSync(join(webRoot, path)))
      .digest()
    all.update(path.replaceAll('\\', '/')).update('\0').update(digest)
  }
  return all.digest('hex')
}
