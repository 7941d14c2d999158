// The key stays here. The page gets a one-time code, which it redeems for a token of one conversation.
import { createClient } from '@countersign/sdk'

export async function POST(request) {
  const origin = process.env.SHOP_ORIGIN
  // Another page must not start conversations in the name of this one.
  if (request.headers.get('origin') !== origin) return Response.json({ error: 'forbidden' }, { status: 403 })
  const client = createClient({
    baseUrl: process.env.COUNTERSIGN_SERVER,
    apiKey: process.env.COUNTERSIGN_API_KEY,
    app: process.env.COUNTERSIGN_APP,
    sessionId: crypto.randomUUID(),
  })
  await client.start()
  const { code, publishable_id } = await client.sessionCode(origin)
  return Response.json({ code, publishable_id }, { headers: { 'cache-control': 'no-store' } })
}
