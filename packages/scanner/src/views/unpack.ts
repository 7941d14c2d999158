import { zlib } from '../parsers.ts'
import { digestOf, kindOf, type Skill, type SkillFile } from '../Skill.ts'
import type { Unseen } from './viewsOf.ts'

const MEMBERS_MAX = 2_000
const UNPACKED_BYTES_MAX = 16 << 20
const DEPTH_MAX = 3

/**
 * Opens archives in memory, within bounds, and puts their members beside the other files as `archive!/member`: what can
 * be shipped in one can be read in one. What cannot be opened (a password, an unknown format, a bomb) is named.
 */
export function unpack(skill: Skill): { readonly skill: Skill; readonly unseen: Unseen[] } {
  const unseen: Unseen[] = []
  const extra: SkillFile[] = []
  const budget = { bytes: UNPACKED_BYTES_MAX, members: MEMBERS_MAX }
  const open = (file: SkillFile, depth: number) => {
    if (file.kind !== 'archive' || file.content.length === 0) return
    if (depth >= DEPTH_MAX) {
      unseen.push({ file: file.path, bytes: file.bytes, why: 'archives lie in archives deeper than is opened' })
      return
    }
    for (const member of membersOf(file, budget, unseen)) {
      extra.push(member)
      open(member, depth + 1)
    }
  }
  for (const file of skill.files) open(file, 0)
  if (extra.length === 0) return { skill, unseen }
  return { skill: { ...skill, files: [...skill.files, ...extra] }, unseen }
}

function fileOf(path: string, content: Uint8Array): SkillFile {
  const isText = !content.subarray(0, 8192).includes(0)
  const kind = kindOf(path, content, isText)
  const isBinary = kind === 'binary' || kind === 'archive' || kind === 'image'
  const file: SkillFile = {
    path,
    kind,
    bytes: content.length,
    digest: null,
    text: isText && !isBinary ? new TextDecoder().decode(content) : null,
    content,
  }
  return { ...file, digest: digestOf([file]) }
}

function* membersOf(
  file: SkillFile,
  budget: { bytes: number; members: number },
  unseen: Unseen[],
): Generator<SkillFile> {
  const { content } = file
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const fail = (why: string, size = file.bytes) => unseen.push({ file: file.path, bytes: Math.max(1, size), why })
  const take = (size: number): boolean => {
    budget.bytes -= size
    budget.members -= 1
    return budget.bytes >= 0 && budget.members >= 0
  }
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    const end = bytes.lastIndexOf(Buffer.from('504b0506', 'hex'))
    if (end < 0 || end + 22 > bytes.length) return void fail('it is a damaged zip archive')
    const count = bytes.readUInt16LE(end + 10)
    let at = bytes.readUInt32LE(end + 16)
    for (let i = 0; i < count; i += 1) {
      if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50)
        return void fail('its table of contents is damaged')
      const flags = bytes.readUInt16LE(at + 8)
      const method = bytes.readUInt16LE(at + 10)
      const packed = bytes.readUInt32LE(at + 20)
      const size = bytes.readUInt32LE(at + 24)
      const nameLength = bytes.readUInt16LE(at + 28)
      const name = bytes.toString('utf8', at + 46, at + 46 + nameLength)
      const local = bytes.readUInt32LE(at + 42)
      at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
      if (name.endsWith('/')) continue
      if ((flags & 1) === 1) {
        fail(`its member ${name.slice(0, 80)} is locked with a password`, packed)
        continue
      }
      if (!take(size) || local + 30 > bytes.length) return void fail('it unpacks to more than is read')
      const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
      const raw = bytes.subarray(start, start + packed)
      try {
        if (method === 0) yield fileOf(`${file.path}!/${name}`, raw)
        else if (method === 8)
          yield fileOf(
            `${file.path}!/${name}`,
            zlib().inflateRawSync(raw, { maxOutputLength: Math.max(1, Math.min(size + 1, UNPACKED_BYTES_MAX)) }),
          )
        else fail(`its member ${name.slice(0, 80)} is packed in a way that is not read`, packed)
      } catch {
        fail(`its member ${name.slice(0, 80)} cannot be unpacked`, packed)
      }
    }
    return
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    let inner: Buffer
    try {
      inner = zlib().gunzipSync(bytes, { maxOutputLength: Math.max(1, Math.min(budget.bytes, UNPACKED_BYTES_MAX)) })
    } catch {
      return void fail('it cannot be unpacked within bounds')
    }
    if (!take(inner.length)) return void fail('it unpacks to more than is read')
    if (inner.length > 262 && inner.toString('latin1', 257, 262) === 'ustar') {
      for (let at = 0; at + 512 <= inner.length;) {
        const name = inner.toString('utf8', at, at + 100).replace(/\0.*$/s, '')
        if (name === '') break
        const size = Number.parseInt(inner.toString('latin1', at + 124, at + 136).replace(/[^0-7]/g, '') || '0', 8)
        const type = inner.toString('latin1', at + 156, at + 157)
        if (!Number.isFinite(size) || at + 512 + size > inner.length)
          return void fail('its table of contents is damaged')
        if (type === '0' || type === '\0') {
          if (!take(0)) return void fail('it has more members than are read')
          yield fileOf(`${file.path}!/${name}`, inner.subarray(at + 512, at + 512 + size))
        }
        at += 512 + Math.ceil(size / 512) * 512
      }
      return
    }
    yield fileOf(`${file.path}!/${file.path.split('/').at(-1)?.replace(/\.gz$/, '') ?? 'content'}`, inner)
    return
  }
  fail('it is an archive of a kind that is not opened')
}
