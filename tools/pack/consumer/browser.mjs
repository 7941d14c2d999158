import { createClient } from '@countersign/sdk'

globalThis.client = createClient({ baseUrl: '', sessionId: crypto.randomUUID() })
