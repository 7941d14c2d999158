import { hostKind, hostOf, isShady } from '../../facts/hosts.ts'
import { howVerified } from '../../facts/howVerified.ts'
import { isHandedForeignKey, isOwnTool } from '../../facts/ownTool.ts'
import { actsIn } from '../../prose/actsIn.ts'
import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

const STEALTH =
  /-w(?:indowstyle)?\s{1,3}hid|\bnohup\b|\bdisown\b|-nop\b|\/tmp\/\.|mktemp|>\s{0,2}\/dev\/null\s{0,2}2>&1\s{0,2}&(?!&)/i

/** Repositories whose installers people pipe into shells every day. */
function isTrustedRepository(text: string): boolean {
  return /(?:raw\.githubusercontent|\bgithub)\.com\/(?:Homebrew|nvm-sh|conda-forge|ScoopInstaller|kubernetes|golangci|nodesource|denoland|oven-sh|cli|docker|aquasecurity|anchore|helmfile|starship|ohmyzsh|rust-lang|foundry-rs|astral-sh|junegunn|pyenv|rbenv|asdf-vm|helm|anthropics|openai|solana-labs|anza-xyz|solana-foundation|MystenLabs|aptos-labs|near|starkware-libs|Uniswap)\//i.test(
    text,
  )
}

const CHECKS =
  /\b(?:verify|compare|check|match|mismatch|validate)\b[^\n]{0,80}\b(?:sha-?(?:256|512)|checksums?|signature)\b|\b(?:sha256sum|shasum|sha512sum|minisign|cosign|gpg)\b[^\n]{0,80}(?:-c\b|--check|verify)|\bget-filehash\b/i
/** A commit in the address: what is there cannot change. */
const PINNED = /\/(?:raw\/)?[0-9a-f]{40}\//
/** So near, in lines, a check belongs to what is run. */
const CHECK_LINES = 12

/** Hidden windows, the background, a file that is kept out of sight: no installer that is meant to be seen needs them. */
const OUT_OF_SIGHT =
  /-w(?:indowstyle)?\s{1,3}hid|\bnohup\b|\bdisown\b|-nop\b|\/tmp\/\.|&>?\s{0,2}\/dev\/null|>\s{0,2}\/dev\/null/i

type Material = Parameters<Rule['find']>[0]
type Flow = Material['facts']['flow'][number]

function addressOf(flow: Flow): string {
  const from = flow.from.replace(/^clone of /, '')
  const bare = /\b((?:[\w-]{1,40}\.){1,4}[a-z]{2,10}(?:\/[\w./-]{0,80})?)\s{0,3}\|/.exec(flow.text)?.[1]
  // Without a scheme: the address of an installer that is in the catalogue, or nobody's.
  if (hostOf(from) === '' && bare !== undefined && hostKind(hostOf(`https://${bare}`)) === 'installer')
    return `https://${bare}`
  return hostOf(from) === '' ? (/https?:\/\/[^\s"'`)]{3,300}/.exec(flow.text)?.[0] ?? '') : from
}

/** A shell that is given the text, or the file itself: not `eval` of an answer in a program that goes on running. */
function isInstaller(flow: Flow, address: string): boolean {
  return (
    /^(?:ba|z|da|k|a)?sh$|^(?:powershell|pwsh|iex)$/.test(flow.to) ||
    address.endsWith(`/${flow.to}`) ||
    /^(?:pip\d?|pipx|uv|uvx|npm|pnpm|yarn|bun|npx|bunx|deno|go|cargo|brew|helm|kubectl|gem|claude|codex|gemini|cursor|code|dpkg|rpm|apt|apt-get|dnf|yum)$/.test(
      flow.to,
    )
  )
}

/** Whether what is fetched is compared with a digest between the two steps: in the same file, near by, and a step of its own. */
function isChecked(material: Material, flow: { file: string; line: number }): boolean {
  return material.views.some(
    (view) =>
      view.file === flow.file &&
      view.name !== 'hidden' &&
      Math.abs(view.line - flow.line) <= CHECK_LINES &&
      CHECKS.test(view.text.slice(0, 4_000)),
  )
}

export const rule: Rule = {
  name: 'fetch-then-execute',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about:
    'Something fetched from the network is run: `curl … | sh`, a script that is downloaded and then started, `eval` of a response.',
  severity: 'critical',
  because:
    'Whoever controls that address, today or later, runs what they like on this machine, with everything the agent can reach.',
  remediation: 'Ship the script with the skill, or fetch a pinned version and check its SHA-256 before it runs.',
  *find(material) {
    for (const act of actsIn(material.views, 'run-outside')) yield at(act, act.text, { severity: act.severity })
    for (const flow of material.facts.flow) {
      if (flow.source !== 'network' || flow.sink !== 'exec') continue
      const address = addressOf(flow)
      const host = hostOf(address)
      const kind = hostKind(host)
      if (kind === 'local') continue
      // In an image that is being built: bad practice, in a box.
      const isImage = /(?:^|\/)(?:dockerfile|containerfile)/i.test(flow.file)
      // The installer of a well-known tool, or the vendor's own: still worth a look, not worth a stop.
      // A vendor's installer is a line to look at: no hidden window, no background, no file that is kept out of sight.
      const isStealthy =
        STEALTH.test(flow.text) ||
        (flow.from.includes('$') && !isChecked(material, flow)) ||
        material.facts.command.some(
          (each) => each.file === flow.file && each.line === flow.line && STEALTH.test(each.text),
        )
      // A repository that is fetched to be built is how software is built; from a host that nobody knows it is a stranger's.
      const isClone = flow.from.startsWith('clone of ')
      const isPlain =
        flow.from.startsWith('https:') ||
        /https:\/\//.test(flow.text) ||
        (kind === 'installer' && !/http:/.test(flow.text))
      const verified = isShady(kind) ? null : howVerified(flow, material)
      if (verified === 'pinned' && !OUT_OF_SIGHT.test(flow.text))
        yield at(flow, flow.text, {
          severity: 'medium',
          because: 'It is checked before it runs, against a digest or a key that is part of the skill.',
        })
      else if (
        verified === 'served' &&
        (kind === 'code' || kind === 'installer' || kind === 'placeholder' || isOwnTool(address, material.views)) &&
        isPlain &&
        !isStealthy
      )
        yield at(flow, flow.text, {
          severity: 'medium',
          because: 'It is checked before it runs, against a digest that its own publisher serves.',
        })
      else if (isClone && (kind === 'code' || kind === 'placeholder' || flow.from.startsWith('clone of git@git')))
        yield at(flow, flow.text, {
          severity: 'low',
          because: 'What is fetched to be built is whatever is there today.',
        })
      else if (PINNED.test(`${flow.from} ${flow.text}`) && kind === 'code' && isPlain)
        yield at(flow, flow.text, {
          severity: 'medium',
          because: 'The commit is named, so it is the same text every time; nobody says that it was read.',
        })
      else if (
        isPlain &&
        (kind === 'installer' || isTrustedRepository(`${flow.from} ${flow.text}`) || (isImage && !isShady(kind)))
      )
        yield at(flow, flow.text, { severity: 'medium', because: 'An installer runs whatever its server sends today.' })
      // The tool that the skill works with, from its own address: `curl … | sh`, then the skill runs it by that name.
      else if (
        isPlain &&
        isInstaller(flow, address) &&
        !OUT_OF_SIGHT.test(flow.text) &&
        (kind === 'other' || kind === 'code') &&
        isOwnTool(address, material.views)
      )
        yield at(
          flow,
          flow.text,
          isHandedForeignKey(address, material.views)
            ? {
                severity: 'high',
                because:
                  'The tool that it installs from an address nobody vouches for is then handed passwords of other services.',
              }
            : {
                severity: 'medium',
                because: 'The tool that the skill works with is installed from its own address, as it is there today.',
              },
        )
      else if (
        kind === 'placeholder' &&
        !(
          flow.role === 'instruction' &&
          !/(?:^|\/)tests?\//.test(flow.file) &&
          /attacker|evil|malicious|hacker/.test(host)
        )
      )
        yield at(flow, flow.text, { severity: 'medium' })
      else
        yield at(
          flow,
          flow.text,
          isShady(kind) || kind === 'free' || kind === 'cheap' || !isPlain
            ? {}
            : { severity: host === '' ? 'high' : 'critical' },
        )
    }
  },
}
