import { Address } from '@countersign/base'
import type { Finding } from '../model/Finding.ts'
import { judgeChain } from './judgeChain.ts'
import { delegation } from './schemes/delegation.ts'
import { erc3009 } from './schemes/erc3009.ts'
import { daiPermit, eip2612 } from './schemes/permit.ts'
import { forwarder } from './schemes/forwarder.ts'
import { orders } from './schemes/orders.ts'
import { permit2 } from './schemes/permit2.ts'
import { safeTx } from './schemes/safe.ts'
import { seaport } from './schemes/seaport.ts'
import { readUnknown } from './schemes/unknown.ts'
import { userOperation } from './schemes/userOperation.ts'
import { votes } from './schemes/votes.ts'
import type { Scheme } from './Scheme.ts'
import { asJson, SignatureError, withoutMentions, type Draft, type SignatureContext } from './SignatureRequest.ts'
import type { SignatureRequest } from '../model/Document.ts'
import { parseStrictJson } from './strictJson.ts'
import { parseTypedDocument } from './TypedDocument.ts'
import { finding } from './wording.ts'

/** Each kind of document that is understood, by structure. No document fits two. */
const SCHEMES: readonly Scheme[] = [
  eip2612,
  daiPermit,
  permit2,
  erc3009,
  seaport,
  orders,
  safeTx,
  delegation,
  votes,
  forwarder,
  userOperation,
]

/**
 * Reads an EIP-712 document strictly and says what it would mean to sign it: what it grants, gives and brings, which
 * transactions its holder could send, and what the chain must answer for it to be good.
 *
 * Handed JSON text, it also refuses fields that stand there twice and numbers that JavaScript would round; of an object
 * that was parsed elsewhere neither can be told any more.
 *
 * @param document - `{types, primaryType, domain, message}`, or its JSON text.
 * @throws {SignatureError} `simulation:signature:unreadable` for anything that two readers could read differently.
 * @example
 * readTypedData(text, { chainId: 1, from, nowMs: Date.now() }).kind // 'eip2612'
 */
export function readTypedData(document: unknown, context: SignatureContext): SignatureRequest {
  const at = withoutMentions({ ...context, from: Address.parse(context.from) })
  const value = typeof document === 'string' ? parseStrictJson(document) : document
  const parsed = parseTypedDocument(value)
  const drafts = SCHEMES.map((scheme) => scheme.read(parsed, at)).filter((draft) => draft !== null)
  if (drafts.length > 1) throw new SignatureError('The document', 'it fits two kinds')
  const draft = drafts[0] ?? readUnknown(parsed, at, SCHEMES)
  return {
    ...limit(draft),
    digest: parsed.digest,
    primaryType: parsed.primaryType,
    verifyingContract: parsed.domain.verifyingContract ?? null,
    findings: [
      ...judgeChain(parsed, at, draft.kind),
      ...judgeSize(draft),
      ...worstFirst(draft.findings).slice(0, MAX_LINES),
    ],
    source: { typed_data: asJson(value) },
  }
}

/** Some screens: a bulk order of 32 fits. What is longer hides something. */
const MAX_LINES = 640
/** As many as one simulation takes (`requestOf`). */
const MAX_HOLDER_CALLS = 32

/** A report stays readable, whatever the document; `judgeSize` says that something was cut off, and blocks. */
function limit(draft: Draft): Draft {
  return {
    ...draft,
    lines: draft.lines.slice(0, MAX_LINES),
    grants: draft.grants.slice(0, MAX_LINES),
    offers: draft.offers.slice(0, MAX_LINES),
    considerations: draft.considerations.slice(0, MAX_LINES),
    holderCalls: draft.holderCalls.slice(0, MAX_HOLDER_CALLS),
    withoutSignature: draft.withoutSignature.slice(0, MAX_HOLDER_CALLS),
    expects: draft.expects.slice(0, MAX_LINES),
    notChecked: draft.notChecked.slice(0, MAX_LINES),
  }
}

function judgeSize(draft: Draft): Finding[] {
  const calls = Math.max(draft.holderCalls.length, draft.withoutSignature.length)
  return draft.lines.length <= MAX_LINES && calls <= MAX_HOLDER_CALLS
    ? []
    : [
        finding(
          'signature-too-long',
          'block',
          'More than is read and simulated',
          `The document has ${draft.lines.length} fields and allows ${calls} transactions; ${MAX_LINES} and ${MAX_HOLDER_CALLS} are looked at. Sign it in smaller parts.`,
          null,
          { fields: draft.lines.length, calls },
        ),
      ]
}

const ORDER = { block: 0, warn: 1, info: 2 } as const

function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => ORDER[a.level] - ORDER[b.level])
}
