import { migration as first } from './migrations/0001-first.ts'
import { migration as receiptSignatures } from './migrations/0002-receipt-signatures.ts'
import { migration as auditCheckpoints } from './migrations/0003-audit-checkpoints.ts'
import { migration as keys } from './migrations/0004-keys.ts'
import { migration as sessions } from './migrations/0005-sessions.ts'
import { migration as turns } from './migrations/0006-turns.ts'
import { migration as rawTransactions } from './migrations/0009-raw-transactions.ts'
import { migration as stepUp } from './migrations/0010-step-up.ts'
import { migration as bounds } from './migrations/0012-bounds.ts'
import { migration as paidOnce } from './migrations/0007-paid-once.ts'
import { migration as signatureDigests } from './migrations/0014-signature-digests.ts'
import { migration as sessionIds } from './migrations/0015-session-ids.ts'
import { migration as servedChains } from './migrations/0017-served-chains-and-remedies.ts'
import { migration as doors } from './migrations/0018-doors.ts'
import { migration as apps } from './migrations/0021-apps.ts'
import { migration as toolCalls } from './migrations/0022-tool-calls.ts'
import { migration as outbox } from './migrations/0024-outbox.ts'
import { migration as secrets } from './migrations/0030-secrets.ts'
import { migration as mandates } from './migrations/0026-mandates.ts'
import { migration as guardsAndDecisions } from './migrations/0027-guards-and-decisions.ts'
import { migration as skillVerdicts } from './migrations/0031-skill-verdicts.ts'
import { migration as freezes } from './migrations/0032-freezes.ts'
import { migration as operators } from './migrations/0033-operators.ts'
import { migration as documents } from './migrations/0036-documents.ts'
import { migration as keyOutcomes } from './migrations/0037-key-outcomes.ts'
import { migration as decidedMoves } from './migrations/0040-decided-moves.ts'
import { migration as waits } from './migrations/0041-waits.ts'
import { migration as ownerChannels } from './migrations/0044-owner-channels.ts'
import { migration as telegram } from './migrations/0045-telegram.ts'
import { migration as documentReasons } from './migrations/0047-document-reasons.ts'
import { migration as auditDeliveries } from './migrations/0049-audit-deliveries.ts'
import { migration as proposalVersions } from './migrations/0051-proposal-versions.ts'
import { migration as simulationJobs } from './migrations/0060-simulation-jobs.ts'
import { migration as strangersRows } from './migrations/0061-strangers-rows.ts'
import { migration as operatorSessionPasskeys } from './migrations/0070-operator-session-passkeys.ts'
import { migration as channelRequestOwners } from './migrations/0071-channel-request-owners.ts'
import { migration as telegramChats } from './migrations/0072-telegram-chats.ts'
import type { Migration } from './migrations/Migration.ts'

/**
 * Forward-only migrations; one that has shipped is never edited. Each runs in its own transaction and is recorded
 * in `migrations`.
 *
 * Each step holds for SQLite and PostgreSQL. Write tables, columns, indexes and `after … begin … end` triggers in SQLite's words:
 * `postgres/schemaOf.ts` makes `integer` a `bigint`, text byte-wise, and triggers functions. Whatever else only SQLite knows
 * (FTS, `json_remove`, `insert or …`, `rowid`) needs a list of its own in `postgres`. `npm run test:postgres` runs every step.
 */
export const MIGRATIONS: readonly Migration[] = [
  first,
  receiptSignatures,
  auditCheckpoints,
  keys,
  sessions,
  turns,
  paidOnce,
  rawTransactions,
  stepUp,
  bounds,
  signatureDigests,
  sessionIds,
  servedChains,
  doors,
  apps,
  toolCalls,
  outbox,
  secrets,
  skillVerdicts,
  mandates,
  guardsAndDecisions,
  freezes,
  operators,
  documents,
  keyOutcomes,
  decidedMoves,
  waits,
  ownerChannels,
  telegram,
  documentReasons,
  auditDeliveries,
  proposalVersions,
  simulationJobs,
  strangersRows,
  operatorSessionPasskeys,
  channelRequestOwners,
  telegramChats,
]
