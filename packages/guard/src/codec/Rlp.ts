import { assert, Hex } from '@countersign/base'

/** Recursive Length Prefix (Ethereum Yellow Paper, appendix B): a text of bytes as 0x-hex, or a list of such. */
export type Item = Hex.Hex | readonly Item[]

/** Encodes an item in the one canonical way. */
export function encode(item: Item): Hex.Hex {
  return `0x${encodeItem(item)}`
}

/** Decodes bytes that are exactly one item. Null for anything else; what is not canonical is found by encoding it again. */
export function decode(bytes: Hex.Hex): Item | null {
  const read = readItem(bytes.slice(2).toLowerCase(), 0)
  return read !== null && read.end === bytes.length - 2 ? read.item : null
}

function encodeItem(item: Item): string {
  if (typeof item === 'string') {
    const body = item.slice(2).toLowerCase()
    return body.length === 2 && Number.parseInt(body, 16) < 0x80 ? body : prefix(body.length / 2, 0x80) + body
  }
  const body = item.map(encodeItem).join('')
  return prefix(body.length / 2, 0xc0) + body
}

function prefix(length: number, base: number): string {
  if (length < 56) return byte(base + length)
  const digits = even(length.toString(16))
  return byte(base + 55 + digits.length / 2) + digits
}

/** Offsets count hex digits. */
function readItem(text: string, at: number): { readonly item: Item; readonly end: number } | null {
  const first = Number.parseInt(text.slice(at, at + 2), 16)
  if (Number.isNaN(first)) return null
  if (first < 0x80) return { item: `0x${byte(first)}`, end: at + 2 }
  const isList = first >= 0xc0
  const short = first - (isList ? 0xc0 : 0x80)
  let start = at + 2
  let length = short
  if (short > 55) {
    const digits = text.slice(start, start + (short - 55) * 2)
    if (digits.length !== (short - 55) * 2 || short - 55 > 4) return null
    start += digits.length
    length = Number.parseInt(digits, 16)
  }
  const end = start + length * 2
  if (end > text.length) return null
  if (!isList) return { item: `0x${text.slice(start, end)}`, end }
  const items: Item[] = []
  for (let next = start; next < end;) {
    const read = readItem(text, next)
    if (read === null || read.end > end) return null
    items.push(read.item)
    next = read.end
  }
  return { item: items, end }
}

function byte(value: number): string {
  assert(value >= 0 && value < 256, 'a byte is below 256')
  return value.toString(16).padStart(2, '0')
}

function even(digits: string): string {
  return digits.length % 2 === 0 ? digits : `0${digits}`
}
