/* Shows what the server pushes, and opens the card. It answers nothing: a notification has no buttons. */
self.addEventListener('push', (event) => {
  const { title, body, url, tag } = event.data.json()
  event.waitUntil(self.registration.showNotification(title, { body, tag, data: { url } }))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const { url } = event.notification.data
  // The server's own page, and no other.
  if (new URL(url).origin === self.location.origin) event.waitUntil(self.clients.openWindow(url))
})
