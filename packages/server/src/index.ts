/** `@countersign/server`: the gateway and runtime. `startServer` knows every room; nothing else does. */
export { startServer, StartError, type RunningServer, type ServerOptions } from './compose.ts'
export type { ChainConfig } from './chains/Chain.ts'
export type { RegistryContract, RegistryToken } from './tools/ToolHost.ts'
export { openKeyring, type Keyring } from './keys/openKeyring.ts'
export * as Audit from './audit/Audit.ts'
