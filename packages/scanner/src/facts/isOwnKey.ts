/** Whether a key goes to the service that it is named after. Keys in authenticating headers were left out before. */
export function isOwnKey(name: string, host: string, text: string): boolean {
  const brand = name.toLowerCase().split(/[_\s]/)[0] ?? ''
  if (brand.length < 3) return false
  return (
    (host !== '' && host.replace(/[^a-z0-9]/g, '').includes(brand)) ||
    (host === '' && text.toLowerCase().includes(`.${brand}.`))
  )
}
