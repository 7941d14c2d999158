import { zlib } from '../parsers.ts'

const TEXTS_MAX = 64
const CHARS_MAX = 64 << 10

/**
 * What an image says beside its picture: the text chunks of PNG, the comments and metadata of JPEG and WebP, the comments
 * of GIF. Readable runs of 16 characters and more; models that are shown the file's metadata read them.
 */
export function imageTexts(content: Uint8Array): string[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const texts: string[] = []
  const add = (piece: Uint8Array) => {
    if (texts.length >= TEXTS_MAX) return
    const runs = readable(Buffer.from(piece).subarray(0, CHARS_MAX))
    if (runs !== '') texts.push(runs)
  }
  if (bytes.subarray(1, 4).toString('latin1') === 'PNG') png(bytes, add)
  else if (bytes[0] === 0xff && bytes[1] === 0xd8) jpeg(bytes, add)
  else if (bytes.subarray(0, 4).toString('latin1') === 'GIF8') gif(bytes, add)
  else if (bytes.subarray(0, 4).toString('latin1') === 'RIFF') riff(bytes, add)
  return texts
}

type Add = (piece: Uint8Array) => void

function png(bytes: Buffer, add: Add): void {
  for (let at = 8; at + 12 <= bytes.length;) {
    const size = bytes.readUInt32BE(at)
    const kind = bytes.subarray(at + 4, at + 8).toString('latin1')
    const body = bytes.subarray(at + 8, Math.min(at + 8 + size, bytes.length))
    if (kind === 'tEXt' || kind === 'iTXt' || kind === 'zTXt' || kind === 'eXIf') {
      add(body)
      const key = body.indexOf(0)
      // zTXt: key, 0, method; iTXt: key, 0, flag, method, language, 0, translated key, 0.
      let from = key + 2
      if (kind === 'iTXt') {
        from = body.indexOf(0, key + 3) + 1
        from = from === 0 ? body.length : body.indexOf(0, from) + 1
      }
      if (key >= 0 && (kind === 'zTXt' || (kind === 'iTXt' && body[key + 1] === 1)))
        try {
          add(zlib().inflateSync(body.subarray(from), { maxOutputLength: CHARS_MAX * 4 }))
        } catch {
          // Not what it says it is: its bytes were read as they stand.
        }
    }
    at += 12 + size
  }
}

function jpeg(bytes: Buffer, add: Add): void {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const kind = bytes[at + 1] ?? 0
    if (kind === 0xda || kind === 0xd9) return
    const size = bytes.readUInt16BE(at + 2)
    if (size < 2) return
    // COM and the application segments: EXIF, XMP, IPTC.
    if (kind === 0xfe || (kind >= 0xe1 && kind <= 0xef)) add(bytes.subarray(at + 4, at + 2 + size))
    at += 2 + size
  }
}

function gif(bytes: Buffer, add: Add): void {
  for (let at = bytes.indexOf('21fe', 0, 'hex'); at >= 0; at = bytes.indexOf('21fe', at + 2, 'hex')) {
    const parts: Buffer[] = []
    let next = at + 2
    for (let size = bytes[next] ?? 0; size > 0 && next + 1 + size <= bytes.length; size = bytes[next] ?? 0) {
      parts.push(bytes.subarray(next + 1, next + 1 + size))
      next += 1 + size
    }
    add(Buffer.concat(parts))
  }
}

function riff(bytes: Buffer, add: Add): void {
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32LE(at + 4)
    if (/^(?:EXIF|XMP )$/.test(bytes.subarray(at, at + 4).toString('latin1')))
      add(bytes.subarray(at + 8, Math.min(at + 8 + size, bytes.length)))
    at += 8 + size + (size % 2)
  }
}

/** Runs of printable text, UTF-8 where it is that, one a line; UTF-16 (EXIF user comments) without its zeros. */
function readable(bytes: Buffer): string {
  // UTF-16 shows as letters with zeros between them.
  // oxlint-disable-next-line no-control-regex
  const text = bytes.toString('utf8').replace(/([\x20-\x7e])\u0000(?=[\x20-\x7e]\u0000)/g, '$1')
  return (text.match(/[^\p{Cc}\ufffd]{16,}/gu) ?? []).join('\n')
}
