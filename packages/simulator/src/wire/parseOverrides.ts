import { Address, BaseError, Hex, Table, Wei } from '@countersign/base'
import type { StateOverride } from '../model/Override.ts'

/** More is no preview of a question that somebody has. */
const MAX_ACCOUNTS = 32
const MAX_SLOTS = 256
const FIELDS = Table.of<keyof StateOverride>({
  balance: 'balance',
  nonce: 'nonce',
  code: 'code',
  state_diff: 'stateDiff',
  stateDiff: 'stateDiff',
  tokens: 'tokens',
})

/**
 * Reads `{ADDRESS: {balance?, nonce?, code?, state_diff?, tokens?}}`: `state_diff` as `{SLOT: WORD}`, `tokens` as
 * `{TOKEN: AMOUNT}` in the token's smallest unit. Everything else is refused.
 *
 * @throws {OverrideError} `simulation:override:unreadable`, naming the field.
 */
export function parseOverrides(value: unknown): StateOverride[] {
  const accounts = entriesOf(value, 'it', MAX_ACCOUNTS)
  const seen = new Set<string>()
  return accounts.map(([key, given]) => {
    const address = read(`the account "${key.slice(0, 44)}"`, () => Address.parse(key))
    if (seen.has(address)) throw new OverrideError(`the account ${address} stands twice`)
    seen.add(address)
    const fields = new Map<keyof StateOverride, unknown>()
    for (const [name, entry] of entriesOf(given, `the entry of ${address}`, 8)) {
      const field = FIELDS[name]
      if (field === undefined) throw new OverrideError(`the field "${name.slice(0, 40)}" of ${address} is not known`)
      if (fields.has(field)) throw new OverrideError(`the field "${name}" of ${address} stands twice`)
      fields.set(field, entry)
    }
    return overrideOf(address, fields)
  })
}

function overrideOf(address: Address.Address, fields: ReadonlyMap<keyof StateOverride, unknown>): StateOverride {
  const [balance, nonce, code] = [fields.get('balance'), fields.get('nonce'), fields.get('code')]
  const [stateDiff, tokens] = [fields.get('stateDiff'), fields.get('tokens')]
  const where = (name: string) => `"${name}" of ${address}`
  return {
    address,
    ...(balance === undefined ? {} : { balance: read(where('balance'), () => Wei.parse(balance)) }),
    ...(nonce === undefined ? {} : { nonce: read(where('nonce'), () => Wei.parse(nonce)) }),
    ...(code === undefined ? {} : { code: read(where('code'), () => Hex.parse(text(code))) }),
    ...(stateDiff === undefined
      ? {}
      : {
          stateDiff: entriesOf(stateDiff, where('state_diff'), MAX_SLOTS).map(([slot, word]) => ({
            slot: wordOf(slot, where('state_diff')),
            value: wordOf(text(word), where('state_diff')),
          })),
        }),
    ...(tokens === undefined
      ? {}
      : {
          tokens: entriesOf(tokens, where('tokens'), MAX_ACCOUNTS).map(([token, amount]) => ({
            token: read(where('tokens'), () => Address.parse(token)),
            amount: read(where('tokens'), () => Wei.parse(amount)),
          })),
        }),
  }
}

function entriesOf(value: unknown, what: string, max: number): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new OverrideError(`${what} is not an object`)
  const entries = Object.entries(value)
  if (entries.length > max) throw new OverrideError(`${what} has more than ${max} entries`)
  return entries
}

function wordOf(value: string, where: string): Hex.Hex {
  const hex = read(where, () => Hex.parse(value))
  if (Hex.size(hex) !== 32) throw new OverrideError(`${where} must have 32 bytes in each slot and word`)
  return hex
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function read<T>(where: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof BaseError) throw new OverrideError(`${where} cannot be read: ${error.message}`)
    throw error
  }
}

export class OverrideError extends BaseError {
  override readonly name = 'simulator.OverrideError'
  constructor(reason: string) {
    super(`The state overrides cannot be used: ${reason.replace(/\.$/, '')}.`, {
      code: 'simulation:override:unreadable',
      kind: 'invalid',
      hint: 'Write {"0x…": {"balance": "1000000000000000000", "tokens": {"0x…": "1000000000"}}}: amounts in the smallest unit.',
    })
  }
}
