// The search of the documentation: an index that was built with the pages, so that it works without a network.
const field = document.getElementById('search')
const list = document.getElementById('results')
const base = document.currentScript.dataset.base
const MAX_RESULTS = 12
let search = null

field.addEventListener('input', () => {
  search ??= window.MiniSearch.loadJS(window.SEARCH.index, window.SEARCH.options)
  const query = field.value.trim()
  const found = query === '' ? [] : find(query)
  list.replaceChildren(
    ...(query === '' ? [] : found.length === 0 ? [line('Nothing found.')] : found.slice(0, MAX_RESULTS).map(result)),
  )
  list.hidden = query === ''
})
field.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    field.value = ''
    list.hidden = true
  }
  if (event.key === 'Enter') list.querySelector('a')?.click()
})
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== field) {
    event.preventDefault()
    field.focus()
  }
})
// On a phone the menu starts closed.
if (window.matchMedia('(max-width: 50rem)').matches) document.querySelector('nav details').open = false

// All words of the query; some of them where no section has all.
function find(query) {
  const options = { prefix: true, fuzzy: 0.15, boost: { heading: 3, title: 2 } }
  const all = search.search(query, { ...options, combineWith: 'AND' })
  return all.length > 0 ? all : search.search(query, options)
}

function line(text) {
  const item = document.createElement('li')
  item.textContent = text
  return item
}

function result({ url, heading, title }) {
  const item = document.createElement('li')
  const link = document.createElement('a')
  link.href = base + url
  link.textContent = heading === title ? title : `${heading} · ${title}`
  item.append(link)
  return item
}
