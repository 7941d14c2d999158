import type { Rule } from '../Rule.ts'
import { SUPPLY_RULES } from '../supply/rules.ts'
import { rule as concealment } from './concealment/rule.ts'
import { rule as credentialAccess } from './credential-access/rule.ts'
import { rule as dataExfiltration } from './data-exfiltration/rule.ts'
import { rule as decodeThenExecute } from './decode-then-execute/rule.ts'
import { rule as destructiveCommand } from './destructive-command/rule.ts'
import { rule as fakeSystemMessage } from './fake-system-message/rule.ts'
import { rule as fetchThenExecute } from './fetch-then-execute/rule.ts'
import { rule as hiddenInstructions } from './hidden-instructions/rule.ts'
import { rule as identityFileWrite } from './identity-file-write/rule.ts'
import { rule as installFromUnknown } from './install-from-unknown/rule.ts'
import { rule as instructionOverride } from './instruction-override/rule.ts'
import { rule as opaquePayload } from './opaque-payload/rule.ts'
import { rule as persistence } from './persistence/rule.ts'
import { rule as reverseShell } from './reverse-shell/rule.ts'
import { rule as secretExfiltration } from './secret-exfiltration/rule.ts'
import { rule as secretsGathered } from './secrets-gathered/rule.ts'
import { rule as securityDisabled } from './security-disabled/rule.ts'

/** Every rule, in the order of their names. */
export const RULES: readonly Rule[] = [
  concealment,
  credentialAccess,
  dataExfiltration,
  decodeThenExecute,
  destructiveCommand,
  fakeSystemMessage,
  fetchThenExecute,
  hiddenInstructions,
  identityFileWrite,
  installFromUnknown,
  instructionOverride,
  opaquePayload,
  persistence,
  reverseShell,
  secretExfiltration,
  secretsGathered,
  securityDisabled,
  ...SUPPLY_RULES,
].toSorted((a, b) => (a.name < b.name ? -1 : 1))
