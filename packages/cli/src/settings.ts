/** Every setting that a command or the server reads from the environment. A test holds the list against the sources. */
export const SETTINGS = [
  'COUNTERSIGN_ADMIN_KEY',
  'COUNTERSIGN_API_KEY',
  'COUNTERSIGN_APPS',
  'COUNTERSIGN_APPS_DIR',
  'COUNTERSIGN_CACHE_DIR',
  'COUNTERSIGN_CHAINS_DIR',
  'COUNTERSIGN_CHECKPOINT_DIR',
  'COUNTERSIGN_CONNECTIONS_PER_ADDRESS',
  'COUNTERSIGN_CORS_ORIGINS',
  'COUNTERSIGN_DATA_DIR',
  'COUNTERSIGN_DESCRIPTORS',
  'COUNTERSIGN_HOST',
  'COUNTERSIGN_LEAK_KEYS',
  'COUNTERSIGN_LIMITS',
  'COUNTERSIGN_LOG_LEVEL',
  'COUNTERSIGN_MASTER_KEY',
  'COUNTERSIGN_METRICS_TOKEN',
  'COUNTERSIGN_MODEL',
  'COUNTERSIGN_MODEL_API_KEY',
  'COUNTERSIGN_MODEL_BASE_URL',
  'COUNTERSIGN_PEPPER',
  'COUNTERSIGN_PORT',
  'COUNTERSIGN_PUBLIC_ORIGIN',
  'COUNTERSIGN_QUORUM',
  'COUNTERSIGN_RPC_URL',
  'COUNTERSIGN_SERVER',
  'COUNTERSIGN_SESSION_SECRET',
  'COUNTERSIGN_TRUSTED_PROXY_HOPS',
  'COUNTERSIGN_VERIFY_PROOFS',
] as const

/** One for each chain, and for each secret that an app names. */
const NAMED = /^COUNTERSIGN_(?:RPC_\d{1,15}|SECRET_[A-Z][A-Z0-9_]*)$/

/** Settings that nobody reads: most often a slip of the pen, and then what it was to protect is not protected. */
export function unknownSettings(env: NodeJS.ProcessEnv): string[] {
  const known: ReadonlySet<string> = new Set(SETTINGS)
  return Object.keys(env)
    .filter((name) => name.startsWith('COUNTERSIGN_') && !known.has(name) && !NAMED.test(name))
    .sort()
}
