import { finding, type Rule } from '../Rule.ts'

/** Hostile bytecode: loops, memory and trace bombs end here. */
export const rule: Rule = {
  name: 'engine-limit',
  about: 'The transaction needs more time or memory than an honest one does, so it could not be simulated to its end.',
  levels: 'block',
  check: ({ engine }) =>
    engine.isExhausted
      ? [
          finding(
            'engine-limit',
            'block',
            'It exhausts the simulator',
            'The transaction needs more time or memory than an honest one does, so it could not be simulated to its end.',
          ),
        ]
      : [],
}
