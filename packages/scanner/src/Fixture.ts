/**
 * A directory of samples for tests, declared by the person who scans: in the lock, or on the command line. It never comes
 * from the skills themselves, and an installer who does not give it judges the samples as what they are.
 */
export interface Fixture {
  /** A directory, relative to the working directory, with `/`; every skill at or below it is a sample. */
  readonly path: string
  readonly because: string
  readonly declared_by: string
}

/** The path as reports write it: no `./`, no doubled or closing slash; null where it is absolute or leads upward. */
export function normalPath(path: string): string | null {
  if (path === '' || path.startsWith('/') || /(?:^|[\\/])\.\.(?:[\\/]|$)|^[a-z]:/i.test(path)) return null
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return parts.length === 0 ? null : parts.join('/')
}
