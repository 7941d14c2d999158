/** What Telegram hands the page as it opens it: behind "#", so that no server is sent it. Null outside of Telegram. */
export function initDataIn(hash: string): string | null {
  const text = new URLSearchParams(hash.replace(/^#/, '')).get('tgWebAppData')
  return text === null || text === '' ? null : text
}

interface Host {
  readonly TelegramWebviewProxy?: { postEvent(type: string, data: string): void }
}

/** Where Telegram in a browser has its pages: the only frame that this page speaks to. */
const WEB_TELEGRAM = 'https://web.telegram.org'

/** Opens a link outside of Telegram, where the wallet is. The page itself has none and signs nothing. */
export function openOutside(url: string): void {
  const proxy = (window as Host).TelegramWebviewProxy
  const data = { url, try_instant_view: false }
  if (proxy !== undefined) proxy.postEvent('web_app_open_link', JSON.stringify(data))
  else if (window.parent !== window)
    window.parent.postMessage(JSON.stringify({ eventType: 'web_app_open_link', eventData: data }), WEB_TELEGRAM)
  else window.open(url, '_blank', 'noopener')
}

/** Tells Telegram that the page is there, which takes its placeholder away. */
export function tellReady(): void {
  const proxy = (window as Host).TelegramWebviewProxy
  if (proxy !== undefined) proxy.postEvent('web_app_ready', '{}')
  else if (window.parent !== window)
    window.parent.postMessage(JSON.stringify({ eventType: 'web_app_ready', eventData: {} }), WEB_TELEGRAM)
}
