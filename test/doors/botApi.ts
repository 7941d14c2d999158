import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request to the Bot API: a method and its fields. */
export interface Call {
  readonly method: string
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * The Bot API on loopback: the methods that the bot uses, as https://core.telegram.org/bots/api describes them. Updates that a test
 * queues are handed out by `getUpdates`, and again until a higher offset takes them.
 */
export class BotApi {
  readonly calls: Call[] = []
  readonly #token: string
  readonly #server: Server
  readonly #updates: Record<string, unknown>[] = []
  #waiting: (() => void)[] = []
  /** Status of the next answers by method; null answers as usual. */
  refuses: Readonly<Record<string, number>> = {}

  constructor({ token, id, username }: { token: string; id: number; username: string }) {
    this.#token = token
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const [, token, method = ''] = /^\/bot([^/]+)\/(\w+)$/.exec(request.url ?? '') ?? []
        const text = Buffer.concat(chunks).toString()
        const fields = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
        const answer = (status: number, body: object): void => {
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
        }
        if (token !== this.#token) return answer(401, { ok: false, error_code: 401, description: 'Unauthorized' })
        this.calls.push({ method, fields })
        const refused = this.refuses[method]
        if (refused !== undefined) return answer(refused, { ok: false, error_code: refused, description: 'Refused' })
        if (method === 'getMe')
          return answer(200, {
            ok: true,
            result: { id, is_bot: true, first_name: 'Test', username, can_join_groups: true },
          })
        if (method === 'getUpdates') return void this.#poll(fields, (result) => answer(200, { ok: true, result }))
        if (method === 'sendMessage')
          return answer(200, {
            ok: true,
            result: { message_id: this.calls.length, date: 1, chat: { id: fields['chat_id'], type: 'private' } },
          })
        answer(200, { ok: true, result: true })
      })
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    for (const wake of this.#waiting) wake()
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** Queues an update, with the number that it is given. */
  push(update: Record<string, unknown>): void {
    this.#updates.push(update)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  sentTo(chat: number): readonly Readonly<Record<string, unknown>>[] {
    return this.calls
      .filter(({ method, fields }) => method === 'sendMessage' && String(fields['chat_id']) === String(chat))
      .map(({ fields }) => fields)
  }

  async #poll(fields: Readonly<Record<string, unknown>>, answer: (updates: unknown[]) => void): Promise<void> {
    const offset = Number(fields['offset'] ?? 0)
    const due = () => this.#updates.filter(({ update_id: id }) => (id as number) >= offset)
    if (due().length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    answer(due())
  }
}
