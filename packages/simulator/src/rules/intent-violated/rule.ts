import { finding, type Rule } from '../Rule.ts'

/** The outcome is not what the user meant (catalogue F02, F04). */
export const rule: Rule = {
  name: 'intent-violated',
  remediation: 'Change the transaction until it does what was meant, or change the intent.',
  about: 'An assertion of the intent does not hold in every environment, or could not be evaluated.',
  levels: 'block',
  check: ({ intent }) =>
    (intent?.assertions ?? [])
      .filter(({ holds }) => !holds)
      .map(({ name, because }) =>
        finding('intent-violated', 'block', 'Not what was meant', `The intent's ${name} does not hold: ${because}.`, {
          evidence: { assertion: name },
        }),
      ),
}
