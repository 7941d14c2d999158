/** The proposal that a path of this page is about (`/p/{id}`); null for every other path. */
export function proposalIn(path: string): string | null {
  return /^\/p\/(prop_[0-9a-f-]{36})\/?$/.exec(path)?.[1] ?? null
}
