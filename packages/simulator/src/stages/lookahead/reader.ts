import type { Hex } from '@countersign/base'
import type { Probe } from '../../effects/probes.ts'

/** Where a few bytes of code are put that answer with an account's ether: contracts can be asked for it, EVMs cannot. */
export const READER = '0x5741a6e200000000000000000000000000000ba1'
/** PUSH1 0, CALLDATALOAD, BALANCE, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN */
export const READER_CODE: Hex.Hex = '0x6000353160005260206000f3'
/** Asks for an account's ether. */
export const etherOf = (account: string): Probe => ({ to: READER, data: `0x${account.slice(2).padStart(64, '0')}` })

/** Where a few bytes of code are put that call whoever calls them back with the same data, and undo all that came of it. */
export const UNDOER = '0x5741a6e200000000000000000000000000000bac'
/**
 * CALLDATACOPY of all, CALL of CALLER with it, RETURNDATACOPY of all, REVERT with it: what was answered is kept, and what was
 * done is not, so that several tries from one state are one run.
 */
export const UNDOER_CODE: Hex.Hex = '0x365f5f375f5f365f5f335af1503d5f5f3e3d5ffd'

/** Words of four bytes that code pushes to compare with the selector. */
export function selectorsOf(code: string): string[] {
  const found = new Set<string>()
  for (let i = 2; i < code.length;) {
    const opcode = Number.parseInt(code.slice(i, i + 2), 16)
    const size = opcode >= 0x60 && opcode <= 0x7f ? opcode - 0x5f : 0
    if (size === 4) found.add(code.slice(i + 2, i + 10))
    i += 2 + 2 * size
  }
  found.delete('ffffffff')
  return [...found]
}
