import type { Rule } from '../../Rule.ts'
import { at, isTurned, phrases } from '../ask.ts'

type Gravity = 'critical' | 'high' | 'medium'
const PROSE =
  /\b(?:delete|wipe|erase|destroy|remove)\b[^.\n]{0,30}\b(?:all|every|entire)\b[^.\n]{0,30}\b(?:backups?|user files|home directory|documents|production (?:data|database)|audit logs?|git history)\b/g

/** The home or the root, and nothing below it. */
const WHOLE =
  /^\s{0,4}(?:(?:os\.path\.)?expanduser\(\s{0,2}["']~\/?["']\s{0,2}\)|(?:pathlib\.)?Path\.home\(\)|os\.homedir\(\)|process\.env\.HOME|["'](?:~|\/|\/home|\/etc|\/usr|\/var|\/Users)\/?["'])\s{0,4}(?:,|$)/

const CLOUD =
  /\bs3 rb\b.{0,60}--force\b|\brds delete-db-\w{1,20}\b.{0,120}--skip-final-snapshot|\bbackup delete-(?:recovery-point|backup-vault)\b|\bec2 delete-snapshot\b|\bkms schedule-key-deletion\b|\bsql (?:instances|backups) delete\b.{0,60}(?:-q|--quiet)\b|\bsnapshot delete\b.{0,80}--yes\b/
/** What stands for the thing that goes, without the profile or region it is in. */
const CLOUD_TARGET = /(?:s3:\/\/|-(?:identifier|arn|id|name|point-arn)[= ]|\bdelete )["']?\$\{?\w{1,40}/

function gravity(program: string, line: string, args: readonly string[]): Gravity | null {
  if (program === 'rm' && /(?:^|\s)-\w{0,6}[rR]/.test(line)) {
    // What was put aside before may go.
    const targets = args.filter((each) => !each.startsWith('-') && !/[.-](?:old|bak|orig|tmp|backup\d?)\/?$/.test(each))
    if (
      targets.some((each) =>
        /^(?:\/|\/\*|~|~\/|~\/\*|\$HOME\/?\*?|\/(?:home|etc|usr|bin|lib|var|root|Users|boot|System|Library|opt)\/?\*?)$/.test(
          each,
        ),
      )
    )
      return 'critical'
    if (
      targets.some(
        (each) =>
          /^\/(?:var\/log|var\/lib(?!\/apt\/lists)|etc|usr|home|root|Users|srv|data|mnt|backup)\b/.test(each) ||
          /^~\/(?:Documents|Desktop|Downloads|Library|\.ssh|\.config)\b|\.git\/?$/.test(each),
      )
    )
      return 'high'
    return null
  }
  if (/^(?:mkfs(?:\.\w+)?|wipefs|fdisk)$/.test(program)) return 'critical'
  if (program === 'dd' && /\bof=\/dev\/(?:sd|nvme|disk|hd|mmcblk)/.test(line)) return 'critical'
  // One file of the directory that is worked in, by its name.
  if (program === 'shred' && /^(?:-\S+ )*[\w.-]+$/.test(line)) return null
  if (program === 'shred' || (program === 'cipher' && /\/w/i.test(line))) return 'high'
  if (program === 'chmod' && /(?:^|\s)(?:-\w+\s)?0?777\b/.test(line) && /(?:^|\s)\/(?!tmp\/)|-R/.test(line))
    return 'high'
  if (/^(?:vssadmin|wbadmin)$/.test(program) && /delete/i.test(line)) return 'critical'
  // Stores in a cloud: each that a list answers, without a last copy.
  if (/^(?:aws|gcloud|az|doctl)$/.test(program) && CLOUD.test(line))
    return /\$/.test(CLOUD_TARGET.exec(line)?.[0] ?? '') ? 'high' : 'medium'
  if (program === 'journalctl' && /--vacuum/.test(line)) return 'medium'
  if (program === 'git' && /push\s.{0,40}(?:--force\b(?!-with-lease)|\s-f\b).{0,40}\b(?:main|master)\b/.test(line))
    return 'medium'
  if (program === ':()' || /:\(\)\s{0,2}\{\s{0,2}:\|:&/.test(line)) return 'critical'
  return null
}

export const rule: Rule = {
  name: 'destructive-command',
  check: 'intent',
  ast: 'AST01',
  item: null,
  about: 'A command destroys what cannot be brought back: whole directories, disks, logs, backups, branches of others.',
  severity: 'high',
  because: 'An agent runs it in one step; there is no undo.',
  remediation: 'Name the exact files of the task, work on copies, and ask before deleting.',
  *find(material) {
    for (const command of material.facts.command) {
      const line = command.args.join(' ')
      const found = gravity(command.program, line, command.args)
      if (found !== null)
        yield at(command, command.text, {
          severity: command.wrappers.includes('sudo') && found === 'medium' ? 'high' : found,
        })
    }
    for (const call of material.facts.call)
      if (
        /(?:^|\.)(?:rmtree|rmSync|rmdirSync|rimraf|remove_dir_all|RemoveAll)$/.test(call.callee) &&
        WHOLE.test(call.text)
      )
        yield at(call, `${call.callee}(${call.text})`, { severity: 'critical' })
    for (const phrase of phrases(material, PROSE)) if (!isTurned(phrase)) yield at(phrase, phrase.sentence)
  },
}
