/** One stored line of a conversation, as the model sees it again. Tool lines are kept, in order. */
export type HistoryItem =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string }
  /** Something the runtime tells the model, such as a wallet's answer. Not user words: grounds nothing. */
  | {
      readonly role: 'system'
      readonly text: string
      /** Written for the owner as well: clients that show no system messages show it as the agent's. */
      readonly isForOwner?: true
    }
  | {
      readonly role: 'tool'
      readonly callId: string
      readonly tool: string
      readonly args: unknown
      readonly result: unknown
    }
