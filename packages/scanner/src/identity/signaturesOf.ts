import { manifestOf, type Skill } from '../Skill.ts'
import { SIGNATURE_FILES, type Signature } from './Signature.ts'
import * as SkillSig from './SkillSig.ts'
import { textIn, verifyBundle, type TrustRoot } from './verifyBundle.ts'

/** Every signature that lies in a package, checked against its content. */
export function signaturesOf(skill: Skill, root?: TrustRoot): Signature[] {
  const textOf = (path: string) => skill.files.find((file) => file.path === path)
  const signatures: Signature[] = []
  const key = textOf(SIGNATURE_FILES.ed25519)
  if (key !== undefined) signatures.push(SkillSig.verify(key.text ?? '', skill.contentDigest))
  const bundle = textOf(SIGNATURE_FILES.sigstore)
  if (bundle !== undefined)
    signatures.push(
      verifyBundle(bundle.text ?? '', {
        manifest: manifestOf(skill.files),
        contentDigest: skill.contentDigest,
        root,
      }),
    )
  return signatures
}

/** The skill without what a verified signature already explains: keys and proofs are no text for an agent. */
export function withoutVerified(skill: Skill, signatures: readonly Signature[], root?: TrustRoot): Skill {
  const verified = new Map(
    signatures.filter((each) => each.status === 'verified').map((each) => [each.file, each.kind]),
  )
  if (verified.size === 0) return skill
  const files = skill.files.flatMap((file) => {
    const kind = verified.get(file.path)
    if (kind === undefined || file.text === null) return [file]
    const rest = kind === 'ed25519' ? '' : textIn(file.text, root)
    if (rest === null) return [file]
    return rest === '' ? [] : [{ ...file, text: rest }]
  })
  return { ...skill, files }
}
