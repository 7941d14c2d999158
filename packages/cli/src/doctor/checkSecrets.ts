import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApiKey } from '@countersign/server'
import type { Check } from './Check.ts'

/** Settings of ours that are 64 hex digits and no key of a wallet. */
const OWN = new Set(['COUNTERSIGN_PEPPER', 'COUNTERSIGN_SESSION_SECRET', 'COUNTERSIGN_METRICS_TOKEN'])
/** What a page is made of. */
const BUNDLED = /\.(?:m?js|cjs|jsx|tsx?|html?|css|map|json|vue|svelte)$/i
const MAX_FILE_BYTES = 8 * 1024 * 1024
const MAX_FILES = 20_000

/** Whether the environment of the server holds a key of a wallet: it needs none, and who reads it has the money. */
export function checkEnvironment(env: NodeJS.ProcessEnv): Check {
  const names = Object.entries(env)
    .filter(([name, value = '']) => !OWN.has(name) && (isPrivateKey(name, value) || isRecoveryPhrase(name, value)))
    .map(([name]) => name)
    .sort()
  return names.length === 0
    ? {
        ...{ id: 'wallet-keys', item: 8, about: 'server', status: 'pass', remediation: null },
        evidence: 'No setting looks like the key of a wallet. The server needs none and has no place for one.',
      }
    : {
        ...{ id: 'wallet-keys', item: 8, about: 'server', status: 'fail' },
        evidence: `${names.join(', ')} looks like the key of a wallet.`,
        remediation: 'Take it out of the environment of the server, and move the money if others could read it.',
      }
}

/** 32 bytes under a name that speaks of a key; a digest under another name is none. */
function isPrivateKey(name: string, value: string): boolean {
  return /^(?:0x)?[0-9a-f]{64}$/i.test(value.trim()) && /key|priv|secret|wallet|signer|deployer|account/i.test(name)
}

/** 12 to 24 words of a recovery phrase (BIP-39: 12, 15, 18, 21 or 24). */
function isRecoveryPhrase(name: string, value: string): boolean {
  const words = value.trim().split(/\s+/)
  return (
    [12, 15, 18, 21, 24].includes(words.length) &&
    words.every((word) => /^[a-z]{3,8}$/.test(word)) &&
    /mnemonic|seed|phrase|words|wallet|recovery/i.test(name)
  )
}

/** Whether a key of ours stands in what a page is built from. Null: no folder was named. */
export function checkBundle(dir: string | null): Check {
  const at = { id: 'key-in-bundle', item: 1, about: 'server' } as const
  if (dir === null)
    return {
      ...{ ...at, status: 'not_checked', evidence: 'No folder of a client was named.' },
      remediation: 'Give --client DIR with the built page of each client.',
    }
  const found: string[] = []
  let files = 0
  const walk = (below: string): void => {
    for (const name of readdirSync(join(dir, below)).sort()) {
      const path = join(below, name)
      const stat = lstatSync(join(dir, path))
      if (stat.isDirectory() && name !== 'node_modules' && name !== '.git') walk(path)
      if (!stat.isFile() || !(BUNDLED.test(name) || name.startsWith('.env')) || stat.size > MAX_FILE_BYTES) continue
      files += 1
      if (files > MAX_FILES) return
      if (keysIn(readFileSync(join(dir, path), 'utf8'))) found.push(path)
    }
  }
  try {
    walk('')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    return {
      ...{ ...at, status: 'not_checked', evidence: `${dir} cannot be read (${code}).` },
      remediation: 'Name a folder that is there.',
    }
  }
  if (found.length > 0)
    return {
      ...{ ...at, status: 'fail', evidence: `A key of Countersign stands in ${found.slice(0, 5).join(', ')}.` },
      remediation: 'Revoke it, and call through your own server or with session tokens.',
    }
  return files > MAX_FILES
    ? {
        ...{ ...at, status: 'not_checked', evidence: `${dir} has more than ${MAX_FILES} files.` },
        remediation: 'Name the folder of the build alone.',
      }
    : {
        ...{ ...at, status: files === 0 ? 'not_checked' : 'pass', remediation: null },
        evidence: files === 0 ? `${dir} holds no file of a page.` : `No key of Countersign stands in ${files} files.`,
      }
}

function keysIn(text: string): boolean {
  for (const [candidate] of text.matchAll(/\bsk-[a-z0-9-]{1,42}-[0-9a-f]{48}\b/g))
    if (ApiKey.parse(candidate) !== null) return true
  return false
}
