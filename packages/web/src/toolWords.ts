/** What the agent's tools did, in words: their names are for programs. */
const WORDS: Readonly<Record<string, string>> = {
  get_balance: 'Read your balances',
  get_price: 'Asked for a price',
  swap: 'Got a quote and prepared a swap',
  send: 'Prepared a payment',
  approve: 'Prepared a permission',
  revoke: 'Prepared to take a permission back',
  stage_tx: 'Prepared a transaction',
  stage_signature: 'Prepared a document to sign',
  view_state: 'Read a contract',
  finish_batch: 'Went on with the half-done steps',
  commit_tx: 'Put it on the card, checked on a copy of the chain',
}

/** A tool's work in words; the tool of an app by its name, in quotation marks, because its maker chose the name. */
export function toolText(tool: string): string {
  return Object.hasOwn(WORDS, tool) ? (WORDS[tool] ?? '') : `Used the app’s tool “${tool.slice(0, 60)}”`
}
