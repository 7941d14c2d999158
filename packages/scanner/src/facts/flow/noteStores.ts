import type { CodeCall, CodeReading } from '../languages/readCode.ts'
import type { Calls } from '../languages/Language.ts'
import { whatIsAt } from '../places.ts'
import type { CallNotes } from './CallNotes.ts'

const READS =
  /(?:^|\.)(?:readFileSync|readFile|open|read_text|read_bytes|Path|copy|copyfile|copytree|copy_file|ZipFile|write|make_archive|compress-archive)$/i
/** Programs that take files together or print them, in a line of the shell that code runs. */
const READS_IN_SHELL = /(?:^|[\s;|&(])(?:tar|zip|7z|cat|cp|rsync|base64|gzip)\s/
/** Lines of the shell that send what they are given, not only ask. */
const SENDS_IN_SHELL =
  /(?:^|[\s;|&(])(?:curl\s[^|;]{0,200}?(?:\s-\w{0,4}[FTd]|\s--(?:data|form|upload|json))|nc\s|ncat\s|scp\s|rsync\s[^|;]{0,100}::?|wget\s[^|;]{0,200}--post)/
const SENDS_FILE = /(?:^|\s)-(?:InFile|Body|Form)\b/i

/** Directories of wallets for the desk, as they are called. */
const WALLET_APPS =
  /^(?:exodus|ledger live|electrum(?:-ltc)?|atomic(?: wallet)?|sparrow|monero(?:-project)?|wasabi ?wallet|coinomi|guarda|jaxx(?: liberty)?|trezor(?: suite)?|bitcoin-qt|armory|multidoge|zcash|ethereum|binance|daedalus(?: mainnet)?|yoroi|phantom|metamask)$/i

interface Knows {
  readonly table: Calls
  isExec(call: CodeCall): boolean
  isSend(call: CodeCall): boolean
}

/**
 * Names of several stores of keys, a file that is read by a name made up at run time, and something that is sent: the values
 * pass through a loop that is not followed, and there is no other reason for the three to meet.
 */
export function noteStores(
  reading: CodeReading,
  connects: CodeCall | undefined,
  notes: CallNotes,
  { table, isExec, isSend }: Knows,
): void {
  const stores = new Set<string>()
  for (const { text } of reading.strings) {
    if (text.length >= 400) continue
    // A list of names to be globbed may stand in one text.
    for (const piece of text.split(/[\s,]{1,4}(?=[~$/.%])/))
      if (piece.length < 200 && ['credential', 'wallet'].includes(whatIsAt(piece))) stores.add(piece)
  }
  for (const { text } of reading.strings) if (WALLET_APPS.test(text)) stores.add(text)
  if (stores.size < 2) return
  const runs = (call: CodeCall) => isExec(call) || table.runs?.test(call.callee) === true
  const lineOf = (call: CodeCall) => [...call.literals, ...call.ownLiterals].join(' ')
  const reads = reading.calls.some(
    (call) =>
      READS.test(call.callee) ||
      table.reads?.test(call.callee) === true ||
      (runs(call) && READS_IN_SHELL.test(lineOf(call))),
  )
  const sends = reading.calls.find(
    (call) =>
      isSend(call) ||
      table.sends?.test(call.callee) === true ||
      (table.fetches?.test(call.callee) === true && SENDS_FILE.test(call.text)) ||
      (connects !== undefined && /\.(?:write|send|sendall|end|puts|print)$/i.test(call.callee) && call !== connects) ||
      (runs(call) && SENDS_IN_SHELL.test(lineOf(call))),
  )
  if (reads && sends !== undefined)
    notes.addFlow(
      'secret',
      'network',
      [...stores].join(', '),
      sends.callee,
      `${sends.callee}(${sends.text.slice(0, 160)})`,
      notes.place(sends.offset),
    )
}
