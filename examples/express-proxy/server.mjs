// A shop's backend. The browser never sees the API key: it asks here, and the owner answers on Countersign's page.
import { attempt, createApi, verifyWebhook } from '@countersign/sdk'
import express from 'express'

const { COUNTERSIGN_SERVER, COUNTERSIGN_API_KEY, WEBHOOK_SECRET, TREASURY, CHAIN_ID, PORT = '3000' } = process.env
const api = createApi({ baseUrl: COUNTERSIGN_SERVER, apiKey: COUNTERSIGN_API_KEY })
const app = express()
const seen = new Set()
const paid = new Map()

// The raw body: the signature is over the bytes as they came.
app.post('/countersign', express.raw({ type: '*/*', limit: '64kb' }), async (request, response) => {
  try {
    const message = await verifyWebhook({
      body: request.body,
      signature: request.get('Countersign-Signature'),
      secrets: WEBHOOK_SECRET,
    })
    if (!seen.has(message.id)) {
      seen.add(message.id)
      if (message.event === 'proposals.proposal.settled') paid.set(message.proposal, true)
    }
    response.sendStatus(204)
  } catch {
    response.sendStatus(400)
  }
})

app.use(express.json({ limit: '16kb' }))

// One order is one proposal, however often the browser asks.
app.post('/orders/:order/refund', async (request, response) => {
  const { to, wei } = request.body
  const asked = await attempt(
    api.propose({
      from: TREASURY,
      chain_id: Number(CHAIN_ID),
      transactions: [{ to, value: wei, data: '0x' }],
      idempotency_key: `refund-${request.params.order}`,
      client: { name: 'Shop backend' },
    }),
  )
  if (!asked.ok) return response.status(502).json({ code: asked.error.code, error: asked.error.message })
  response.json({ id: asked.value.id, state: asked.value.state, url: asked.value.url })
})

app.get('/refunds/:id', async (request, response) => {
  const asked = await attempt(api.proposal(request.params.id))
  if (!asked.ok) return response.status(asked.error.status === 404 ? 404 : 502).json({ code: asked.error.code })
  response.json({ state: asked.value.state, settled: paid.get(request.params.id) === true })
})

const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
