import { Address } from '@countersign/base'
import type { Finding } from '../../model/Finding.ts'
import { isCanonical } from '../../names/TokenList.ts'
import { EMPTY, type Draft, type SignatureContext } from '../SignatureRequest.ts'
import type { Scheme } from '../Scheme.ts'
import { baseOf, type TypedDocument, type TypedField, type TypedStruct, type TypedValue } from '../TypedDocument.ts'
import { finding, linesOf, nameOf } from '../wording.ts'

/** Names of fields that hand something to somebody, in lower case without underscores. One is enough. */
const GRANTING =
  /^(?:spender|operator|delegate|delegatee|delegator|grantee|grantor|authorized|authorised|allowance|allowed|approved|approve|permitted|permissions?|caveats?|module|implementation|newowner|executor|relayer|agent|agentaddress|sessionkey|session|signer|trustedforwarder|calldata|calls|callees?|authority|taker|offerer|maker|trader|buytoken|selltoken|maketoken|offer|consideration|orders?|makerasset|takerasset|makeamount|sellamount|buyamount|makingamount|takingamount|withdraw(?:al)?|destination|validatefrom)$/
const AMOUNT =
  /^(?:amount|amounts|value|values|wad|quantity|shares|assets|tokens?|tokenid|tokenids|id|ids|price|size|fee)$/
const TIME =
  /^(?:deadline|expiry|expiration|expires|expiresat|expirationtime|validbefore|validuntil|validto|endtime|sigdeadline)$/
const OWNER =
  /^(?:owner|holder|from|src|dst|usr|guy|who|user|account|sender|signatory|authorizer|payer|wallet|recipient|receiver|to|payee|beneficiary)$/
const NONCE = /^(?:nonce|nonces|salt|counter|sequence)$/
const CALL = /^(?:data|call|payload|input|method|functionsignature|action|actions|params|parameters)$/
/** Hyperliquid's "phantom agent" hides an order behind `connectionId`. */
const BLIND = /(?:hash|digest|root|commitment)$|^(?:message|connectionid)$/

/**
 * A document that is none of the schemes: what looks like a permission blocks, everything else is at least a warning,
 * and every field is said not to be checked (catalogue N8: "fallback unknown authority").
 */
export function readUnknown(document: TypedDocument, at: SignatureContext, schemes: readonly Scheme[]): Draft {
  const contract = document.domain.verifyingContract ?? null
  const lines = linesOf(document.message)
  const lookalike = schemes.some((scheme) => scheme.primaryTypes.includes(document.primaryType))
  const isToken = contract !== null && (at.known?.(contract)?.kind === 'token' || isCanonical(at.chainId, contract))
  const reason = isToken ? 'it is addressed to a token' : permissionReason(document)
  const findings: Finding[] = []
  if (lookalike) {
    findings.push(
      finding(
        'signature-lookalike',
        'block',
        'It only looks like a known permission',
        `"${document.primaryType}" is the name of a known kind of document, but its fields, its domain or its contract (${contract ?? 'none'}) are not that kind's.`,
        contract,
        { encoded_type: document.encodedType.slice(0, 500) },
      ),
    )
  }
  findings.push(
    reason !== null
      ? finding(
          'signature-unknown-permission',
          'block',
          'An unknown permission',
          `"${document.primaryType}" is no kind of document that is read here, and ${reason}. Whoever holds the signature may be able to move something of yours.`,
          contract,
          { encoded_type: document.encodedType.slice(0, 500) },
        )
      : finding(
          'signature-unknown-type',
          'warn',
          'An unknown kind of document',
          `"${document.primaryType}" is no kind of document that is read here. What ${contract === null ? 'its reader' : nameOf(at, contract)} does with it is not known.`,
          contract,
          { encoded_type: document.encodedType.slice(0, 500) },
        ),
  )
  return {
    ...EMPTY,
    kind: 'unknown',
    title: `Unknown document "${document.primaryType}"`,
    lines: [
      { label: 'Contract', value: contract === null ? 'none named' : nameOf(at, contract) },
      ...linesOf(document.domain.name ?? '(none)', 'Calls itself'),
      ...lines,
    ],
    findings,
    notChecked: lines.map((line) => ({
      what: `typed-data field: ${line.label} = ${line.value}`,
      why: `Nothing here knows what "${document.primaryType}" means to its reader.`,
    })),
  }
}

/** Why a document may hand over something; null when none of its fields suggests it. */
function permissionReason(document: TypedDocument): string | null {
  const fields = [...Object.values(document.types).flat(), ...textsThatMean(document)].map((field) => ({
    ...field,
    base: baseOf(field.type),
    plain: field.name.replaceAll('_', '').toLowerCase(),
  }))
  const find = (pattern: RegExp, type: RegExp): string | undefined =>
    fields.find((field) => pattern.test(field.plain) && type.test(field.base))?.name
  // Texts grant nothing on a chain: a "from" that is a name belongs to a letter, a "nonce" that is text to a login.
  const [number, account] = [/^u?int/, /^(?:address|bytes32)$/]
  const granting = find(GRANTING, /^(?!string$)/)
  if (granting !== undefined) return `its field "${granting}" hands something over`
  const [amount, time] = [find(AMOUNT, number), find(TIME, number)]
  if (amount !== undefined && time !== undefined) return `it has an amount ("${amount}") and an end ("${time}")`
  const [owner, nonce] = [find(OWNER, account), find(NONCE, /^(?:u?int|bytes32)/)]
  if (owner !== undefined && nonce !== undefined) return `it has an account ("${owner}") and a counter ("${nonce}")`
  if (owner !== undefined && amount !== undefined) return `it has an account ("${owner}") and an amount ("${amount}")`
  const call = find(CALL, /^bytes$/)
  if (call !== undefined) return `its field "${call}" holds bytes that may be a call`
  const blind = find(BLIND, /^bytes/)
  if (blind !== undefined) return `its field "${blind}" is a hash or bytes that nobody can read`
  if (hasLongBytes(document.message)) return 'it carries bytes that nobody can read'
  if (isAllBytes(document)) return 'it is nothing but bytes that nobody can read'
  // Whatever they are called: somebody, and how much. Votes and logins count in fewer bits.
  const [somebody, muchOf] = [
    fields.find((field) => field.base === 'address')?.name,
    fields.find((field) => LARGE.test(field.base))?.name,
  ]
  return somebody !== undefined && muchOf !== undefined
    ? `it has an account ("${somebody}") and a number as large as amounts are ("${muchOf}")`
    : null
}

/** Numbers that amounts are kept in. */
const LARGE = /^u?int(?:1[2-9]\d|2\d\d)$/

/**
 * Texts that are an account or an amount all the same: exchanges that settle elsewhere write them so (Hyperliquid's
 * withdrawals have a `string destination` and a `string amount`).
 */
function textsThatMean({ types, primaryType, message }: TypedDocument): TypedField[] {
  const walk = (type: string, value: TypedValue, name: string): TypedField[] => {
    const base = baseOf(type)
    if (Array.isArray(value)) return value.flatMap((entry: TypedValue) => walk(base, entry, name))
    if (typeof value === 'object')
      return (types[base] ?? []).flatMap((field) =>
        walk(field.type, (value as TypedStruct)[field.name] as TypedValue, field.name),
      )
    if (base !== 'string' || typeof value !== 'string') return []
    if (/^0x[0-9a-fA-F]{40}$/.test(value)) return [{ name, type: 'address' }]
    return /^\d{1,80}(?:\.\d{1,80})?$/.test(value) ? [{ name, type: 'uint256' }] : []
  }
  return walk(primaryType, message, '')
}

/** No field says anything to people: 32 bytes under any name may be the hash of anything. */
function isAllBytes({ types }: TypedDocument): boolean {
  const atoms = Object.values(types)
    .flat()
    .map((field) => baseOf(field.type))
    .filter((type) => types[type] === undefined)
  return atoms.every((type) => type === 'bytes' || type === 'bytes32')
}

/** Calls and permissions hide in bytes; a bare 32-byte id does not. */
function hasLongBytes(value: TypedValue): boolean {
  if (typeof value === 'string') return /^0x[0-9a-f]{72,}$/.test(value) && !Address.isAddress(value)
  if (typeof value !== 'object') return false
  return Object.values(value).some((entry: TypedValue) => hasLongBytes(entry))
}
