import { answerPage, type Adapter, type InnerPort, type Surroundings } from './answerPage.ts'
import { createPara, type Para, type ParaPanel } from './para.ts'
import type { Frame } from '../../text/frame.en.ts'
import { textsIn } from './texts.ts'
import { createWalletConnect, type SignClient } from './walletConnect.ts'

/** Gives the page the port to this frame. The frame has no origin, but its address is that of the page. */
function start(wallet: (surroundings: Surroundings) => Promise<Adapter>): void {
  const { port1, port2 } = new MessageChannel()
  answerPage(port1 as InnerPort, wallet)
  window.parent.postMessage(null, new URL(window.location.href).origin, [port2])
}

/**
 * The frame of WalletConnect.
 *
 * @param init - `SignClient.init` of `@walletconnect/sign-client`.
 * @param encodeQr - `encodeQR` of `qr`: rows of dark and light.
 */
export function startWalletConnect(
  init: (options: object) => Promise<SignClient>,
  encodeQr: (text: string, output: 'raw') => readonly (readonly boolean[])[],
): void {
  start(async (surroundings) => {
    const { settings, page, language } = surroundings.opening
    const client = await init({
      projectId: settings.key,
      metadata: { name: page.name, description: page.name, url: page.url, icons: [] },
      // In memory: this frame has no storage, and a pairing ends with the page.
      storage: memory(),
      telemetryEnabled: false,
    })
    return createWalletConnect(client, surroundings, (uri) => showCode(uri, encodeQr, textsIn(language)))
  })
}

/**
 * The frame of Para.
 *
 * @param create - Makes `ParaWeb` of `@getpara/web-sdk`.
 */
export function startPara(create: (environment: string, key: string, options: object) => Para): void {
  start(async (surroundings) => {
    const { settings, language } = surroundings.opening
    const store = memory()
    const read = async (key: string): Promise<string | null> => (await store.getItem(key)) ?? null
    // The share of the key is kept in memory, and is gone with this page.
    const para = create(settings.environment ?? 'BETA', settings.key, {
      useStorageOverrides: true,
      localStorageGetItemOverride: read,
      localStorageSetItemOverride: store.setItem,
      sessionStorageGetItemOverride: read,
      sessionStorageSetItemOverride: store.setItem,
      sessionStorageRemoveItemOverride: store.removeItem,
      clearStorageOverride: store.clear,
    })
    return createPara(para, surroundings, createPanel(textsIn(language)))
  })
}

function memory() {
  const kept = new Map<string, unknown>()
  return {
    getItem: async (key: string) => kept.get(key) as never,
    setItem: async (key: string, value: unknown) => void kept.set(key, value),
    removeItem: async (key: string) => void kept.delete(key),
    clear: async () => kept.clear(),
    getKeys: async () => [...kept.keys()],
    getEntries: async () => [...kept.entries()] as never,
  }
}

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text: string,
  own: Partial<HTMLElementTagNameMap[K]> = {},
): HTMLElementTagNameMap[K] {
  return Object.assign(document.createElement(tag), { textContent: text }, own)
}

function showCode(
  uri: string | null,
  encodeQr: (text: string, output: 'raw') => readonly (readonly boolean[])[],
  texts: Frame,
): void {
  document.body.replaceChildren()
  if (uri === null) return
  const rows = encodeQr(uri, 'raw')
  const canvas = Object.assign(document.createElement('canvas'), { width: rows.length * 6, height: rows.length * 6 })
  canvas.setAttribute('role', 'img')
  canvas.setAttribute('aria-label', texts.scan)
  const pen = canvas.getContext('2d')
  if (pen !== null) {
    pen.fillStyle = '#fff'
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.fillStyle = '#000'
    for (const [y, row] of rows.entries())
      for (const [x, isDark] of row.entries()) if (isDark) pen.fillRect(x * 6, y * 6, 6, 6)
  }
  document.body.append(
    element('p', texts.scan),
    canvas,
    element('label', texts.copy, { htmlFor: 'uri' }),
    element('input', '', { id: 'uri', readOnly: true, value: uri }),
  )
}

function createPanel(texts: Frame): ParaPanel {
  return {
    ask: (what) =>
      new Promise((resolve) => {
        const form = document.createElement('form')
        const input = element('input', '', {
          id: 'value',
          required: true,
          type: what === 'email' ? 'email' : 'text',
          autocomplete: what === 'email' ? 'email' : 'one-time-code',
        })
        form.append(element('label', texts[what], { htmlFor: 'value' }), input, element('button', texts.next))
        form.addEventListener('submit', (event) => {
          event.preventDefault()
          document.body.replaceChildren()
          resolve(input.value.trim())
        })
        document.body.replaceChildren(form)
        input.focus()
      }),
    link(url) {
      document.body.replaceChildren(
        element('p', texts.linkAbout),
        element('a', texts.link, { href: url, target: '_blank', rel: 'noopener noreferrer' }),
      )
    },
    clear: () => document.body.replaceChildren(),
  }
}
