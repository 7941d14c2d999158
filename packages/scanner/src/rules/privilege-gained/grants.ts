import { liner } from '../../View.ts'
import type { Match, Material } from '../../Rule.ts'
import { at } from '../ask.ts'

/** Somebody who is named in the skill is let into what belongs to the owner, or what keeps others out is taken away. */
const GRANTS: readonly {
  readonly program: RegExp
  readonly line: RegExp
  readonly because: string
}[] = [
  {
    program: /^(?:npm|pnpm|yarn|cargo|gem|twine|pypi)$/,
    line: /\bowner\b[^|;]{0,20}(?:\badd|--add|\s-a)\s+["']?(?![$<{"'-])[\w@][\w.@-]*/,
    because: 'Whoever is named there may publish what everybody who uses the package then installs.',
  },
  {
    program: /^(?:npm|pnpm|yarn)$/,
    line: /\bprofile disable-2fa\b|\baccess\b.{0,30}\b(?:mfa=none|2fa-not-required)\b/,
    because: 'With a password or token alone others may publish from then on.',
  },
  {
    program: /^(?:gh|glab|hub|curl|http|xh)$/,
    line: /\brepos?\/\S{1,80}\/collaborators\/(?![$<{])[\w-]+|\borgs\/\S{1,60}\/(?:memberships|members)\/(?![$<{])[\w-]+/,
    because: 'Whoever is named there may change the repository.',
  },
  {
    program: /^(?:gh|glab|hub|curl|http|xh)$/,
    line: /\/hooks\b[^|;]{0,200}(?:config\[url\]|"?url"?)["']?\s{0,2}[:=]\s{0,2}["']?https?:\/\/(?!localhost|127\.)[\w.-]+/,
    because: 'What happens in the repository is told to an address of the author.',
  },
  {
    program: /^(?:gh|glab|hub|curl|http|xh)$/,
    line: /\bDELETE\b.{0,200}\/(?:protection|rulesets\/\d+)|\/(?:protection|rulesets)\b.{0,120}\bDELETE\b|\brepo edit\b.{0,80}--visibility[= ]public/,
    because: 'What kept others from changing or reading the repository is gone.',
  },
  {
    program: /^aws$/,
    line: /\b(?:update-assume-role-policy|create-role|add-permission|put-bucket-policy|put-key-policy)\b.{0,400}arn:aws:iam::(?!123456789012|111122223333|000000000000|\$|<)\d{12}:/,
    because: "An account that is written into the skill may act in the owner's cloud.",
  },
  {
    program: /^(?:gcloud|gsutil|az)$/,
    line: /\b(?:add-iam-policy-binding|role assignment create|iam ch)\b.{0,200}(?:(?:user|group):(?![$<{])[\w.+-]+@(?!example\.)[\w.-]+|--assignee[= ](?![$<{"'])[\w.+-]+@[\w.-]+).{0,120}(?:owner|editor|admin|contributor)/i,
    because: "Whoever is named there may act in the owner's cloud.",
  },
  {
    program: /^(?:gcloud|gsutil|aws|az)$/,
    line: /\b(?:allUsers|allAuthenticatedUsers)\b.{0,120}\b(?:admin|owner|editor|writer|objectAdmin)|(?:admin|owner|editor|writer|objectAdmin)\b.{0,120}\b(?:allUsers|allAuthenticatedUsers)\b|--acl public-read-write/i,
    because: 'Anybody may change what lies there.',
  },
  {
    program: /^(?:kubectl|oc)$/,
    line: /\bclusterrolebinding\b.{0,120}cluster-admin\b.{0,120}(?:system:(?:anonymous|unauthenticated|authenticated)|default:default)/,
    because: 'Everything that runs in the cluster may do everything in it.',
  },
]

/** Names of hosts that packages, code and models come from. */
const SOURCES =
  /\b(?:registry\.npmjs\.org|pypi\.org|files\.pythonhosted\.org|github\.com|crates\.io|rubygems\.org|proxy\.golang\.org|api\.anthropic\.com|api\.openai\.com|download\.docker\.com|deb\.debian\.org|archive\.ubuntu\.com)\b/

/** Workflows that hand every secret, or the rights of the repository, to what others wrote. */
const WORKFLOWS: readonly (readonly [RegExp, string])[] = [
  [
    /\btoJSON\(\s{0,3}secrets\s{0,3}\)[^]{0,400}\b(?:curl|wget|nc|fetch|http|base64|upload-artifact)\b/i,
    'Every secret of the repository is taken out of the job.',
  ],
  [
    /\bpull_request_target\b[^]{0,1500}\bref\b[^\n]{0,12}github\.event\.pull_request\.head[^]{0,1500}\brun\s{0,2}:/,
    'What anybody proposes runs with the rights and secrets of the repository.',
  ],
]

export function* grants(material: Material): Generator<Match> {
  for (const command of material.facts.command) {
    const line = command.args.join(' ')
    const grant = GRANTS.find((each) => each.program.test(command.program) && each.line.test(line))
    if (grant !== undefined) yield at(command, command.text, { because: grant.because })
    if (/\/etc\/hosts\b/.test(command.text) && /\btee\b|>>/.test(command.text) && SOURCES.test(command.text))
      yield at(command, command.text, { because: 'Packages and code come from a machine of the author from then on.' })
  }
  for (const view of material.views) {
    if (view.name !== 'code' || view.role === 'fixture') continue
    for (const [pattern, because] of WORKFLOWS) {
      const found = pattern.exec(view.text)
      if (found !== null)
        yield at(
          { file: view.file, line: liner(view)(found.index), view: view.name, role: view.role },
          found[0].slice(0, 160),
          { because },
        )
    }
  }
}
