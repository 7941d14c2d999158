import type { SessionInfo } from '@countersign/sdk'
import { useEffect, useState } from 'react'
import { Dialog } from './Dialog.tsx'
import { around } from './text/around.ts'
import { languageNow } from './text/text.ts'
import { useLanguage } from './text/useLanguage.ts'
import { problemText, type SessionView } from './useSession.ts'

/** The owner's own sessions: look at them, go on with one, end one, end all others. */
export function SessionsDialog({ session, onClose }: { session: SessionView; onClose: () => void }) {
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

  useEffect(() => act(() => Promise.resolve()), [])
  useLanguage()
  const words = around().sessions

  return (
    <Dialog
      title={words.title}
      titleId="sessions-title"
      onClose={onClose}
      foot={(close) => (
        <>
          <button type="button" className="button flex-1" onClick={() => act(() => session.client.endOthers())}>
            {words.endOthers}
          </button>
          <button type="button" className="button flex-1" onClick={close}>
            {around().close}
          </button>
        </>
      )}
    >
      {(close) => (
        <>
          <p className="mt-1 text-sm text-quiet">{words.about}</p>
          <ul className="mt-4 space-y-3" aria-label={words.label}>
            {sessions.map((each) => (
              <li key={each.session_id} className="flex flex-wrap items-center justify-between gap-2">
                <div className="min-w-0">
                  <p className="[overflow-wrap:anywhere]">
                    {each.title}
                    {each.session_id === current && <span className="text-quiet"> · {words.thisOne}</span>}
                  </p>
                  <p className="address text-sm text-quiet">
                    {each.wallet === null
                      ? words.noWallet
                      : words.wallet(each.wallet.address, each.wallet.status === 'proven')}
                  </p>
                  <p className="text-sm text-quiet">
                    {words.ends(new Date(each.ends_at).toLocaleTimeString(languageNow()))}
                  </p>
                </div>
                {each.session_id !== current && (
                  <div className="flex flex-wrap gap-2">
                    <button
                      type="button"
                      className="button"
                      aria-label={words.goOnWith(each.title)}
                      onClick={() => {
                        close()
                        if (each.is_here) session.open(each.session_id)
                        else act(async () => session.open(await session.client.takeOver(each.session_id)))
                      }}
                    >
                      {each.is_here ? words.goOn : words.bringHere}
                    </button>
                    {each.is_here && (
                      <button
                        type="button"
                        className="button"
                        aria-label={words.endWhich(each.title)}
                        onClick={() => act(() => session.client.endSession(each.session_id))}
                      >
                        {words.end}
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
        </>
      )}
    </Dialog>
  )
}
