import type { Clock } from '@countersign/base'
import type { AppendAudit } from '../audit/appendAudit.ts'
import type { Store } from '../store/openStore.ts'

/** What the verbs of operators are handed. */
export interface OperatorTools {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
}
