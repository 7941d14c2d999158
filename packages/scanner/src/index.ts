/** `@countersign/scanner`: skill → facts → findings → gate. Knows nothing of HTTP, keys or sessions. */
export * as Baseline from './Baseline.ts'
export * as Lock from './Lock.ts'
export * as Severity from './Severity.ts'
export * as Skill from './Skill.ts'
export * as Waiver from './Waiver.ts'
export { AST_NAMES, CHECKS, type AstItem, type Check, type Finding } from './Finding.ts'
export { isBy, publisherOf, SIGNATURE_FILES, type Publisher, type Signature } from './identity/Signature.ts'
export { signaturesOf } from './identity/signaturesOf.ts'
export * as SkillSig from './identity/SkillSig.ts'
export type { TrustRoot } from './identity/verifyBundle.ts'
export { normalPath, type Fixture } from './Fixture.ts'
export type { Rule } from './Rule.ts'
export { RULES } from './rules/index.ts'
export {
  exitCode,
  withoutTimes,
  type NotScanned,
  type ScanReport,
  type SkillReport,
  type Unanalysed,
  type Verdict,
} from './ScanReport.ts'
export { readTree } from './readTree.ts'
export { judgeSkill, type Judge } from './judge/judgeSkill.ts'
export { explainRule, rulesLike, type Explanation } from './explainRule.ts'
export { frontmatterOf } from './views/readFrontmatter.ts'
export { rulesDigest, scan, scanSkill, type ScanOptions } from './scan.ts'
export * from './adapters/index.ts'
export * from './output/index.ts'
export { loadSnapshot } from './supply/osv/loadSnapshot.ts'
export * as Snapshot from './supply/osv/Snapshot.ts'
export type { SupplyFacts } from './supply/SupplyFacts.ts'
export { VERSION } from './version.ts'
