import type { Rule } from '../Rule.ts'
import { SUPPLY_RULES } from '../supply/rules.ts'
import { rule as agentSettings } from './agent-settings/rule.ts'
import { rule as agentTurned } from './agent-turned/rule.ts'
import { rule as bareLink } from './bare-link/rule.ts'
import { rule as binaryInside } from './binary-inside/rule.ts'
import { rule as bindsEverywhere } from './binds-everywhere/rule.ts'
import { rule as brandBorrowed } from './brand-borrowed/rule.ts'
import { rule as clipboardSwap } from './clipboard-swap/rule.ts'
import { rule as concealment } from './concealment/rule.ts'
import { rule as contractUndeclared } from './contract-undeclared/rule.ts'
import { rule as copiesDiffer } from './copies-differ/rule.ts'
import { rule as credentialAccess } from './credential-access/rule.ts'
import { rule as dataExfiltration } from './data-exfiltration/rule.ts'
import { rule as dataToStranger } from './data-to-stranger/rule.ts'
import { rule as declaredUnused } from './declared-unused/rule.ts'
import { rule as decodeThenExecute } from './decode-then-execute/rule.ts'
import { rule as descriptionMismatch } from './description-mismatch/rule.ts'
import { rule as destructiveCommand } from './destructive-command/rule.ts'
import { rule as disguisedFile } from './disguised-file/rule.ts'
import { rule as drifted } from './drifted/rule.ts'
import { rule as externalInstructions } from './external-instructions/rule.ts'
import { rule as fakeSystemMessage } from './fake-system-message/rule.ts'
import { rule as fetchThenExecute } from './fetch-then-execute/rule.ts'
import { rule as filesAny } from './files-any/rule.ts'
import { rule as hardCodedSecret } from './hard-coded-secret/rule.ts'
import { rule as hiddenInstructions } from './hidden-instructions/rule.ts'
import { rule as hiddenUnicode } from './hidden-unicode/rule.ts'
import { rule as identityFileWrite } from './identity-file-write/rule.ts'
import { rule as installFromUnknown } from './install-from-unknown/rule.ts'
import { rule as instructionOverride } from './instruction-override/rule.ts'
import { rule as keyInArgv } from './key-in-argv/rule.ts'
import { rule as keyRequested } from './key-requested/rule.ts'
import { rule as lookalikeLetters } from './lookalike-letters/rule.ts'
import { rule as machineUsed } from './machine-used/rule.ts'
import { rule as manifestMissing } from './manifest-missing/rule.ts'
import { rule as metadataEncoded } from './metadata-encoded/rule.ts'
import { rule as metadataSchema } from './metadata-schema/rule.ts'
import { rule as nameMisspelled } from './name-misspelled/rule.ts'
import { rule as nameTaken } from './name-taken/rule.ts'
import { rule as networkAny } from './network-any/rule.ts'
import { rule as noSimulation } from './no-simulation/rule.ts'
import { rule as notApproved } from './not-approved/rule.ts'
import { rule as opaquePayload } from './opaque-payload/rule.ts'
import { rule as pathEscape } from './path-escape/rule.ts'
import { rule as persistence } from './persistence/rule.ts'
import { rule as privilegeGained } from './privilege-gained/rule.ts'
import { rule as prototypeKey } from './prototype-key/rule.ts'
import { rule as publisherChanged } from './publisher-changed/rule.ts'
import { rule as pushedOutOfSight } from './pushed-out-of-sight/rule.ts'
import { rule as readAsText } from './read-as-text/rule.ts'
import { rule as recipientFixed } from './recipient-fixed/rule.ts'
import { rule as referenceMissing } from './reference-missing/rule.ts'
import { rule as remoteInventory } from './remote-inventory/rule.ts'
import { rule as reverseShell } from './reverse-shell/rule.ts'
import { rule as revoked } from './revoked/rule.ts'
import { rule as riskTierLow } from './risk-tier-low/rule.ts'
import { rule as secretExfiltration } from './secret-exfiltration/rule.ts'
import { rule as secretsGathered } from './secrets-gathered/rule.ts'
import { rule as securityDisabled } from './security-disabled/rule.ts'
import { rule as selfUpdate } from './self-update/rule.ts'
import { rule as shellAny } from './shell-any/rule.ts'
import { rule as signatureInvalid } from './signature-invalid/rule.ts'
import { rule as tierUnapproved } from './tier-unapproved/rule.ts'
import { rule as tracesRemoved } from './traces-removed/rule.ts'
import { rule as triggerHijack } from './trigger-hijack/rule.ts'
import { rule as unattendedSigning } from './unattended-signing/rule.ts'
import { rule as undeclaredCommand } from './undeclared-command/rule.ts'
import { rule as undeclaredHost } from './undeclared-host/rule.ts'
import { rule as undeclaredPath } from './undeclared-path/rule.ts'
import { rule as unlimitedApproval } from './unlimited-approval/rule.ts'
import { rule as walletRead } from './wallet-read/rule.ts'
import { rule as yamlUnsafe } from './yaml-unsafe/rule.ts'

/** Every rule, in the order of their names. */
export const RULES: readonly Rule[] = [
  agentSettings,
  agentTurned,
  bareLink,
  binaryInside,
  bindsEverywhere,
  brandBorrowed,
  clipboardSwap,
  concealment,
  contractUndeclared,
  copiesDiffer,
  credentialAccess,
  dataExfiltration,
  dataToStranger,
  declaredUnused,
  decodeThenExecute,
  descriptionMismatch,
  destructiveCommand,
  disguisedFile,
  drifted,
  externalInstructions,
  fakeSystemMessage,
  fetchThenExecute,
  filesAny,
  hardCodedSecret,
  hiddenInstructions,
  hiddenUnicode,
  identityFileWrite,
  installFromUnknown,
  instructionOverride,
  keyInArgv,
  keyRequested,
  lookalikeLetters,
  machineUsed,
  manifestMissing,
  metadataEncoded,
  metadataSchema,
  nameMisspelled,
  nameTaken,
  networkAny,
  noSimulation,
  notApproved,
  opaquePayload,
  pathEscape,
  persistence,
  privilegeGained,
  prototypeKey,
  publisherChanged,
  pushedOutOfSight,
  readAsText,
  recipientFixed,
  referenceMissing,
  remoteInventory,
  reverseShell,
  revoked,
  riskTierLow,
  secretExfiltration,
  secretsGathered,
  securityDisabled,
  selfUpdate,
  shellAny,
  signatureInvalid,
  tierUnapproved,
  tracesRemoved,
  triggerHijack,
  unattendedSigning,
  undeclaredCommand,
  undeclaredHost,
  undeclaredPath,
  unlimitedApproval,
  walletRead,
  yamlUnsafe,
  ...SUPPLY_RULES,
].toSorted((a, b) => (a.name < b.name ? -1 : 1))
