/**
 * What a program beside this one finds in its environment: where programs and temporary files are, the language and the clock of the
 * machine, and how it trusts and reaches servers. **Everything else stays out**: secrets of this program, and settings that a
 * shell happens to hold for anvil (`ANVIL_*`, `FOUNDRY_*`), which would change what a simulation runs on.
 */
const NAMES = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TMP', 'TEMP', 'LANG', 'LANGUAGE', 'TZ'],
  ...['SYSTEMROOT', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'],
  ...['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA', 'NODE_USE_ENV_PROXY'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'],
])

/** The part of an environment that a program beside this one may see. `also`: names that this one needs besides. */
export function plainEnv(env: NodeJS.ProcessEnv, also: readonly string[] = []): NodeJS.ProcessEnv {
  const isPlain = (name: string): boolean =>
    NAMES.has(name.toUpperCase()) || name.startsWith('LC_') || also.includes(name)
  return Object.fromEntries(Object.entries(env).filter(([name]) => isPlain(name)))
}
