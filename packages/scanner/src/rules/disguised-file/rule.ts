import type { Rule } from '../../Rule.ts'

/** How many bytes stand behind the end of a PNG, JPEG or GIF; zero for other files. */
function tailOf(bytes: Buffer, head: string): number {
  let end = -1
  if (head.startsWith('89504e47')) {
    const mark = bytes.lastIndexOf(Buffer.from('49454e44ae426082', 'hex'))
    end = mark < 0 ? -1 : mark + 8
  } else if (head.startsWith('ffd8ff')) {
    const mark = bytes.lastIndexOf(Buffer.from('ffd9', 'hex'))
    end = mark < 0 ? -1 : mark + 2
  } else if (head.startsWith('47494638')) {
    const mark = bytes.lastIndexOf(0x3b)
    end = mark < 0 ? -1 : mark + 1
  }
  if (end < 0) return 0
  const rest = bytes.length - end
  return rest > 16 ? rest : 0
}

export const rule: Rule = {
  name: 'disguised-file',
  check: 'structure',
  ast: 'AST08',
  item: '8.2',
  about:
    'A file is not what its name says, or is two things at once: an image with text or an archive behind it, a document that is an archive with a script.',
  severity: 'high',
  because: 'It is opened by what its name says and used for what it is.',
  remediation: 'Ship plain files of one kind, with the name of their kind.',
  *find(material) {
    for (const file of material.skill.files) {
      if (file.content.length < 8) continue
      const bytes = Buffer.from(file.content.buffer, file.content.byteOffset, file.content.byteLength)
      const name = file.path.toLowerCase()
      const head = bytes.subarray(0, 8).toString('hex')
      const isNamedImage = /\.(?:png|jpe?g|gif|webp|ico)$/.test(name)
      if (isNamedImage && file.kind !== 'image' && !/^52494646|^00000100/.test(head))
        yield { file: file.path, line: 1, view: 'code', evidence: `${file.path} is not an image` }
      const tail = tailOf(bytes, head)
      if (tail > 0) yield { file: file.path, line: 1, view: 'code', evidence: `${tail} bytes behind the image's end` }
      if (
        /\.(?:docx|xlsx|pptx|odt)$/.test(name) &&
        file.kind === 'archive' &&
        material.skill.files.some(
          (each) =>
            each.path.startsWith(`${file.path}!/`) && /\.(?:sh|py|js|ps1|bat|vbs|exe)$|vbaproject/i.test(each.path),
        )
      )
        yield { file: file.path, line: 1, view: 'code', evidence: `${file.path} holds a script`, severity: 'critical' }
      if (/\.(?:md|txt|json|ya?ml|png|jpe?g|pdf|docx?)\.(?:sh|py|js|exe|bat|cmd|ps1|scr|command)$/.test(name))
        yield { file: file.path, line: 1, view: 'code', evidence: file.path }
      if (/\.(?:md|txt|json|csv)$/.test(name) && (file.kind === 'archive' || file.kind === 'binary'))
        yield { file: file.path, line: 1, view: 'code', evidence: `${file.path} is not text` }
    }
  },
}
