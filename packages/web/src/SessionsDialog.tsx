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
  const [renaming, setRenaming] = useState<string | null>(null)
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
                  {renaming === each.session_id ? (
                    <Rename
                      title={each.title}
                      onDone={(title) => {
                        setRenaming(null)
                        if (title !== null) act(() => session.client.renameSession(each.session_id, title))
                      }}
                    />
                  ) : (
                    <p className="[overflow-wrap:anywhere]">
                      {each.title}
                      {each.session_id === current && <span className="text-quiet"> · {words.thisOne}</span>}
                    </p>
                  )}
                  <p className="address text-sm text-quiet">
                    {each.wallet === null
                      ? words.noWallet
                      : words.wallet(each.wallet.address, each.wallet.status === 'proven')}
                  </p>
                  <p className="text-sm text-quiet">
                    {words.ends(new Date(each.ends_at).toLocaleTimeString(languageNow()))}
                  </p>
                </div>
                <div className="flex flex-wrap gap-2">
                  {each.is_here && renaming !== each.session_id && (
                    <button
                      type="button"
                      className="button"
                      aria-label={words.renameWhich(each.title)}
                      onClick={() => setRenaming(each.session_id)}
                    >
                      {words.rename}
                    </button>
                  )}
                  {each.session_id !== current && (
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
                  )}
                  {each.session_id !== current && each.is_here && (
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

/** The title of a session, to be typed anew. `onDone` is given null where it stays as it is. */
function Rename({ title, onDone }: { title: string; onDone: (title: string | null) => void }) {
  const [text, setText] = useState(title)
  const words = around().sessions
  return (
    <form
      className="flex flex-wrap gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        const next = text.trim()
        onDone(next === '' || next === title ? null : next)
      }}
    >
      <input
        className="min-h-11 min-w-0 flex-1 rounded-lg border border-line bg-sheet px-3"
        aria-label={words.newTitle}
        autoFocus
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          // The dialog stays open.
          event.preventDefault()
          onDone(null)
        }}
      />
      <button type="submit" className="button">
        {words.save}
      </button>
    </form>
  )
}
