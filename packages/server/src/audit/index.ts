/** `@countersign/server/audit`: the record without the server, for whoever verifies one. */
export * as Audit from './Audit.ts'
export * as Checkpoint from './Checkpoint.ts'
export * as MerkleTree from './MerkleTree.ts'
export { openAuditKey } from './openAuditKey.ts'
export { keysInDirectory } from '../store/KeyFiles.ts'
export { openAuditRecord, type AuditRecord } from './openAuditRecord.ts'
export { verifyExport, type Findings } from './verifyExport.ts'
