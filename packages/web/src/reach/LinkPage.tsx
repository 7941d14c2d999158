import { createClient } from '@countersign/sdk'
import { useState } from 'react'
import { around } from '../text/around.ts'
import { useLanguage } from '../text/useLanguage.ts'
import { problemText } from '../useSession.ts'

/** What a link of a message is for, and its token. */
export interface ReachLink {
  readonly purpose: 'confirm' | 'stop'
  readonly token: string
}

/** The link in the address of this page; null where there is none. The token stands behind "#", so no server was sent it. */
export function linkIn(hash: string): ReachLink | null {
  const [, purpose, token] = /^#(confirm|stop)=(channel_[0-9a-f]{32}\.[\w-]{43})$/.exec(hash) ?? []
  return token === undefined ? null : { purpose: purpose as ReachLink['purpose'], token }
}

/** Answers a link of a message. Nothing happens before the button is pressed: programs open links, too. */
export function LinkPage({ link }: { link: ReachLink }) {
  const [state, setState] = useState<'asked' | 'busy' | 'done'>('asked')
  const [problem, setProblem] = useState<string | null>(null)
  useLanguage()
  const words = around().link[link.purpose]
  const answer = async (): Promise<void> => {
    setState('busy')
    setProblem(null)
    const client = createClient({ baseUrl: '', sessionId: crypto.randomUUID(), isOwnPage: true })
    try {
      await (link.purpose === 'confirm' ? client.confirmChannel(link.token) : client.stopChannel(link.token))
      setState('done')
    } catch (error) {
      setProblem(problemText(error))
      setState('asked')
    }
  }
  return (
    <main className="mx-auto max-w-xl p-6">
      <h1 className="text-lg font-bold">{words.title}</h1>
      {state === 'done' ? (
        <p role="status" className="mt-3">
          {words.done}
        </p>
      ) : (
        <>
          <p className="mt-3 text-quiet">{words.text}</p>
          <p className="mt-2 text-quiet">{around().link.approvesNothing}</p>
          <button type="button" className="button mt-4" disabled={state === 'busy'} onClick={() => void answer()}>
            {words.button}
          </button>
        </>
      )}
      {problem !== null && (
        <p role="alert" className="mt-4 rounded-lg bg-care-soft px-3 py-2 text-care">
          {problem}
        </p>
      )}
    </main>
  )
}
