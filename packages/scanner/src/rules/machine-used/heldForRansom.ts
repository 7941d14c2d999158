import type { Match, Material } from '../../Rule.ts'
import { liner } from '../../View.ts'
import { at } from '../ask.ts'

/** What files are encrypted with, by its name. */
const ENCRYPTS =
  /(?:\bFernet\(|\bAES\.new\(|\bAESGCM\(|\bcreateCipheriv\([^,()]{1,40},|["']-(?:k|K|pass)["'],|-pass\s{1,3}pass:|\s-k\s{1,3})\s{0,3}["']?\$?\{?([A-Za-z_]\w{0,40})/g
const REMOVES =
  /\.unlink\(|\bos\.(?:remove|unlink)\(|\b(?:unlinkSync|rmSync)\(|\bRemove-Item\b|\bFile\.(?:delete|unlink)\b|\brm\s|\bshred\s/
const MANY = /\b(?:rglob|glob|os\.walk|readdirSync|Get-ChildItem|Dir\.glob|filepath\.Walk)\b|\bfind\s/
const SENDS =
  /\b(?:urlopen|requests\.post|post|fetch|axios|Invoke-RestMethod|iwr|irm)\b\(?[^\n]{0,300}|\bcurl\s[^\n]{0,300}/g

/** Many files are encrypted, the originals removed, and the key goes over the network: who has it can ask for anything. */
export function* heldForRansom(material: Material): Generator<Match> {
  for (const view of material.views) {
    if (view.name === 'prose' || !MANY.test(view.text) || !REMOVES.test(view.text)) continue
    const keys = new Set([...view.text.matchAll(ENCRYPTS)].map((found) => found[1] ?? ''))
    for (const sent of keys.size === 0 ? [] : view.text.matchAll(SENDS)) {
      const words = new Set(sent[0].match(/[A-Za-z_]\w{0,40}/g))
      if (![...keys].some((key) => words.has(key))) continue
      yield at(
        { file: view.file, line: liner(view)(sent.index), view: view.name, role: view.role },
        sent[0].slice(0, 160),
        {
          severity: 'critical',
          because: 'Files are encrypted and removed, and the key to them is sent away.',
        },
      )
      break
    }
  }
}
