import type { PublicConfig } from '@countersign/sdk'
import { languageNow, t } from '../text/text.ts'
import { createFrameWallet, type Port } from './createFrameWallet.ts'
import { NAMES, walletError, type WalletId } from './OptionalWallet.ts'

/** Only a letter: an image that loads nothing. */
const ICON =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22%3E%3Crect width=%2232%22 height=%2232%22 rx=%226%22 fill=%22%23345%22/%3E%3Cpath d=%22M9 9h14v14H9z%22 fill=%22white%22/%3E%3C/svg%3E'

/** How long a frame may take to say that it is there, in milliseconds. */
const LOAD_MS = 20_000

/** Announces the wallets that the operator installed (EIP-6963). Each is loaded when its owner connects it, and not before. */
export function announceWallets(config: PublicConfig): void {
  for (const wallet of config.wallets ?? []) if (wallet.id in NAMES) announce(config, wallet)
}

function announce(config: PublicConfig, { id, key, environment }: NonNullable<PublicConfig['wallets']>[number]): void {
  const place = createPlace(id, () => provider.cancel())
  const provider = createFrameWallet({
    open: place.open,
    close: place.close,
    show: place.show,
    opening: {
      kind: 'open',
      settings: { key, environment },
      chainIds: config.chains.map((chain) => chain.chain_id),
      chainId: config.chains[0]?.chain_id ?? 1,
      language: languageNow(),
      page: { name: 'Countersign', url: window.location.origin },
    },
    rpc: (chainId, method, params) => askChain(config, chainId, method, params),
  })
  const detail = Object.freeze({
    info: Object.freeze({ uuid: crypto.randomUUID(), name: NAMES[id], icon: ICON, rdns: `invalid.countersign.${id}` }),
    provider,
  })
  const tell = (): void => void window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
  window.addEventListener('eip6963:requestProvider', tell)
  tell()
}

async function askChain(config: PublicConfig, chainId: number, method: string, params: unknown): Promise<unknown> {
  const chain = config.chains.find((each) => each.chain_id === chainId)
  if (chain === undefined) throw walletError(4902, 'This chain is not served here.')
  const response = await fetch(chain.rpc_path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-countersign-page': '1' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const body = (await response.json()) as { result?: unknown; error?: { code: number; message: string } }
  if (body.error !== undefined) throw walletError(body.error.code, body.error.message)
  return body.result
}

/** Where the frame of a wallet stands in the page: a dialog that is open while its owner has something to do in it. */
function createPlace(id: WalletId, onCancel: () => void) {
  let dialog: HTMLDialogElement | null = null

  const close = (): void => {
    dialog?.remove()
    dialog = null
  }

  function open(): Promise<Port> {
    close()
    const frame = document.createElement('iframe')
    frame.src = `/wallet/${id}`
    frame.title = NAMES[id]
    frame.className = 'h-[28rem] max-h-[70dvh] w-full rounded-lg border border-line'
    // No origin: its scripts reach neither this page nor what this browser keeps for it.
    frame.setAttribute('sandbox', id === 'para' ? 'allow-scripts allow-forms allow-popups' : 'allow-scripts')
    const cancel = document.createElement('button')
    cancel.type = 'button'
    cancel.className = 'button mt-3 w-full'
    cancel.textContent = t().connect.close
    const own = document.createElement('dialog')
    own.className = 'panel w-[min(26rem,calc(100vw-2rem))]'
    own.setAttribute('aria-label', NAMES[id])
    own.append(frame, cancel)
    cancel.addEventListener('click', () => own.close())
    // Closed by its owner: `show(false)` takes it out of sight without this event.
    own.addEventListener('close', () => own.dataset['hidden'] !== 'yes' && onCancel())
    document.body.append(own)
    dialog = own
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        close()
        reject(walletError(4900, `${NAMES[id]} did not load.`))
      }, LOAD_MS)
      const hear = (event: MessageEvent): void => {
        const [port] = event.ports
        if (event.source !== frame.contentWindow || event.origin !== 'null' || port === undefined) return
        window.removeEventListener('message', hear)
        clearTimeout(timer)
        resolve(port as Port)
      }
      window.addEventListener('message', hear)
      // A frame that is not drawn is not loaded by some browsers.
      show(true)
    })
  }

  function show(isShown: boolean): void {
    if (dialog === null || dialog.open === isShown) return
    dialog.dataset['hidden'] = isShown ? 'no' : 'yes'
    if (isShown) dialog.showModal()
    else dialog.close()
  }

  return { open, close, show }
}
