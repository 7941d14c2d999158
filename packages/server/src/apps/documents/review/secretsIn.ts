import { lintSource } from '@secretlint/core'
import { creator } from '@secretlint/secretlint-rule-preset-recommend'
import { mnemonicToAccount } from 'viem/accounts'
import { toHex } from 'viem/utils'
import type { Severity } from '../Document.ts'
import { phrasesIn } from './RecoveryPhrase.ts'

export interface FoundSecret {
  readonly start: number
  readonly end: number
  readonly what: string
  readonly severity: Severity
}

/** What is only an example says so in itself, or repeats itself. */
const PLACEHOLDER =
  /example|your|xxxx|placeholder|1234567|abcdef0|\.\.\.|<|test[_-]?key|dummy|fake|sample|redacted|changeme|project.?id/i

/** Kinds that the preset does not know, or knows only beside a name. */
const PATTERNS: readonly (readonly [what: string, pattern: RegExp, severity: Severity])[] = [
  ['a private key file', /-----BEGIN (?:[A-Z]+ ){0,2}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s:,-]{40,}/g, 'critical'],
  [
    'an encrypted keystore of a wallet',
    /"crypto"\s*:\s*\{[^]{0,1200}?"(?:ciphertext|kdfparams)"[^]{0,1200}?"mac"\s*:\s*"[0-9a-f]{64}"/gi,
    'critical',
  ],
  ['an extended private key', /\b[xyz]prv[1-9A-HJ-NP-Za-km-z]{107,108}\b/g, 'critical'],
  [
    'an RPC URL with its key',
    /\b(?:https?|wss?):\/\/[\w.-]*(?:infura|alchemy|quiknode|quicknode|ankr|chainstack|blastapi|drpc|tenderly|getblock|moralis|nodereal|blockpi)[\w.-]*\/[^\s"'`<>)]*?[A-Za-z0-9_-]{20,}/gi,
    'high',
  ],
  [
    'a URL with a password',
    /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'`<>]{1,100}:[^\s:/@"'`<>]{4,200}@[^\s"'`<>]+/gi,
    'high',
  ],
  ['an AWS key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, 'high'],
  ['a GitHub token', /\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{60,90}\b/g, 'high'],
  ['an Anthropic key', /\bsk-ant-[A-Za-z0-9_-]{24,}/g, 'high'],
  ['an OpenAI key', /\bsk-(?:proj-)?[A-Za-z0-9_-]{40,}/g, 'high'],
  ['a Stripe key', /\b[rs]k_live_[A-Za-z0-9]{20,}\b/g, 'high'],
  ['a Slack token', /\bxox[abprs]-[0-9]{8,14}-[A-Za-z0-9-]{16,}\b/g, 'high'],
  ['a Google key', /\bAIza[0-9A-Za-z_-]{35}\b/g, 'high'],
  ['a Telegram bot token', /\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b/g, 'high'],
  ['an API key of this server', /\bsk-[a-z][a-z0-9-]{0,40}-[A-Za-z0-9_-]{32,}/g, 'high'],
  ['a JSON web token', /\beyJ[A-Za-z0-9_-]{12,}\.eyJ[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{16,}\b/g, 'high'],
]

const HEX_KEY = /(?<![0-9a-zA-Z])(?:0x)?[0-9a-fA-F]{64}(?![0-9a-zA-Z])/g
const KEY_LABEL =
  /(?:priv(?:ate)?|secret|signing|signer|deployer|wallet|account|owner|hot)[\s_-]*(?:key|pk)|\bpriv(?:ate)?[_ ]?key\b|\bpk\b|\bsecret\b|\bschl(?:ü|ue)ssel\b|\bcl(?:é|e) priv/i
const HASH_LABEL =
  /\b(?:hash|tx|txid|transaction|block|root|commit|digest|sha-?256|receipt|topic|mined|keccak|mac|salt)\b/i

/**
 * Secrets in a text: those of secretlint's preset, and those that open wallets, which it does not know. The secret itself is
 * in no answer.
 */
export async function secretsIn(text: string): Promise<readonly FoundSecret[]> {
  return [...(await preset(text)), ...patterns(text), ...keys(text), ...phrases(text)].toSorted(
    (a, b) => a.start - b.start,
  )
}

async function preset(text: string): Promise<FoundSecret[]> {
  const { messages } = await lintSource({
    source: { content: text, filePath: '/document.txt', ext: '.txt', contentType: 'text' },
    options: {
      config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator, options: {} }] },
    },
  })
  return messages.map(({ ruleId, range: [start, end] }) => ({
    start,
    end,
    what: `a secret of the kind "${(ruleId.split('rule-').at(-1) ?? ruleId).slice(0, 30)}"`,
    severity: PLACEHOLDER.test(text.slice(start, end)) ? 'low' : 'high',
  }))
}

function patterns(text: string): FoundSecret[] {
  return PATTERNS.flatMap(([what, pattern, severity]) =>
    [...text.matchAll(pattern)].map(({ 0: value, index }) => ({
      start: index,
      end: index + value.length,
      what,
      severity: PLACEHOLDER.test(value) || isMonotone(value) ? ('low' as const) : severity,
    })),
  )
}

/** 32 bytes in hex: a hash as often as a key, so what stands before it decides; where nothing does, a person must look. */
function keys(text: string): FoundSecret[] {
  return [...text.matchAll(HEX_KEY)].flatMap(({ 0: value, index }): FoundSecret[] => {
    const before = text.slice(Math.max(0, index - 60), index)
    const [label, hash] = [lastOf(before, KEY_LABEL), lastOf(before, HASH_LABEL)]
    const range = { start: index, end: index + value.length, what: 'a private key' }
    if (isMonotone(value)) return []
    if (publicKeys().has(value.toLowerCase().replace(/^0x/, '')))
      return [{ ...range, what: 'the private key of a local test account', severity: 'low' }]
    if (label > hash) return [{ ...range, severity: 'critical' }]
    return hash >= 0 ? [] : [{ ...range, what: '32 bytes that may be a private key', severity: 'low' }]
  })
}

function phrases(text: string): FoundSecret[] {
  return phrasesIn(text).map(({ start, end, isPublic }) => ({
    start,
    end,
    what: isPublic ? 'the recovery phrase of local test accounts' : 'a recovery phrase',
    severity: isPublic ? 'low' : 'critical',
  }))
}

function lastOf(text: string, pattern: RegExp): number {
  let at = -1
  for (const found of text.matchAll(new RegExp(pattern.source, 'gi'))) at = found.index
  return at
}

function isMonotone(value: string): boolean {
  return new Set(value.toLowerCase().replace(/^0x/, '')).size < 6
}

let known: ReadonlySet<string> | null = null

/** The keys of the accounts that anvil and hardhat open with. */
function publicKeys(): ReadonlySet<string> {
  known ??= new Set(
    Array.from({ length: 20 }, (_, addressIndex) =>
      toHex(
        mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex }).getHdKey()
          .privateKey ?? new Uint8Array(),
      ).slice(2),
    ),
  )
  return known
}
