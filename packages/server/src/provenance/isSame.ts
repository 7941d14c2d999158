import * as Reading from './Reading.ts'
import type { ToolRole } from './ToolFrame.ts'

/** Addresses compare without case, amounts by value, choices and symbols without case, text letter by letter. */
export function isSame(role: ToolRole | null, value: string, other: string): boolean {
  if (value === other) return true
  if (/^0x[0-9a-fA-F]{40}$/.test(value)) return value.toLowerCase() === other.toLowerCase()
  if (role === 'amount') {
    const amount = Reading.amountOf(value)
    return amount !== null && amount === Reading.amountOf(other)
  }
  if (role === 'asset' || role === 'direction' || role === 'chain') return value.toLowerCase() === other.toLowerCase()
  if (role === null) {
    const amount = Reading.amountOf(value)
    return amount !== null && amount === Reading.amountOf(other)
  }
  return false
}
