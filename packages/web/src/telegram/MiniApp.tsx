import { createClient, type Routes } from '@countersign/sdk'
import { useEffect, useState } from 'react'
import { around } from '../text/around.ts'
import { serverLang } from '../text/text.ts'
import { useLanguage } from '../text/useLanguage.ts'
import { problemText } from '../useSession.ts'
import { openOutside } from './launch.ts'

type Waiting = Routes['POST /api/telegram/open']['answer']['waiting'][number]

/** What waits for the wallets of this user of Telegram. It signs nothing: each card opens where the wallet is. */
export function MiniApp({ initData }: { initData: string | null }) {
  const [waiting, setWaiting] = useState<readonly Waiting[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useLanguage()
  const words = around().telegram
  useEffect(() => {
    if (initData === null) return
    const client = createClient({ baseUrl: '', sessionId: crypto.randomUUID() })
    client
      .openTelegram(initData)
      .then((answer) => setWaiting(answer.waiting))
      .catch((error: unknown) => setProblem(problemText(error)))
  }, [initData])
  return (
    <main className="mx-auto max-w-xl p-4">
      <h1 className="text-lg font-bold">{words.title}</h1>
      <p className="mt-2 text-sm text-quiet">{words.about}</p>
      {initData === null && (
        <p role="alert" className="mt-4">
          {words.fromBot}
        </p>
      )}
      {problem !== null && (
        <p role="alert" className="mt-4 rounded-lg bg-care-soft px-3 py-2 text-care">
          {problem}
        </p>
      )}
      {initData !== null && waiting === null && problem === null && (
        <p role="status" className="mt-4 text-quiet">
          {around().loading}
        </p>
      )}
      {waiting?.length === 0 && (
        <p role="status" className="mt-4">
          {words.nothing}
        </p>
      )}
      <ul className="mt-4 space-y-3">
        {waiting?.map(({ id, lines, url }) => (
          <li key={id} className="rounded-xl border border-line bg-sheet p-4 [overflow-wrap:anywhere]">
            {lines.map((line, i) => (
              <p key={line} lang={serverLang()} className={i === 0 ? 'font-semibold' : 'mt-1 text-sm'}>
                {line}
              </p>
            ))}
            <button type="button" className="button mt-3" onClick={() => openOutside(url)}>
              {words.open}
            </button>
          </li>
        ))}
      </ul>
    </main>
  )
}
