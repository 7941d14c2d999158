import type { ColumnType } from 'kysely'
import type { AppTables } from '../apps/AppTables.ts'
import type { DocumentTables } from '../apps/documents/DocumentTables.ts'
import type { SkillTables } from '../apps/skills/SkillTables.ts'
import type { SecretTables } from '../apps/secrets/SecretTables.ts'
import type { AuditTables } from '../audit/AuditTables.ts'
import type { BrowserTables } from '../browser/BrowserTables.ts'
import type { KeyTables } from '../keys/KeyTables.ts'
import type { OperatorTables } from '../operators/OperatorTables.ts'
import type { OutboxTables } from '../outbox/OutboxTables.ts'
import type { MandateTables } from '../mandates/MandateTables.ts'
import type { ProposalTables } from '../proposals/ProposalTables.ts'
import type { ToolCallTables } from '../proposals/ToolCallTables.ts'
import type { ReachTables } from '../reach/ReachTables.ts'
import type { ProofTables } from '../proofs/ProofTables.ts'
import type { SessionTables } from '../sessions/SessionTables.ts'
import type { SignInTables } from '../signin/SignInTables.ts'
import type { TelegramTables } from '../telegram/TelegramTables.ts'

/**
 * All tables, each described by the room that owns it. Ids and JSON are text, times are milliseconds, booleans are 0
 * or 1, so that the same schema and the same queries can run on SQLite and PostgreSQL.
 */
export interface Schema
  extends
    KeyTables,
    MandateTables,
    SessionTables,
    ProofTables,
    SignInTables,
    TelegramTables,
    BrowserTables,
    ProposalTables,
    ToolCallTables,
    AppTables,
    OperatorTables,
    OutboxTables,
    ReachTables,
    SecretTables,
    SkillTables,
    DocumentTables,
    AuditTables {
  migrations: { id: number; at_ms: ColumnType<number, number, never> }
}
