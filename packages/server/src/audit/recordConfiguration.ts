import { Digest } from '@countersign/base'
import type { Store } from '../store/openStore.ts'
import { SERVER } from './Audit.ts'
import type { AppendAudit } from './appendAudit.ts'

/**
 * Records with what configuration the server started, when it is another than the last one recorded: a digest a
 * section, and which sections changed. Contents are not kept: they may hold what nobody should read.
 *
 * @param sections - JSON values by name, secrets left out.
 */
export async function recordConfiguration(
  { store, audit }: { store: Store; audit: AppendAudit },
  { sections }: { sections: Readonly<Record<string, unknown>> },
): Promise<void> {
  const digests: Record<string, string> = {}
  for (const [name, value] of Object.entries(sections)) digests[name] = Digest.ofJson(toJson(value))
  const last = await store.read
    .selectFrom('audit')
    .select('body')
    .where('app', '=', SERVER)
    .where('event', '=', EVENT)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const before =
    last === undefined ? {} : ((JSON.parse(last.body) as { sections: Record<string, string> }).sections ?? {})
  const names = [...new Set([...Object.keys(before), ...Object.keys(digests)])].sort()
  const changed = names.filter((name) => before[name] !== digests[name])
  if (changed.length === 0) return
  await store.write((write) => audit(write, { app: SERVER, event: EVENT, body: { sections: digests, changed } }))
}

const EVENT = 'server.configuration.changed'

/** As JSON says it, with amounts as text. */
function toJson(value: unknown): unknown {
  const text = JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? each.toString() : each))
  return text === undefined ? null : (JSON.parse(text) as unknown)
}
