import { Clock } from '@countersign/base'
import type { Reader } from '../../store/openStore.ts'
import { fromRow, scopeOf, type Row } from '../findMandate.ts'
import { limitId } from '../ledger/Sql.ts'
import * as Amount from '../policy/Amount.ts'
import { toCanonical } from '../policy/canonical.ts'
import { decimalsOf, unitKey, type Policy, type Unit } from '../policy/Policy.ts'
import { sentencesOf } from '../policy/sentences.ts'
import * as Window from '../policy/Window.ts'

/** A mandate as clients see it, with what is used and free of each limit. */
export async function showMandate(read: Reader, row: Row, nowMs: number): Promise<Record<string, unknown>> {
  const { policy, state } = fromRow(row)
  const limits = await Promise.all(
    policy.limits.flatMap(({ id, caps }) =>
      caps.map(async ({ unit, window, cap }) => {
        const decimals = decimalsOf(policy, unit)
        const most = Amount.parse(cap, decimals) ?? 0n
        const scope = scopeOf(row)
        const used =
          window.kind === 'call'
            ? { open: 0n, settled: 0n }
            : await usedOf(
                read,
                limitId(scope, unitKey(policy, unit), Window.key(window)),
                Window.startMs(window, nowMs),
              )
        const all = used.open + used.settled
        return {
          ...{ id, unit: unit.kind, symbol: symbolOf(unit), decimals, window: Window.label(window, nowMs), cap },
          used: Amount.format(all, decimals),
          open: Amount.format(used.open, decimals),
          free: Amount.format(most > all ? most - all : 0n, decimals),
          free_at: null,
        }
      }),
    ),
  )
  return {
    ...{ id: row.id, app: row.app, owner: row.owner, name: row.name, version: row.version, digest: row.digest },
    state: state === 'active' && nowMs >= policy.untilMs ? 'expired' : state,
    frozen_because: row.frozen_because,
    previous: row.previous,
    signed: row.signature !== null,
    valid_from: row.valid_from_ms === null ? null : Clock.iso(row.valid_from_ms),
    valid_until: Clock.iso(row.valid_until_ms),
    worst: row.worst,
    sentences: wordsOf(policy),
    policy: toCanonical(policy),
    limits,
  }
}

/** What an owner reads: the sentences that were signed, and the rest. */
function wordsOf(policy: Policy): readonly string[] {
  const { agent, otherwise, rules, limits, more } = sentencesOf(policy)
  return [
    `For ${agent}.`,
    ...rules.map(({ answer, when }) => `${answer}: ${when}`),
    ...limits.map(({ cap, over }) => `${cap}; ${over}`),
    otherwise,
    ...more,
  ]
}

function symbolOf(unit: Unit): string | null {
  return unit.kind === 'token' ? unit.token : unit.kind === 'native' || unit.kind === 'fee' ? 'native' : null
}

async function usedOf(read: Reader, limit: string, startMs: number): Promise<{ open: bigint; settled: bigint }> {
  const row = await read.selectFrom('mandate_limits').select('open').where('id', '=', limit).executeTakeFirst()
  const lines = await read
    .selectFrom('reservation_lines')
    .select('settled')
    .where('limit_id', '=', limit)
    .where('aged', '=', 0)
    .where('settle_ms', '>=', startMs)
    .execute()
  return {
    open: BigInt(row?.open ?? '0'),
    settled: lines.reduce((sum, { settled }) => sum + BigInt(settled ?? '0'), 0n),
  }
}
