import type { Derivation } from './Draft.ts'

/** Rounds of reading: what one answer shows may raise another question, and no further. */
const MAX_ROUNDS = 6

/**
 * Derives until every question has its answer.
 *
 * @param derive - Derives from all that has been answered so far.
 * @param answer - Reads what a derivation misses, so that the next one has it.
 * @returns Null where questions are still open after six rounds: bounds that rest on part of the answers may hold less than
 * they say.
 */
export async function completeDerivation(
  derive: () => Derivation,
  answer: (open: Derivation) => Promise<void>,
): Promise<Derivation | null> {
  for (let round = 0; ; round++) {
    const derivation = derive()
    if (derivation.missing.length === 0 && derivation.missingCode.length === 0) return derivation
    if (round === MAX_ROUNDS) return null
    await answer(derivation)
  }
}
