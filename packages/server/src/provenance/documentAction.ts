import { Address } from '@countersign/base'
import type { SignatureRequest } from '@countersign/simulator'
import type { Action, Value } from './Action.ts'

/** A card stays readable; what is beyond is said. */
const MAX_VALUES = 48

/**
 * What signing a document would do, with a line for each address and number in it. The simulator's reading says who
 * gains what; an address that it gives no part may be anything, and counts as a recipient.
 */
export function documentAction(signature: SignatureRequest, account: Address.Address | null): Action {
  const { source, grants, offers, considerations, kind } = signature
  const values: Value[] = []
  const isIn = (list: readonly (Address.Address | null)[], address: Address.Address) =>
    list.some((each) => each !== null && Address.isEqual(each, address))
  const amounts = new Set([...grants, ...offers].map(({ amount }) => amount.toString()))
  const add = (pointer: string, value: unknown): void => {
    if (values.length >= MAX_VALUES) return
    if (Array.isArray(value)) return value.forEach((each, i) => add(`${pointer}/${i}`, each))
    if (typeof value === 'object' && value !== null) {
      for (const [name, each] of Object.entries(value)) add(`${pointer}/${escape(name)}`, each)
      return
    }
    const text = String(value)
    if (Address.isAddress(text)) {
      const address = Address.parse(text)
      const isOwn = account !== null && Address.isEqual(account, address)
      const role = isIn(
        grants.map(({ subject }) => subject),
        address,
      )
        ? 'spender'
        : isIn(
              [...grants, ...offers, ...considerations].map(({ token }) => token),
              address,
            ) &&
            !isIn(
              offers.map(({ to }) => to),
              address,
            )
          ? 'asset'
          : 'recipient'
      values.push({
        argument: pointer,
        value: address,
        role: isOwn ? 'recipient' : role,
        ...(isOwn ? { isOurs: true } : {}),
      })
    } else if (/^\d+$/.test(text)) {
      const isAmount = amounts.has(text)
      // Deadlines, nonces and salts of kinds that are understood bound what can be done, and give nothing.
      values.push({
        argument: pointer,
        value: text,
        role: isAmount ? 'amount' : 'other',
        isCritical: isAmount || kind === 'unknown',
      })
    }
  }
  if ('typed_data' in source) {
    const { domain, message } = source.typed_data as { domain?: { verifyingContract?: unknown }; message?: unknown }
    if (typeof domain?.verifyingContract === 'string' && Address.isAddress(domain.verifyingContract)) {
      values.push({
        argument: '/domain/verifyingContract',
        value: Address.parse(domain.verifyingContract),
        role: 'contract',
      })
    }
    add('/message', message)
  }
  if (values.length >= MAX_VALUES)
    values.push({ argument: '/message', value: 'more values than a card shows', role: 'data' })
  return { verb: 'sign', name: 'stage_signature', values }
}

/** As JSON pointers spell names (RFC 6901); a stranger's name is cut and kept to plain letters. */
function escape(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, '').slice(0, 40)
}
