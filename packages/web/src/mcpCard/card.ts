import { amountText, shownSymbol } from '../symbols.ts'
import { STATE_WORDS } from '../text/states.ts'

/**
 * A proposal inside an MCP client (MCP Apps, SEP-1865): it shows, and approves nothing. Whoever frames this page could send
 * the same messages and paint over it, so what decides is our own page, which it offers to open.
 */

/** What the tools `propose` and `proposal` answer, as far as it is shown. All of it is drawn as text. */
interface Shown {
  readonly id?: unknown
  readonly state?: unknown
  readonly verdict?: unknown
  readonly url?: unknown
  readonly expires_at?: unknown
  readonly from?: unknown
  readonly chain_id?: unknown
  readonly untrusted_summary?: unknown
  readonly untrusted_reason?: unknown
  readonly report?: {
    readonly findings?: readonly Record<string, unknown>[]
    readonly changes?: readonly Record<string, unknown>[]
    readonly authority?: readonly Record<string, unknown>[]
  } | null
}

const VERDICTS: Readonly<Record<string, string>> = {
  allow: 'Nothing was found against it',
  warn: 'Read the findings first',
  block: 'Blocked by the simulation',
}
const STATES = [
  'staged',
  'blocked',
  'receipted',
  'pending',
  'submitted',
  'settled',
  'mismatched',
  'rejected',
  'expired',
  'superseded',
] as const

let lastId = 0
let shown: Shown = {}
const waiting = new Map<number, (result: unknown) => void>()

function post(message: Record<string, unknown>): void {
  // A page without an origin cannot name its host; nothing that is sent is a secret.
  window.parent.postMessage({ jsonrpc: '2.0', ...message }, '*')
}

function ask(method: string, params: unknown): Promise<unknown> {
  lastId += 1
  const id = lastId
  post({ id, method, params })
  return new Promise((resolve) => waiting.set(id, resolve))
}

function element(tag: string, text = '', kind = ''): HTMLElement {
  const made = document.createElement(tag)
  made.textContent = text
  if (kind !== '') made.className = kind
  return made
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''

/** Only a page on the web is offered: nothing that runs, and no file. */
function webUrl(value: unknown): string | null {
  const text = textOf(value)
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : null
}

function section(title: string, lines: readonly string[]): HTMLElement[] {
  if (lines.length === 0) return []
  const list = element('ul')
  for (const line of lines) list.append(element('li', line))
  return [element('h2', title), list]
}

function changeLine(change: Record<string, unknown>): string {
  const decimals = typeof change['decimals'] === 'number' ? change['decimals'] : null
  const symbol = change['untrusted_symbol']
  const token = textOf(change['token'])
  const name = typeof symbol === 'string' ? shownSymbol(symbol) : token === '' ? 'of the coin' : 'units'
  const isCoin = token === ''
  const amount = amountText(textOf(change['delta']), decimals ?? (isCoin ? 18 : null))
  return `${amount} ${name ?? ''}${isCoin ? '' : ` (${token})`}`
}

function authorityLine(grant: Record<string, unknown>): string {
  const unlimited = grant['unlimited'] === true ? 'UNLIMITED ' : ''
  return `${unlimited}${textOf(grant['kind'])} at ${textOf(grant['contract'])} for ${textOf(grant['subject'])}`
}

function draw(): void {
  const { report } = shown
  const state = STATES.find((each) => each === shown.state)
  const verdict = textOf(shown.verdict)
  const own = (report?.changes ?? []).filter((change) => change['is_yours'] === true)
  const isOut = (change: Record<string, unknown>): boolean => textOf(change['delta']).startsWith('-')
  const url = webUrl(shown.url)
  const head = element('header', '', verdict)
  head.append(element('p', state === undefined ? 'Waiting for the proposal' : STATE_WORDS[state], 'state'))
  head.append(element('h1', VERDICTS[verdict] ?? ''))
  const parts: HTMLElement[] = [head]
  if (textOf(shown.untrusted_summary) !== '') parts.push(element('p', textOf(shown.untrusted_summary)))
  if (textOf(shown.untrusted_reason) !== '') parts.push(element('p', textOf(shown.untrusted_reason)))
  parts.push(
    ...section('Leaves you', own.filter(isOut).map(changeLine)),
    ...section('Arrives', own.filter((change) => !isOut(change)).map(changeLine)),
    ...section('Permissions left behind', (report?.authority ?? []).map(authorityLine)),
    ...section(
      'Findings',
      (report?.findings ?? [])
        .filter((finding) => finding['level'] !== 'info')
        .map((finding) => `${textOf(finding['title'])}: ${textOf(finding['untrusted_because'])}`),
    ),
  )
  if (textOf(shown.from) !== '')
    parts.push(...section('Account', [textOf(shown.from), `Chain ${textOf(shown.chain_id)}`]))
  const foot = element('footer')
  if (url !== null) {
    const open = element('button', state === 'pending' ? 'Answer it on its page' : 'Open its page')
    open.addEventListener('click', () => void ask('ui/open-link', { url }))
    foot.append(open, element('p', url, 'quiet'))
  }
  const again = element('button', 'Look again', 'plain')
  again.addEventListener('click', () => void look())
  foot.append(again, element('p', 'Nothing is approved here. Only the owner’s wallet, on that page, can.', 'quiet'))
  parts.push(foot)
  document.body.replaceChildren(...parts)
  post({
    method: 'ui/notifications/size-changed',
    params: { height: document.documentElement.scrollHeight, width: document.documentElement.scrollWidth },
  })
}

/** Asks the tool `proposal` through the host. What it answers is drawn like what came by itself. */
async function look(): Promise<void> {
  const id = textOf(shown.id)
  if (id === '') return
  take(await ask('tools/call', { name: 'proposal', arguments: { id } }))
}

function take(result: unknown): void {
  const { structuredContent } = (result ?? {}) as { structuredContent?: unknown }
  if (typeof structuredContent !== 'object' || structuredContent === null) return
  const next = structuredContent as Shown
  if (textOf(next.id) === '') return
  shown = next
  draw()
}

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (event.source !== window.parent || typeof event.data !== 'object' || event.data === null) return
  const { id, method, params, result } = event.data as Record<string, unknown>
  if (method === 'ui/notifications/tool-result') {
    take(params)
    // What `propose` answers is short: the rest is looked up once.
    if (shown.report === undefined) void look()
  } else if (method === 'ui/resource-teardown' && id !== undefined) post({ id, result: {} })
  else if (method === undefined && typeof id === 'number') {
    waiting.get(id)?.(result)
    waiting.delete(id)
  }
})
draw()
void ask('ui/initialize', {
  protocolVersion: '2026-01-26',
  appInfo: { name: 'countersign', version: '1' },
  appCapabilities: {},
}).then(() => post({ method: 'ui/notifications/initialized', params: {} }))
