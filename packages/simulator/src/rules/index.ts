import { rule as tooManyReads } from './too-many-state-reads/rule.ts'
import { rule as engineLimit } from './engine-limit/rule.ts'
import { rule as insufficientFunds } from './insufficient-funds/rule.ts'
import { rule as gasLimit } from './gas-limit/rule.ts'
import { rule as invalidTransaction } from './invalid-transaction/rule.ts'
import { rule as feeCapLow } from './fee-cap-low/rule.ts'
import { rule as nonceGap } from './nonce-gap/rule.ts'
import { rule as noCodeCalled } from './no-code-called/rule.ts'
import { rule as deferredCall } from './deferred-call/rule.ts'
import { rule as innerCallFailed } from './inner-call-failed/rule.ts'
import { rule as nothingBack } from './nothing-back/rule.ts'
import { rule as keptFalls } from './kept-falls/rule.ts'
import { rule as voteDelegation } from './vote-delegation/rule.ts'
import { rule as signatureOnChain } from './signature-on-chain/rule.ts'
import { rule as authorizationSkipped } from './authorization-skipped/rule.ts'
import { rule as coinDestroyed } from './coin-destroyed/rule.ts'
import { rule as proceedsElsewhere } from './proceeds-elsewhere/rule.ts'
import { rule as exitFails } from './exit-fails/rule.ts'
import { rule as depositTakeable } from './deposit-takeable/rule.ts'
import { rule as openToAnybody } from './open-to-anybody/rule.ts'
import { rule as priceImpact } from './price-impact/rule.ts'
import { rule as effectsTruncated } from './effects-truncated/rule.ts'
import { rule as effectsUnreadable } from './effects-unreadable/rule.ts'
import { rule as effectsDisagree } from './effects-disagree/rule.ts'
import { rule as environmentDependent } from './environment-dependent/rule.ts'
import { rule as unexplainedRecord } from './unexplained-record/rule.ts'
import { rule as unknownGrant } from './unknown-grant/rule.ts'
import { rule as ownershipTransfer } from './ownership-transfer/rule.ts'
import { rule as proxyUpgrade } from './proxy-upgrade/rule.ts'
import { rule as walletControl } from './wallet-control/rule.ts'
import { rule as creditDelegation } from './credit-delegation/rule.ts'
import { rule as accountCode } from './account-code/rule.ts'
import { rule as meltingBalance } from './melting-balance/rule.ts'
import { rule as unsellable } from './unsellable/rule.ts'
import { rule as takeable } from './takeable/rule.ts'
import { rule as noMinimumOutput } from './no-minimum-output/rule.ts'
import { rule as allowanceRace } from './allowance-race/rule.ts'
import { rule as oldAllowanceUsed } from './old-allowance-used/rule.ts'
import { rule as gasHigh } from './gas-high/rule.ts'
import { rule as intentViolated } from './intent-violated/rule.ts'
import { rule as enginesDisagree } from './engines-disagree/rule.ts'
import { rule as proofMismatch } from './proof-mismatch/rule.ts'
import { rule as chainNotModelled } from './chain-not-modelled/rule.ts'
import { rule as addressLookalike } from './address-lookalike/rule.ts'
import { rule as hostileName } from './hostile-name/rule.ts'
import { rule as recipientInside } from './recipient-inside/rule.ts'
import { rule as paymentRepeated } from './payment-repeated/rule.ts'
import { rule as spenderIsYou } from './spender-is-you/rule.ts'
import { rule as spenderUndeployed } from './spender-undeployed/rule.ts'
import { rule as tokenImpersonates } from './token-impersonates/rule.ts'
import type { Finding } from '../model/Finding.ts'
import { rule as approvalUnlimited } from './approval-unlimited/rule.ts'
import { rule as debitUnannounced } from './debit-unannounced/rule.ts'
import { rule as eventUnbacked } from './event-unbacked/rule.ts'
import { rule as operatorApproval } from './operator-approval/rule.ts'
import { rule as recipientUnverified } from './recipient-unverified/rule.ts'
import { rule as reverts } from './reverts/rule.ts'
import type { Rule, RuleContext } from './Rule.ts'
import { rule as spenderUnknown } from './spender-unknown/rule.ts'
import { rule as debitByCallback } from './debit-by-callback/rule.ts'
import { rule as outcomeSwitchable } from './outcome-switchable/rule.ts'
import { rule as transferFee } from './transfer-fee/rule.ts'

/** Every rule. docs/reference/findings.md is generated from this list. */
export const RULES: readonly Rule[] = [
  enginesDisagree,
  chainNotModelled,
  proofMismatch,
  intentViolated,
  addressLookalike,
  tokenImpersonates,
  tooManyReads,
  engineLimit,
  insufficientFunds,
  gasLimit,
  invalidTransaction,
  feeCapLow,
  nonceGap,
  noCodeCalled,
  innerCallFailed,
  deferredCall,
  nothingBack,
  keptFalls,
  proceedsElsewhere,
  exitFails,
  depositTakeable,
  openToAnybody,
  priceImpact,
  effectsTruncated,
  effectsUnreadable,
  effectsDisagree,
  coinDestroyed,
  environmentDependent,
  outcomeSwitchable,
  reverts,
  approvalUnlimited,
  spenderUnknown,
  spenderUndeployed,
  spenderIsYou,
  operatorApproval,
  recipientUnverified,
  recipientInside,
  paymentRepeated,
  hostileName,
  eventUnbacked,
  debitUnannounced,
  debitByCallback,
  unknownGrant,
  unexplainedRecord,
  ownershipTransfer,
  proxyUpgrade,
  walletControl,
  creditDelegation,
  voteDelegation,
  accountCode,
  authorizationSkipped,
  signatureOnChain,
  unsellable,
  meltingBalance,
  takeable,
  noMinimumOutput,
  allowanceRace,
  oldAllowanceUsed,
  gasHigh,
  transferFee,
]

const ORDER = { block: 0, warn: 1, info: 2 } as const

/** What to do about a finding on a document, where it does not say so itself. */
const ABOUT_DOCUMENTS: Readonly<Record<Finding['level'], string>> = {
  block: 'Do not sign the document. Ask its maker for one without this.',
  warn: 'Sign the document only if you expect exactly this.',
  info: 'Compare the document with what you were told.',
}

/** Runs all rules; worst first. */
export function judge(further: readonly Finding[], context: RuleContext): Finding[] {
  const found = RULES.flatMap((rule) =>
    rule
      .check(context)
      .map((finding): Finding => ({ ...finding, remediation: finding.remediation ?? rule.remediation })),
  )
  const documents = further.map((each): Finding => ({
    ...each,
    remediation: each.remediation ?? ABOUT_DOCUMENTS[each.level],
  }))
  return [...documents, ...found].sort((a, b) => ORDER[a.level] - ORDER[b.level])
}

/** The worst finding decides. */
export function verdictOf(findings: readonly Finding[]): 'allow' | 'warn' | 'block' {
  if (findings.some((finding) => finding.level === 'block')) return 'block'
  return findings.some((finding) => finding.level === 'warn') ? 'warn' : 'allow'
}
