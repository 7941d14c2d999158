/** `["sh", "-c", "…"]` of JSON, TOML and YAML. */
const IN_BRACKETS =
  /\b(?:ba|z|da|k|a)?sh["']?[ \t]{0,4},\s{0,40}["']?-[a-z]{0,4}c["']?[ \t]{0,4},\s{0,40}(?:"((?:[^"\\\n]|\\.){1,4000})"|'([^'\n]{1,4000})')/g
/** The same as items of YAML, each on a line of its own. */
const AS_ITEMS =
  /^([ \t]{0,40})- ["']?(?:\/(?:usr\/)?bin\/)?(?:ba|z|da|k|a)?sh["']?[ \t]{0,4}\n[ \t]{0,40}- ["']?-[a-z]{0,4}c["']?[ \t]{0,4}\n[ \t]{0,40}- ([^\n]{1,4000})/gm
const BLOCK_LINES_MAX = 400

/** Lines of the shell in lists of words that start one: what a container, a job or a server of a settings file runs. */
export function listedShells(text: string): { readonly line: string; readonly offset: number }[] {
  const out: { line: string; offset: number }[] = []
  if (!/\bsh\b|[bzdka]sh\b/.test(text)) return out
  for (const found of text.matchAll(IN_BRACKETS))
    out.push({
      line: (found[1] ?? found[2] ?? '').replaceAll(/\\(["\\/])/g, '$1').replaceAll('\\n', '\n'),
      offset: found.index,
    })
  for (const found of text.matchAll(AS_ITEMS)) {
    const said = (found[2] ?? '').trim()
    const line = /^[|>][-+]?\d?$/.test(said)
      ? blockBelow(text, found.index + found[0].length, (found[1] ?? '').length)
      : said.replace(/^(["'])(.*)\1$/, '$2').replaceAll('\\"', '"')
    out.push({ line, offset: found.index })
  }
  return out
}

/** The lines of a block that are indented further than the item that opens it. */
function blockBelow(text: string, from: number, indent: number): string {
  const lines: string[] = []
  for (let at = text.indexOf('\n', from) + 1; at > 0 && lines.length < BLOCK_LINES_MAX;) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end < 0 ? undefined : end)
    if (line.trim() !== '' && line.length - line.trimStart().length <= indent) break
    lines.push(line.trim())
    at = end + 1
  }
  return lines.join('\n')
}
