/** A page of somebody's shop, at an origin of its own: the hooks with a session token. Bundled by hooks.test.ts. */
import { createClient, redeemCode, type Client } from '@countersign/sdk'
import { useProposal, useSession } from '@countersign/sdk/react'
import { createElement as h, useState, type ReactElement } from 'react'
import { createRoot } from 'react-dom/client'

function Shop({ client }: { client: Client }): ReactElement {
  const session = useSession(client)
  const [text, setText] = useState('')
  const [first] = session.proposals
  const shown = useProposal(client, first?.id ?? null, { intervalMs: 200 })
  const lost = useProposal(client, 'prop_00000000-0000-0000-0000-000000000000')
  return h(
    'main',
    null,
    h('p', { id: 'connection' }, session.connection),
    h(
      'ul',
      null,
      ...(session.snapshot?.messages ?? []).map((each, i) => h('li', { key: i }, `${each.sender}: ${each.content}`)),
    ),
    h('input', { value: text, onChange: (event: { target: { value: string } }) => setText(event.target.value) }),
    h('button', { id: 'send', onClick: () => void session.send(text) }, 'Send'),
    h('p', { id: 'followed' }, first?.state ?? 'none'),
    h('p', { id: 'proposal' }, shown.proposal === null ? 'none' : `${shown.proposal.state}: ${shown.proposal.summary}`),
    h('p', { id: 'lost' }, lost.error?.code ?? 'none'),
    h('button', { id: 'reject', onClick: () => void client.reject(first?.id ?? '', 'No.') }, 'Reject'),
  )
}

const query = new URLSearchParams(location.search)
const baseUrl = query.get('server') ?? ''
const { token, session_id: sessionId } = await redeemCode(
  { baseUrl },
  { code: query.get('code') ?? '', publishableId: query.get('publishable') ?? '' },
)
createRoot(document.body).render(
  h(Shop, { client: createClient({ baseUrl, sessionId, token: () => token, app: 'shop' }) }),
)
