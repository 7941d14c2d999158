import { Digest, Table } from '@countersign/base'
import * as InputSchema from './InputSchema.ts'

/** `read` runs inside of a turn, `write` becomes a proposal, `transaction` answers with transactions that are staged. */
export type Kind = 'read' | 'write' | 'transaction'

/** The part that an argument plays. */
export type Role = 'recipient' | 'spender' | 'asset' | 'amount' | 'direction' | 'chain' | 'contract' | 'text'
export const ROLES: readonly Role[] = [
  'recipient',
  'spender',
  'asset',
  'amount',
  'direction',
  'chain',
  'contract',
  'text',
]

/** Whose word an answer is: nobody's, data that grounds nothing, or JSON pointers of fields that may ground a value. */
export type Trust = 'untrusted' | 'data' | readonly string[]

export interface Auth {
  readonly header: string
  /** With handles, `$SECRET:NAME`. */
  readonly value: string
}

export interface HttpCall {
  readonly by: 'http'
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly origin: string
  /** Path segments; `{name}` is a parameter. */
  readonly path: readonly string[]
  /** Where a parameter of an OpenAPI operation goes, if not by the rule of the method. */
  readonly places?: Readonly<Record<string, 'query' | 'body'>>
  readonly allowPrivate: boolean
  readonly auth: Auth | null
}

export interface McpCall {
  readonly by: 'mcp'
  readonly url: string
  readonly server: string
  readonly tool: string
  readonly pin: string
  readonly allowPrivate: boolean
  readonly auth: Auth | null
}

/** A tool that an app declares. */
export interface ToolSpec {
  readonly name: string
  readonly kind: Kind
  readonly description: string
  /** Closed: every object takes declared properties only, unless it says otherwise. */
  readonly input: InputSchema.JsonSchema
  readonly result: {
    readonly trust: Trust
    readonly maxBytes: number
    readonly schema: InputSchema.JsonSchema | null
  }
  /** The lowest level of its proposals. */
  readonly confirm: 'ordinary' | 'step-up'
  /** Null: every argument is critical. */
  readonly critical: readonly string[] | null
  readonly roles: Readonly<Record<string, Role>>
  /** The header that holds the digest; null: it is never asked twice. */
  readonly idempotencyHeader: string | null
  readonly examples: readonly string[]
  readonly call: HttpCall | McpCall
}

export const DEFAULT_MAX_BYTES = 65_536

/** The digest of a definition: a tool that was redefined is another one. */
export function digest(spec: ToolSpec): string {
  return Digest.ofJson(JSON.parse(JSON.stringify(spec)) as never)
}

/** Names of secrets in a text. */
export function handlesIn(text: string): readonly string[] {
  return [...text.matchAll(/\$SECRET:([A-Z][A-Z0-9_]*)/g)].map((match) => match[1] ?? '')
}

/** The first property on the way of a pointer, and the name nearest to the value. */
function namesOf(pointer: string): { readonly top: string; readonly nearest: string } {
  const steps = pointer.split('/').slice(1).map(InputSchema.unescaped)
  return { top: steps[0] ?? '', nearest: steps.findLast((step) => !/^\d+$/.test(step)) ?? '' }
}

const BY_NAME = Table.of<Role>({
  amount: 'amount',
  asset: 'asset',
  token: 'asset',
  symbol: 'asset',
  spender: 'spender',
  contract: 'contract',
  chain: 'chain',
  chain_id: 'chain',
  side: 'direction',
  direction: 'direction',
  memo: 'text',
  description: 'text',
  body: 'text',
  message: 'text',
  content: 'text',
  subject: 'text',
})
const OPPOSITES = [
  ['buy', 'sell'],
  ['deposit', 'withdraw'],
  ['for', 'against'],
]
const RECIPIENT_WORD = /^(?:address(?:es)?|accounts?|recipients?|receivers?|to|payees?)$/

/** An account: on a chain, by e-mail, or at a bank (IBAN). */
export function isAccount(value: string): boolean {
  return (
    /^0x[0-9a-fA-F]{40}$/.test(value) ||
    /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>".]{2,}$/.test(value) ||
    /^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(value.replaceAll(/[ -]/g, '').toUpperCase())
  )
}

/** The words of a name: `payeeAccount`, `payee_account` and `payee-account` have two. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
}

/** The role of an argument: as the tool declares it, else by its name, its choices or its value; null for none. */
export function roleOf(spec: Pick<ToolSpec, 'roles' | 'input'>, { pointer, value }: InputSchema.Scalar): Role | null {
  const { top, nearest } = namesOf(pointer)
  const name = [pointer.slice(1), nearest, top].find((each) => Object.hasOwn(spec.roles, each))
  const declared = name === undefined ? undefined : spec.roles[name]
  if (declared !== undefined) return declared
  const byName = BY_NAME[nearest.toLowerCase()]
  if (byName !== undefined) return byName
  const properties = InputSchema.properties(spec.input)
  const choices = Object.hasOwn(properties, top) ? properties[top]?.['enum'] : undefined
  if (Array.isArray(choices)) {
    const words = choices.map((each) => String(each).toLowerCase())
    if (OPPOSITES.some((pair) => pair.every((word) => words.includes(word)))) return 'direction'
  }
  if (typeof value === 'string' && isAccount(value.trim())) return 'recipient'
  return wordsOf(nearest).some((word) => RECIPIENT_WORD.test(word)) ? 'recipient' : null
}

/** Whether an argument decides what happens: named as critical, or of a role that always does. */
export function isCritical(spec: Pick<ToolSpec, 'critical' | 'roles' | 'input'>, scalar: InputSchema.Scalar): boolean {
  if (spec.critical === null) return true
  const { top, nearest } = namesOf(scalar.pointer)
  const role = roleOf(spec, scalar)
  return (
    role === 'recipient' ||
    role === 'spender' ||
    role === 'text' ||
    [top, nearest, scalar.pointer.slice(1), scalar.pointer].some((name) => spec.critical?.includes(name) === true)
  )
}

/** Something that a tool says of its arguments and that its input does not bear out. */
export interface Unfit {
  readonly key: 'critical' | 'roles' | 'input'
  /** Where in the input. */
  readonly at: readonly (string | number)[]
  readonly message: string
  readonly help: string
}

/** What `critical` and `roles` name that is not declared, and an input that takes more than `critical` could name. */
export function unfits(
  { kind, critical, roles }: Pick<ToolSpec, 'kind' | 'critical' | 'roles'>,
  input: InputSchema.JsonSchema,
): readonly Unfit[] {
  const known = InputSchema.properties(input)
  const undeclared = (key: 'critical' | 'roles', names: readonly string[]): readonly Unfit[] =>
    names
      .filter((name) => !Object.hasOwn(known, name))
      .map((name) => ({
        key,
        at: [],
        message: `"${key}" names "${name.slice(0, 60)}", which "input" does not declare.`,
        help: `Use one of: ${Object.keys(known).join(', ') || 'none is declared'}.`,
      }))
  const open = kind === 'read' || critical === null ? null : InputSchema.openObject(input)
  return [
    ...undeclared('critical', critical ?? []),
    ...undeclared('roles', Object.keys(roles)),
    ...(open === null
      ? []
      : [
          {
            key: 'input' as const,
            at: open,
            message: `The input takes properties that nobody declared (${open.join('.')}), so "critical" cannot name what decides.`,
            help: 'Declare every property, or leave "critical" out: then every argument is critical.',
          },
        ]),
  ]
}

/** `Place a trade: buy 1.5 ETH`: by code, from the description and the arguments. */
export function summary(spec: Pick<ToolSpec, 'description' | 'name'>, args: Readonly<Record<string, unknown>>): string {
  const [sentence = ''] = spec.description.split(/(?<=[.!?])\s|\n/)
  const head = sentence.replace(/[.!?]+$/, '').trim() || spec.name
  const values = InputSchema.scalarsOf(args).map(({ value }) => InputSchema.textOf(value))
  return `${head}${values.length === 0 ? '' : ': '}${values.join(' ')}`
}
