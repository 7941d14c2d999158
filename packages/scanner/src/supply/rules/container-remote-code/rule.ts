import type { Rule } from '../../../Rule.ts'
import { at } from '../shared.ts'

/** Installers of well-known projects, by host. Fetching them into a shell is still fetching into a shell. */
const KNOWN_INSTALLERS =
  /https:\/\/(?:sh\.rustup\.rs|astral\.sh|deb\.nodesource\.com|rpm\.nodesource\.com|get\.docker\.com|install\.python-poetry\.org|deno\.land|bun\.sh|foundry\.paradigm\.xyz|claude\.ai\/install|fnm\.vercel\.app|github\.com\/[\w.-]{1,60}\/[\w.-]{1,60}\/releases\/download\/|raw\.githubusercontent\.com\/nvm-sh\/nvm\/)/

export const containerRemoteCode: Rule = {
  name: 'container-remote-code',
  check: 'supply',
  ast: 'AST02',
  item: '2.2',
  about: 'A Dockerfile that adds or runs what a URL serves on the day (ADD http…, curl | sh) without a checksum.',
  severity: 'high',
  because: 'The image then holds whatever that host served to this build, and nobody can say what that was.',
  remediation: '`ADD --checksum=sha256:…`, or download, compare the hash, then run.',
  *find({ supply }) {
    for (const each of supply.containers) {
      if (each.what === 'add-remote')
        yield at(
          each,
          each.subject.startsWith('http://') ? 'high' : 'medium',
          `ADD fetches ${each.subject.slice(0, 120)} without a checksum.`,
        )
      if (each.what === 'fetch-and-run')
        yield at(
          each,
          KNOWN_INSTALLERS.test(each.evidence) ? 'medium' : 'high',
          'A script is fetched and run while the image is built.',
        )
    }
  },
}
