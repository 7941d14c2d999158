/** Sends one POST to an origin that was judged; null where no answer came. Redirects are not followed. */
export type Post = (request: {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  /** Whether the operator named this origin, so that it may be on this machine or network. */
  readonly isOwn: boolean
}) => Promise<{ readonly status: number; readonly body: unknown } | null>
