import { Address } from '@countersign/base'
import { expect, test } from 'vitest'
import { completeDerivation } from './completeDerivation.ts'
import type { Derivation } from './Draft.ts'

const TARGET = Address.parse('0x00000000000000000000000000000000000000aa')

/** A derivation that raises another question until `rounds` have been answered. */
function asking(rounds: number, by: 'missing' | 'missingCode') {
  let answered = 0
  const derive = (): Derivation => ({
    bounds: [],
    notEnforced: [],
    missing: answered < rounds && by === 'missing' ? [{ target: TARGET, data: '0x' }] : [],
    missingCode: answered < rounds && by === 'missingCode' ? [TARGET] : [],
    hasAllInflows: true,
  })
  const answer = async (): Promise<void> => {
    answered += 1
  }
  return completeDerivation(derive, answer)
}

test.each(['missing', 'missingCode'] as const)(
  'promise: a derivation with questions open after six rounds is refused (%s)',
  async (by) => {
    expect(await asking(6, by)).toMatchObject({ missing: [], missingCode: [] })
    expect(await asking(7, by)).toBeNull()
  },
)
