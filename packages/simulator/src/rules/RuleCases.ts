import type { Build } from '../../catalogue/World.ts'
import type { RuleContext } from './Rule.ts'

/**
 * What stands in each rule's `cases.ts`: requests on the local chain that the rule must flag, and near misses that it
 * must leave alone, by a name that says what they are. `rules.test.ts` runs them all and keeps what people read of the
 * flagged ones in `findings.snap` beside them.
 *
 * A rule that no request can trigger (an engine or a provider has to be wrong) has bare contexts instead, and names a
 * test that covers the whole way; the runner checks that such a test exists.
 */
export type RuleCases =
  | {
      readonly flag: Readonly<Record<string, Build>>
      readonly leave: Readonly<Record<string, Build>>
      /** What no request can bring about besides, such as a machine that is too slow. */
      readonly flagContext?: Readonly<Record<string, Partial<RuleContext>>>
      readonly leaveContext?: Readonly<Record<string, Partial<RuleContext>>>
    }
  | {
      readonly why: string
      readonly covered: { readonly file: string; readonly test: string }
      readonly flagContext: Readonly<Record<string, Partial<RuleContext>>>
      readonly leaveContext: Readonly<Record<string, Partial<RuleContext>>>
    }
