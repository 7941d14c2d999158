/*
 * <script src="https://agent.example/embed.js" data-app="shop" async></script>
 *
 * Puts a frame where the script tag stands. The frame is of another origin: it reads nothing of this page, and this page
 * reads nothing of it. It is handed no wallet. Whether it shows anything here the operator of the server decides.
 */
;(() => {
  const tag = document.currentScript
  const { app = 'default', theme, code, id, title = 'Countersign', width = '100%', height = '640px' } = tag.dataset
  const frame = document.createElement('iframe')
  const place = new URL(`/embed/${encodeURIComponent(app)}`, tag.src)
  // Behind "#": it is sent to no server and stands in no log.
  place.hash = new URLSearchParams(
    Object.entries({ theme, code, id }).filter(([, value]) => value !== undefined),
  ).toString()
  frame.src = place.href
  frame.title = title
  frame.referrerPolicy = 'no-referrer'
  frame.allow = 'clipboard-write'
  frame.sandbox = 'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox'
  // Set by script, so that a page without inline styles in its policy can show it.
  Object.assign(frame.style, { border: '0', display: 'block', width, height })
  tag.after(frame)
})()
