import type { ToolAnswer, ToolName } from '@countersign/server/mcp'

/** What runs the tools of `countersign mcp`. */
export interface ToolHost {
  call(name: ToolName, args: Readonly<Record<string, unknown>>): Promise<ToolAnswer>
  close(): Promise<void>
}
