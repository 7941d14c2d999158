import type { EngineLimit } from '../../evm/EngineLimitError.ts'
import { finding, type Rule } from '../Rule.ts'

/**
 * Hostile bytecode: loops, memory and trace bombs end here. So does what a busy machine could not run: it blocks as well,
 * because nothing was seen, and says that the machine is the cause.
 */
const TEXTS: Readonly<Record<EngineLimit, readonly [title: string, text: string]>> = {
  exhausted: [
    'It exhausts the simulator',
    'The transaction needs more time or memory than an honest one does, so it could not be simulated to its end.',
  ],
  starved: [
    'The simulation did not finish',
    'This machine was too busy: the simulation got too little processor time to come to its end. That says nothing about the transaction. Try again in a moment.',
  ],
  untold: [
    'The simulation did not finish',
    'The simulation took too long, and whether the transaction or this machine was slow could not be measured. Try again in a moment; if it stays so, the transaction needs more time than an honest one does.',
  ],
}

export const rule: Rule = {
  name: 'engine-limit',
  remediation: 'Try again in a moment. If it stays so, split the call into smaller ones, and simulate each.',
  about:
    'The transaction could not be simulated to its end: it needs more time or memory than an honest one does, or the machine was too busy. The finding says which.',
  levels: 'block',
  check({ engine: { ranOut } }) {
    if (ranOut === null) return []
    const [title, text] = TEXTS[ranOut]
    return [finding('engine-limit', 'block', title, text)]
  },
}
