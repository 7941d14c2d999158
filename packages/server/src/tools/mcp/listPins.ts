import type { App } from '../../apps/App.ts'
import { pinOf, type McpDefinition } from '../../apps/McpEntry.ts'
import { limited } from '../http/callOrigin.ts'
import type { OriginTools } from '../http/connect.ts'
import { fill, type Secrets } from '../http/Masked.ts'
import { McpFailure, openMcp } from './openMcp.ts'

/** A definition of an MCP server, for a person to look at. */
export interface ListedPin {
  readonly server: string
  /** As the server calls it. */
  readonly tool: string
  readonly pin: string
  readonly state: 'pinned' | 'differs' | 'not pinned'
  /** As the server wrote it: text of somebody else. */
  readonly definition: McpDefinition
}

/** What the MCP servers of an app list now. A server that does not answer is named, with the code of its failure. */
export async function listPins(
  tools: OriginTools,
  { app, secrets }: { app: App; secrets: Secrets },
): Promise<{ readonly pins: readonly ListedPin[]; readonly silent: readonly { server: string; code: string }[] }> {
  const pins: ListedPin[] = []
  const silent: { server: string; code: string }[] = []
  for (const { name: server, url, auth, allowPrivate, tools: pinned } of app.mcp ?? []) {
    const { signal, stop } = limited(tools, undefined)
    try {
      const headers = auth === null ? {} : { [auth.header.toLowerCase()]: fill(auth.value, secrets) }
      const connection = await openMcp(tools, { url, allowPrivate, headers }, { signal })
      try {
        for (const definition of await connection.list(signal)) {
          const tool = String(definition['name'])
          const pin = pinOf(definition)
          const known = pinned.find((each) => each.tool === tool)
          const state = known === undefined ? 'not pinned' : known.pin === pin ? 'pinned' : 'differs'
          pins.push({ server, tool, pin, state, definition })
        }
      } finally {
        await connection.close()
      }
    } catch (error) {
      if (!(error instanceof McpFailure)) throw error
      silent.push({ server, code: error.code })
    } finally {
      stop()
    }
  }
  return { pins, silent }
}
