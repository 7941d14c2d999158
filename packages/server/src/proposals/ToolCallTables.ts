/** What only a proposal of kind `tool_call` has. */
export interface ToolCallTables {
  tool_calls: {
    proposal_id: string
    tool: string
    /** JSON. */
    args: string
    definition: string
    principal: string | null
    key_id: string | null
    /** JSON of `ToolCall.Seen`. */
    seen: string
    /** JSON of `ToolCall.Result`; null until it ended. */
    result: string | null
    /** The process that runs it, once it is confirmed. */
    instance: string | null
  }
}

declare module '../store/Schema.ts' {
  interface Schema extends ToolCallTables {}
}
