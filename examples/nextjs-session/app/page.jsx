'use client'
import { createClient, redeemCode } from '@countersign/sdk'
import { useProposal, useSession } from '@countersign/sdk/react'
import { useEffect, useState } from 'react'

const baseUrl = process.env.NEXT_PUBLIC_COUNTERSIGN_SERVER
const app = process.env.NEXT_PUBLIC_COUNTERSIGN_APP

export default function Page() {
  const [client, setClient] = useState(null)
  useEffect(() => {
    async function open() {
      const { code, publishable_id: publishableId } = await (await fetch('/api/session', { method: 'POST' })).json()
      const { token, session_id: sessionId } = await redeemCode({ baseUrl }, { code, publishableId })
      // In memory only: a token in storage outlives the page.
      setClient(createClient({ baseUrl, app, sessionId, token: () => token }))
    }
    open().catch(console.error)
  }, [])
  const { snapshot, proposals, error, send } = useSession(client)
  const { proposal } = useProposal(client, proposals[0]?.id ?? null)
  return (
    <main>
      <ul>
        {snapshot?.messages.map((message, i) => (
          <li key={i}>{message.content}</li>
        ))}
      </ul>
      {error !== null && <p role="alert">{error.hint}</p>}
      {proposal !== null && (
        <p>
          {proposal.summary}: {proposal.state}
        </p>
      )}
      <form action={(form) => send(form.get('message'))}>
        <input name="message" aria-label="Message" />
      </form>
    </main>
  )
}
