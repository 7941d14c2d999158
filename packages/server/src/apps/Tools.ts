/** What an app may give its model. `tools/createTools.ts` has each; the compiler holds the two together. */
export const TOOL_NAMES = [
  'get_balance',
  'get_price',
  'swap',
  'send',
  'approve',
  'revoke',
  'stage_tx',
  'stage_signature',
  'view_state',
  'commit_tx',
  'finish_batch',
] as const

/** Tools that an app has while a document of it is released. The second is what Aomi calls the first. */
export const DOCUMENT_TOOLS = ['search_documents', 'search_docs'] as const

export type ToolName = (typeof TOOL_NAMES)[number]
