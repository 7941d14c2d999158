import type { Place } from '../../Fact.ts'
import { liner, type View } from '../../View.ts'

/** Another function is put in the place of a library's own: `Wallet.prototype.sendTransaction = …`, `Account.sign_transaction = mine`. */
const REPLACED =
  /\b[A-Z]\w{0,60}(?:\.prototype)?\.(?:sendTransaction|signTransaction|signAllTransactions|sendRawTransaction|signAndSendTransaction|populateTransaction|writeContract|sendCalls|transfer|send_transaction|sign_transaction|send_raw_transaction|build_transaction)\s{0,3}=(?!=)|\b(?:setattr|Object\.defineProperty)\(\s{0,3}[A-Z]\w{0,60}(?:\.prototype)?\s{0,3},\s{0,3}["'](?:sendTransaction|signTransaction|signAllTransactions|signAndSendTransaction|populateTransaction|send_transaction|sign_transaction|build_transaction)["']/g
/** What it then does to the transaction: another recipient, amount or calldata. */
const CHANGED =
  /(?:\.|\[["'])(?:to|recipient|receiver|toPubkey|data|value)(?:["']\])?\s{0,3}=(?!=)|\bencodeFunctionData\(|\{\s{0,3}\.\.\.\w{1,40},[^{}]{0,80}\b(?:to|data|value)\s{0,2}:|\bdict\(\s{0,3}\w{1,40}\s{0,2},[^()]{0,80}\bto\s{0,2}=/
const BODY_CHARS = 700

/** Places where a wallet library's own function of signing or sending is replaced by one that changes what is sent. */
export function rewrittenSigning(views: readonly View[]): (Place & { readonly text: string })[] {
  const out: (Place & { text: string })[] = []
  for (const view of views) {
    if (view.name !== 'code' && view.name !== 'decoded') continue
    for (const found of view.text.matchAll(REPLACED)) {
      // The function may be written before it is put in place.
      const body = view.text.slice(Math.max(0, found.index - BODY_CHARS), found.index + found[0].length + BODY_CHARS)
      if (!CHANGED.test(body)) continue
      const { file, name, role } = view
      out.push({ file, line: liner(view)(found.index), view: name, role, text: found[0] })
    }
  }
  return out
}
