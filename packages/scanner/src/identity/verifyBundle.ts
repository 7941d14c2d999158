import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { BaseError, Json } from '@countersign/base'
import { SIGNATURE_FILES, type Signature } from './Signature.ts'

/** Who may issue certificates and keep logs: Sigstore's `trusted_root.json`, as text. */
export interface TrustRoot {
  readonly text: string
  /** For people: where it was read. */
  readonly file: string
}

/** The public instance's root, as `@sigstore/tuf` 5.0.1 ships it (seeds.json). It changes about once a year. */
const SHIPPED = join(import.meta.dirname, 'trustedRoot.json')

/**
 * Checks a Sigstore bundle against a package, offline: certificate chain, signed certificate timestamp, inclusion in the
 * transparency log, time, signature. What it has to sign is the package's manifest (`Skill.manifestOf`) as a blob, or an
 * in-toto statement with the content digest among its subjects.
 *
 * @param text - `SKILL.sigstore.json`.
 * @param manifest - The bytes whose SHA-256 is the content digest.
 * @param root - The public instance's when left out.
 * @throws {TrustRootError} `scanner:trust-root:unreadable`.
 */
export function verifyBundle(
  text: string,
  { manifest, contentDigest, root }: { manifest: Buffer; contentDigest: string; root?: TrustRoot | undefined },
): Signature {
  const base = { file: SIGNATURE_FILES.sigstore, kind: 'sigstore' } as const
  const invalid = (because: string): Signature => ({
    ...base,
    status: 'invalid',
    identity: null,
    issuer: null,
    because,
  })
  const { trust, bundles, verify } = open(root)
  let bundle: ReturnType<typeof bundles.bundleFromJSON>
  try {
    bundle = bundles.bundleFromJSON(Json.parse(text) as never)
  } catch {
    return invalid('It is not a Sigstore bundle.')
  }
  try {
    const { content } = bundle
    const isBlob = content.$case === 'messageSignature'
    const entity = isBlob ? verify.toSignedEntity(bundle, manifest) : verify.toSignedEntity(bundle)
    const { identity } = new verify.Verifier(trust).verify(entity)
    if (content.$case === 'dsseEnvelope' && !isStatementAbout(content.dsseEnvelope, contentDigest))
      return invalid('It does not sign this content.')
    const { subjectAlternativeName: name, extensions } = identity ?? {}
    if (name === undefined || name === '' || extensions?.issuer === undefined)
      return invalid('Its certificate names no publisher and issuer.')
    return { ...base, status: 'verified', identity: name, issuer: extensions.issuer, because: null }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return invalid(`It does not verify: ${error.message.replace(/\s+/g, ' ').slice(0, 200)}.`)
  }
}

/** Whether an in-toto statement is about the package (in-toto attestation framework, statement v0.1 and v1). */
function isStatementAbout(envelope: { payload: Buffer; payloadType: string }, contentDigest: string): boolean {
  if (envelope.payloadType !== 'application/vnd.in-toto+json') return false
  const statement = Json.parse(envelope.payload.toString('utf8')) as Record<string, unknown>
  if (!/^https:\/\/in-toto\.io\/Statement\/v(?:0\.1|1)$/.test(String(statement['_type']))) return false
  const subjects = Array.isArray(statement['subject']) ? (statement['subject'] as unknown[]) : []
  return subjects.some((subject) => {
    const { digest } = (subject ?? {}) as { digest?: { sha256?: unknown } }
    return `sha256:${String(digest?.sha256)}` === contentDigest
  })
}

/**
 * What a reader still has to look at in a verified bundle: the statement that it carries, `''` for a bundle that holds keys,
 * proofs and signatures only, or null for one with fields that no bundle has.
 */
export function textIn(text: string, root?: TrustRoot): string | null {
  const { bundles } = open(root)
  const value = Json.parse(text) as never
  const bundle = bundles.bundleFromJSON(value)
  const known = wordsIn(bundles.bundleToJSON(bundle))
  if ([...wordsIn(value)].some((word) => !known.has(word))) return null
  return bundle.content.$case === 'dsseEnvelope' ? bundle.content.dsseEnvelope.payload.toString('utf8') : ''
}

/** Every name and string in a JSON value, but for numbers and for fields that are empty, which are written or left out alike. */
function wordsIn(value: unknown, words = new Set<string>()): Set<string> {
  if (typeof value === 'string') {
    if (!/^\d{0,20}$/.test(value)) words.add(value)
  } else if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value)) {
      if (!isEmpty(inner) || !/^[a-zA-Z]{1,32}$/.test(name)) words.add(name)
      wordsIn(inner, words)
    }
  return words
}

function isEmpty(value: unknown): boolean {
  return ['[]', '{}', '""', '"0"', '0', 'null', 'false'].includes(JSON.stringify(value))
}

const OPENED = new Map<string, ReturnType<typeof read>>()

/** Loaded when the first bundle is met: packages with none do not wait for the libraries. */
function open(root: TrustRoot | undefined): ReturnType<typeof read> {
  const text = root?.text ?? readFileSync(SHIPPED, 'utf8')
  const before = OPENED.get(text)
  if (before !== undefined) return before
  const now = read(text, root?.file ?? 'the shipped trust root')
  OPENED.set(text, now)
  return now
}

function read(text: string, file: string) {
  const require = createRequire(import.meta.url)
  const verify = require('@sigstore/verify') as typeof import('@sigstore/verify')
  const bundles = require('@sigstore/bundle') as typeof import('@sigstore/bundle')
  const { TrustedRoot } = require('@sigstore/protobuf-specs') as typeof import('@sigstore/protobuf-specs')
  try {
    return { verify, bundles, trust: verify.toTrustMaterial(TrustedRoot.fromJSON(Json.parse(text))) }
  } catch {
    throw new TrustRootError(file)
  }
}

export class TrustRootError extends BaseError {
  override readonly name = 'scanner.TrustRootError'
  constructor(file: string) {
    super(`The trust root ${file} cannot be read.`, {
      code: 'scanner:trust-root:unreadable',
      kind: 'invalid',
      hint: 'Give the trusted_root.json of a Sigstore instance.',
    })
  }
}
