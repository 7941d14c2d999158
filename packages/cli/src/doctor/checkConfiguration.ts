import type { Point } from '@countersign/server'
import type { Check } from './Check.ts'

/** Which item of the production checklist a point of ours answers. */
const ITEM: Readonly<Partial<Record<Point['item'], number>>> = {
  'browser-keys': 1,
  'session-lifetime': 3,
  preamble: 4,
  tools: 5,
  limits: 9,
  'key-rotation': 10,
}

/** Points of `countersign checklist`, as checks. */
export function fromPoints(points: readonly Point[]): Check[] {
  return points.map(({ app, item, level, because, remediation }) => ({
    id: item,
    item: ITEM[item] ?? null,
    about: app === '_server' ? 'server' : app,
    ...{ status: level, evidence: because, remediation },
  }))
}

/** What holds by construction, said with its reason: no setting turns it off. */
export function byConstruction(keys: readonly { readonly app: string }[] | null): Check[] {
  return [
    {
      ...{ id: 'key-apps', item: 2, about: 'server' },
      ...(keys === null
        ? { status: 'not_checked', evidence: 'There is no store with keys.', remediation: null }
        : {
            status: 'pass',
            evidence: `Every key opens one app: ${keys.length} ${keys.length === 1 ? 'key' : 'keys'} for ${new Set(keys.map(({ app }) => app)).size} apps.`,
            remediation: null,
          }),
    },
    {
      ...{ id: 'simulation', item: 7, about: 'server', status: 'pass', remediation: null },
      evidence:
        'What a tool stages is simulated, and without an approved receipt it is in no list that a wallet reads; no setting changes that.',
    },
  ]
}
