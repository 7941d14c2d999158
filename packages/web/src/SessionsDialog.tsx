import type { SessionInfo } from '@countersign/sdk'
import { useEffect, useRef, useState } from 'react'
import { problemText, type SessionView } from './useSession.ts'

/** The owner's own sessions: look at them, go on with one, end one, end all others. */
export function SessionsDialog({ session, onClose }: { session: SessionView; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [sessions, setSessions] = useState<readonly SessionInfo[]>([])
  const [problem, setProblem] = useState<string | null>(null)
  const current = session.client.sessionId

  function act(what: () => Promise<unknown>): void {
    setProblem(null)
    what()
      .then(() => session.client.sessions(session.signedIn ?? undefined))
      .then(setSessions)
      .catch((error: unknown) => setProblem(problemText(error)))
  }

  useEffect(() => {
    dialog.current?.showModal()
    act(() => Promise.resolve())
  }, [])

  return (
    <dialog
      lang="en"
      ref={dialog}
      aria-labelledby="sessions-title"
      onClose={onClose}
      className="m-auto w-[min(34rem,calc(100vw-2rem))] rounded-xl border border-line bg-sheet p-5 text-ink"
    >
      <h2 id="sessions-title" className="text-lg font-semibold">
        Your sessions
      </h2>
      <p className="mt-1 text-sm text-quiet">
        Sessions end by themselves: after a while without use, and in any case after some hours.
      </p>
      <ul className="mt-4 max-h-80 space-y-3 overflow-y-auto" tabIndex={0} aria-label="Sessions">
        {sessions.map((each) => (
          <li key={each.session_id} className="flex flex-wrap items-center justify-between gap-2">
            <div className="min-w-0">
              <p className="[overflow-wrap:anywhere]">
                {each.title}
                {each.session_id === current && <span className="text-quiet"> · this one</span>}
              </p>
              <p className="address text-sm text-quiet">
                {each.wallet === null
                  ? 'no wallet'
                  : `${each.wallet.address} (${each.wallet.status === 'proven' ? 'signed in' : 'not signed in'})`}
              </p>
              <p className="text-sm text-quiet">ends {new Date(each.ends_at).toLocaleTimeString()}</p>
            </div>
            {each.session_id !== current && (
              <div className="flex gap-2">
                <button
                  type="button"
                  className="button"
                  aria-label={`Go on with ${each.title}`}
                  onClick={() => {
                    dialog.current?.close()
                    if (each.is_here) session.open(each.session_id)
                    else act(async () => session.open(await session.client.takeOver(each.session_id)))
                  }}
                >
                  {each.is_here ? 'Go on' : 'Bring here'}
                </button>
                {each.is_here && (
                  <button
                    type="button"
                    className="button"
                    aria-label={`End ${each.title}`}
                    onClick={() => act(() => session.client.endSession(each.session_id))}
                  >
                    End
                  </button>
                )}
              </div>
            )}
          </li>
        ))}
      </ul>
      {problem !== null && (
        <p role="alert" className="mt-3 text-sm text-bad">
          {problem}
        </p>
      )}
      <div className="mt-4 flex gap-3">
        <button type="button" className="button flex-1" onClick={() => act(() => session.client.endOthers())}>
          End all others
        </button>
        <button type="button" className="button flex-1" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  )
}
