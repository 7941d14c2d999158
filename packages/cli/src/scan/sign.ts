import { join, resolve } from 'node:path'
import type { Signature, Skill } from '@countersign/scanner'
import { Command } from 'commander'
import type { Io } from '../io.ts'
import { UsageError } from '../UsageError.ts'
import { readText, writeText } from './files.ts'

type Scanner = typeof import('@countersign/scanner')

/** `countersign scan sign`: says by a key who made a skill. */
export function signCommand(io: Io): Command {
  return new Command('sign')
    .description("sign a skill's content with an Ed25519 key: writes SKILL.sig into it")
    .argument('<skill>', 'the directory of one skill')
    .option('--key <file>', 'private key in PEM (openssl genpkey -algorithm ed25519 -out publisher.pem)')
    .option('--manifest', 'write no signature: print the bytes that a Sigstore bundle has to sign (cosign sign-blob)')
    .action(async (path: string, options: { key?: string; manifest?: boolean }) => {
      const scanner = await import('@countersign/scanner')
      const skill = onlySkill(scanner, path)
      if (options.manifest === true) {
        // The bytes end with the line feed that `out` adds.
        io.out(scanner.Skill.manifestOf(skill.files).toString('utf8').slice(0, -1))
        return
      }
      if (options.key === undefined)
        throw new UsageError('There is no key to sign with.', 'Give --key with an Ed25519 private key in PEM.')
      const { text, identity } = scanner.SkillSig.sign(skill.contentDigest, readText(options.key))
      const file = join(path, scanner.SIGNATURE_FILES.ed25519)
      writeText(file, text)
      io.out(`${file}: ${skill.contentDigest} signed by ${identity}.`)
    })
}

/** `countersign scan verify`: who made a skill, and whether it is who the lock names. Offline. */
export function verifyCommand(io: Io): Command {
  return new Command('verify')
    .description('check the signatures of a skill offline: SKILL.sig and SKILL.sigstore.json')
    .argument('<skill>', 'the directory of one skill')
    .option('--lock <file>', 'skills.lock.json: its publisher has to have signed')
    .option('--trust-root <file>', 'trusted_root.json of a Sigstore instance (default: the public one)')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExit codes: 0 verified, 1 not signed, not valid or by another publisher, 2 bad usage or input.',
    )
    .action(async (path: string, options: { lock?: string; trustRoot?: string; json?: boolean }) => {
      const scanner = await import('@countersign/scanner')
      const skill = onlySkill(scanner, path)
      const root =
        options.trustRoot === undefined ? undefined : { text: readText(options.trustRoot), file: options.trustRoot }
      const signatures = scanner.signaturesOf(skill, root)
      const entry =
        options.lock === undefined
          ? undefined
          : scanner.Lock.parse(readText(options.lock), options.lock).skills.find((each) => each.path === skill.path)
      if (options.lock !== undefined && entry === undefined)
        throw new UsageError(`${options.lock} has no entry ${skill.path}.`, 'Run it where the lock was written.')
      const expected = entry?.publisher ?? null
      const isVerified =
        signatures.length > 0 &&
        signatures.every((each) => each.status === 'verified') &&
        (options.lock === undefined || (expected !== null && signatures.some((each) => scanner.isBy(each, expected))))
      if (options.json === true)
        io.out(JSON.stringify({ content_digest: skill.contentDigest, signatures, expected, verified: isVerified }))
      else {
        for (const line of linesOf(signatures)) io.out(line)
        if (options.lock !== undefined)
          io.out(
            expected === null
              ? `${options.lock} names no publisher of ${skill.path}.`
              : `Expected: ${expected.identity}${expected.issuer === null ? '' : ` (${expected.issuer})`}`,
          )
      }
      io.exit(isVerified ? 0 : 1)
    })
}

function linesOf(signatures: readonly Signature[]): string[] {
  if (signatures.length === 0) return ['not signed: there is no SKILL.sig and no SKILL.sigstore.json.']
  return signatures.map(({ file, status, identity, issuer, because }) =>
    status === 'verified'
      ? `${file}: verified, signed by ${identity}${issuer === null ? '' : ` (${issuer})`}.`
      : `${file}: NOT VALID. ${because}`,
  )
}

function onlySkill(scanner: Scanner, path: string): Skill.Skill {
  const base = process.cwd()
  const skills = scanner.readTree([path], base)
  // Skills that lie inside are signed for themselves.
  const skill = skills.find((each) => resolve(base, each.path) === resolve(base, path))
  if (skill === undefined) throw new UsageError(`${path} is not one skill.`, 'Give the directory with its SKILL.md.')
  return skill
}
