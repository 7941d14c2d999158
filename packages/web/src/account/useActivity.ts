import { createClient, type Proposal } from '@countersign/sdk'
import { useEffect, useState } from 'react'
import type { SessionView } from '../useSession.ts'

/** At most this many other conversations are read; each is a request. */
const MAX_SESSIONS = 20

/** The proposals of every conversation of this browser, newest first; null while they are read. */
export function useActivity(session: SessionView, hasCookie: boolean): readonly Proposal[] | null {
  const [others, setOthers] = useState<readonly Proposal[] | null>(null)
  const { client } = session
  const current = client.sessionId
  useEffect(() => {
    let isCurrent = true
    readOthers(session, hasCookie).then(
      (found) => isCurrent && setOthers(found),
      // Without the others, this conversation's own are shown.
      () => isCurrent && setOthers([]),
    )
    return () => {
      isCurrent = false
    }
  }, [current, hasCookie, session.proposals.length])
  if (others === null) return null
  const own = new Set(session.proposals.map(({ id }) => id))
  return [...session.proposals, ...others.filter(({ id }) => !own.has(id))].toSorted((a, b) =>
    a.created_at < b.created_at ? 1 : -1,
  )
}

async function readOthers({ client }: SessionView, hasCookie: boolean): Promise<readonly Proposal[]> {
  if (!hasCookie) return []
  const sessions = await client.sessions()
  const ids = sessions
    .filter(({ is_here: isHere, session_id: id }) => isHere && id !== client.sessionId)
    .map(({ session_id: id }) => id)
  const all = await Promise.all(
    ids.slice(0, MAX_SESSIONS).map(async (sessionId) => {
      const other = createClient({ baseUrl: '', sessionId, isOwnPage: true })
      return other.proposals().catch(() => [])
    }),
  )
  return all.flat().filter((each) => each.kind !== 'tool_call')
}
