/** A PDF of one page for tests: lines, each with its text rendering mode (3 is invisible). */
export function pdfOf(lines: readonly (readonly [text: string, mode: number])[]): Uint8Array {
  const content = `BT /F1 12 Tf 72 720 Td ${lines.map(([text, mode]) => `${mode} Tr (${text}) Tj 0 -20 Td`).join(' ')} ET`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  return new Uint8Array(pdfFile(objects))
}

/** A PDF of these objects, numbered from one; the first is its catalog. What is binary stands in them as latin1. */
export function pdfFile(objects: readonly string[]): Buffer {
  let file = '%PDF-1.4\n'
  const places = objects.map((body, i) => {
    const at = file.length
    file += `${i + 1} 0 obj\n${body}\nendobj\n`
    return `${String(at).padStart(10, '0')} 00000 n \n`
  })
  const start = file.length
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join('')}`
  file += `trailer << /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.from(file, 'latin1')
}
