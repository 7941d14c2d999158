/** `@countersign/server`: the gateway and runtime. `startServer` knows every room; nothing else does. */
export { startServer, StartError, type RunningServer, type ServerOptions } from './compose.ts'
export { tryPort } from './openHttp.ts'
export { startSimulateWorker, type SimulateWorker } from './openSimulationQueue.ts'
export type { ChainConfig } from './chains/Chain.ts'
export type { RegistryContract, RegistryToken } from './chains/Registry.ts'
export { openKeyring, type Keyring } from './keys/openKeyring.ts'
export type { App } from './apps/App.ts'
export { readApps } from './apps/readApps.ts'
export { checkFolders } from './apps/folder/checkFolders.ts'
export { loadFolder } from './apps/folder/loadFolder.ts'
export { pinOf as mcpPinOf } from './apps/McpEntry.ts'
export { listPins, type ListedPin } from './tools/mcp/listPins.ts'
export { AppFolderError, format as formatAppFault, type AppFault } from './apps/folder/AppFault.ts'
export { starterFiles } from './apps/folder/starterFiles.ts'
export { inEnvironment as secretInEnvironment, SECRET_NAME } from './apps/secrets/SecretName.ts'
export { openSecrets, type Secrets } from './apps/secrets/openSecrets.ts'
export { notLookedAt, review as reviewApp, reviewServer, type Point, type ServerFacts } from './apps/Checklist.ts'
export { configureModels as modelsOf } from './agent/models.ts'
export { readLimits } from './limits/readLimits.ts'
export { StoreAbsentError } from './store/StoreErrors.ts'
export { openOperators, type Operators } from './operators/openOperators.ts'
export { openSessions, type Sessions } from './sessions/openSessions.ts'
export { parseGuards } from './mandates/guards/readGuards.ts'
export * as ApiKey from './keys/ApiKey.ts'
export * as Duration from './keys/Duration.ts'
export * as KeyLimit from './limits/KeyLimit.ts'
export * as KeyRecord from './keys/KeyRecord.ts'
export * as Scope from './keys/Scope.ts'
export type { Fence } from './keys/awaitFence.ts'
export {
  Audit,
  Checkpoint,
  MerkleTree,
  keysInDirectory,
  openAuditKey,
  openAuditRecord,
  verifyExport,
  type AuditRecord,
  type Findings,
} from './audit/index.ts'
export { migrateFromSqlite, migrateStore, type Migrated } from './migrateFromSqlite.ts'
export { backUp, type BackUp } from './store/backUp.ts'
export { ROUTES } from './http/routes.ts'
export type { Checklist, ChecklistLine } from './http/overviewRoutes.ts'
export { readText as readPolicyText } from './mandates/policy/readText.ts'
export {
  EXPORTS as MANDATE_EXPORTS,
  exportPolicy as exportMandate,
  type Exported as ExportedMandate,
  type ExportKind as MandateExport,
} from './mandates/export/exportPolicy.ts'
export { describeBot, readBotSettings, type BotSettings } from './telegram/BotSettings.ts'
export { describeReach, readReachSettings, type ReachSettings } from './reach/ReachSettings.ts'
export { reviewLedger } from './mandates/ledger/reviewLedger.ts'
export { DATABASE_FILE, isPostgres, openStore, type Store } from './store/openStore.ts'
export { createEventLog, type EventLog } from './sessions/EventLog.ts'
