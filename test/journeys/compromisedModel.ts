import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A call that the model makes, whatever anybody says. */
export interface Step {
  readonly tool: string
  readonly args: unknown
}

export interface CompromisedModel {
  /** What points a server at it. */
  readonly env: Readonly<Record<string, string>>
  /** What it does next, one step a request; then it says that it is done. */
  script: Step[]
  close(): void
}

/** A language model that an attacker controls, over HTTP in the shape of OpenAI. */
export async function startCompromisedModel(): Promise<CompromisedModel> {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      const step = model.script.shift()
      const call = { index: 0, id: randomUUID(), type: 'function' }
      const delta =
        step === undefined
          ? { role: 'assistant', content: 'Done.' }
          : {
              role: 'assistant',
              tool_calls: [{ ...call, function: { name: step.tool, arguments: JSON.stringify(step.args) } }],
            }
      const chunk = (part: unknown, finish: string | null) =>
        `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: part, finish_reason: finish }] })}\n\n`
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(chunk(delta, null) + chunk({}, step === undefined ? 'stop' : 'tool_calls') + 'data: [DONE]\n\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const model: CompromisedModel = {
    env: {
      COUNTERSIGN_MODEL_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
      COUNTERSIGN_MODEL: 'compromised',
    },
    script: [],
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return model
}
