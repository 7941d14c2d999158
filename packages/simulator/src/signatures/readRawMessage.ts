import { Address, Hex } from '@countersign/base'
import { hashMessage } from 'viem'
import { safeText, said } from '../decode/safeText.ts'
import type { Finding } from '../model/Finding.ts'
import { SignatureError, type SignatureContext } from './SignatureRequest.ts'
import type { Line } from '../model/Document.ts'
import { finding } from './wording.ts'

/** What a message for `personal_sign` (ERC-191, version 0x45) says. */
export interface RawMessage {
  /** What would be signed: the hash with the prefix of ERC-191. */
  readonly digest: Hex.Hex
  /** The text, escaped for people; null when the bytes are none. */
  readonly text: string | null
  readonly title: string
  readonly lines: readonly Line[]
  readonly findings: readonly Finding[]
}

/** ERC-4361, "ABNF Message Format": the first two lines. */
const SIGN_IN =
  /^(?:[a-z][a-z0-9+.-]*:\/\/)?(\S+) wants you to sign in with your Ethereum account:\n(0x[0-9a-fA-F]{40})(?:\n|$)/
const MAX_BYTES = 100_000

/**
 * Judges a `personal_sign` message. Prose is fine; a hash, or bytes that are no text, is a blind signature and blocks:
 * a Safe takes a signed hash of its transaction as approval (`eth_sign` flavour, v > 30), and so do others
 * (catalogue F09).
 *
 * @param message - Text, or `0x` and an even number of digits, which wallets take for bytes.
 * @throws {SignatureError} `simulation:signature:unreadable`.
 */
export function readRawMessage(message: string, at?: Pick<SignatureContext, 'chainId' | 'from'>): RawMessage {
  if (message.length > 2 * MAX_BYTES) throw new SignatureError('The message', 'it is too long')
  if (!message.isWellFormed()) throw new SignatureError('The message', 'it has half a character')
  const isHex = /^0x(?:[0-9a-fA-F]{2})*$/.test(message)
  // Some wallets mend odd hex, others sign its characters.
  if (!isHex && /^0[xX][0-9a-fA-F]*$/.test(message))
    throw new SignatureError('The message', 'its hexadecimal digits are odd')
  const bytes = isHex ? Buffer.from(message.slice(2), 'hex') : Buffer.from(message, 'utf8')
  const raw: Hex.Hex = `0x${bytes.toString('hex')}`
  const text = decodeText(bytes)
  const reason = text === null ? 'its bytes are no text' : blindReason(bytes, text)
  const findings: Finding[] = []
  if (reason !== null) {
    findings.push(
      finding(
        'signature-blind',
        'block',
        'Blind signature',
        `The message cannot be understood: ${reason}. Whoever has its signature may use it for a transaction or an order that it stands for.`,
        null,
        { bytes: bytes.length, message: raw.slice(0, 130) },
      ),
    )
  } else if (text !== null) {
    findings.push(
      finding(
        'signature-text',
        'info',
        'A text',
        'The message is a text; sign it if you would put your name under it.',
      ),
    )
    if (/(?:0x)?[0-9a-fA-F]{64}/.test(text)) {
      findings.push(
        finding(
          'signature-text-with-hash',
          'warn',
          'A text with a hash in it',
          'The text holds 64 hexadecimal digits, which may stand for something that is not shown.',
        ),
      )
    }
    findings.push(...judgeHidden(text), ...judgeSignIn(text, at))
  }
  return {
    digest: hashMessage({ raw }),
    text: text === null ? null : safeText(text, 10_000),
    title: reason === null ? 'A text to sign' : 'Bytes to sign blindly',
    lines: text === null ? [{ label: 'Bytes', value: raw }] : textLines(text),
    findings,
  }
}

/**
 * Judges a bare 32-byte hash, as `eth_sign` and "sign this digest" ask for. It may be the hash of anything, a
 * transaction included, so it always blocks.
 */
export function readRawHash(hash: string): RawMessage {
  const digest = Hex.parse(hash)
  if (Hex.size(digest) !== 32) throw new SignatureError('The hash', 'it has not exactly 32 bytes')
  return {
    digest,
    text: null,
    title: 'A hash to sign blindly',
    lines: [{ label: 'Hash', value: digest }],
    findings: [
      finding(
        'signature-blind',
        'block',
        'Blind signature',
        'A bare hash may stand for any transaction, order or permission. Ask for the document it was made from.',
        null,
        { hash: digest },
      ),
    ],
  }
}

function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** Why bytes that decode as text are still no text for people; null when they are. */
function blindReason(bytes: Uint8Array, text: string): string | null {
  if (text.trim() === '') return 'it is empty'
  if (bytes.length === 32 && !isProse(text)) return 'it is 32 bytes long, as a hash is'
  if (/^\s*(?:0[xX])?[0-9a-fA-F]{16,}\s*$/.test(text)) return 'it is nothing but hexadecimal digits'
  if (/^\s*[A-Za-z0-9+/_-]{40,}={0,2}\s*$/.test(text)) return 'it is nothing but encoded bytes'
  // Tabs and line ends apart, control characters have no place in a text.
  if ([...text].some((char) => char < ' ' && !'\t\r\n'.includes(char))) return 'it holds control characters'
  if (!/\p{L}/u.test(text)) return 'it has no words'
  return looksLikeTypedData(text) ? 'it is a typed document or a transaction written as text' : null
}

/** Words with spaces between them. */
function isProse(text: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{Zs}\p{S}\r\n\t]+$/u.test(text) && /\p{L}{2,}[\p{P}]?\s+\p{L}+/u.test(text)
}

function looksLikeTypedData(text: string): boolean {
  return /^\s*\{/.test(text) && /"(?:primaryType|verifyingContract|EIP712Domain|domain|calldata|data)"\s*:/.test(text)
}

/** Invisible characters show one text and sign another. */
function judgeHidden(text: string): Finding[] {
  // Typographic quotation marks hide nothing; they are escaped only because ours stand around strangers' words.
  const plain = text.replace(/[\t\r\n]/g, ' ').replace(/[“”]/g, '"')
  return safeText(plain, MAX_BYTES) === plain
    ? []
    : [
        finding(
          'signature-hidden-text',
          'warn',
          'Hidden characters',
          'The text holds characters that are not shown or that turn its direction; they are spelled out below.',
        ),
      ]
}

function judgeSignIn(text: string, at: Pick<SignatureContext, 'chainId' | 'from'> | undefined): Finding[] {
  if (!/wants you to sign in with your Ethereum account/i.test(text)) return []
  const [, domain = '', account = ''] = SIGN_IN.exec(text) ?? []
  if (domain === '' || !Address.isAddress(account)) {
    return [
      finding(
        'signature-sign-in-odd',
        'block',
        'Not a proper sign-in',
        'The text imitates a sign-in (ERC-4361) but is not written as one.',
      ),
    ]
  }
  const findings = [
    finding(
      'signature-sign-in',
      'info',
      'Sign-in',
      `It signs you in at ${said(safeText(domain, 100))}. Go on only if you are there yourself.`,
      domain,
    ),
  ]
  const host = otherHostIn(text, domain)
  if (host !== null) {
    findings.push(
      finding(
        'signature-sign-in-elsewhere',
        'warn',
        'A sign-in for two sites',
        `It names ${said(safeText(domain, 100))}, and its address (URI) is at ${said(safeText(host, 100))}.`,
        host,
      ),
    )
  }
  const chainId = /^Chain ID: (\d+)$/m.exec(text)?.[1]
  if (at !== undefined && !Address.isEqual(account, at.from)) {
    findings.push(
      finding(
        'signature-owner-mismatch',
        'block',
        'Not your sign-in',
        `It is for ${account}, not for ${at.from}.`,
        account,
      ),
    )
  }
  if (at !== undefined && chainId !== undefined && chainId !== String(at.chainId)) {
    findings.push(
      finding('signature-wrong-chain', 'warn', 'For another chain', `It names chain ${chainId}, not ${at.chainId}.`),
    )
  }
  return findings
}

/**
 * The host of the sign-in's URI where it belongs to another site than its domain: neither is a part of the other. Null where
 * the URI names no host, as a key (`did:key:…`) does.
 */
function otherHostIn(text: string, domain: string): string | null {
  const uri = /^URI: (https?:\/\/\S*)$/im.exec(text)?.[1]
  if (uri === undefined) return null
  const host = hostOf(uri)
  const own = hostOf(`https://${domain}`)
  if (host === null || own === null) return host ?? uri
  const isPart = host === own || host.endsWith(`.${own}`) || own.endsWith(`.${host}`)
  return isPart ? null : host
}

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname.toLowerCase() : null
}

function textLines(text: string): Line[] {
  return text
    .slice(0, 20_000)
    .split(/\r?\n/)
    .map((line, i) => ({ label: `Line ${i + 1}`, value: safeText(line, 2_000) }))
}
