import type { Rule } from '../../Rule.ts'
import { at, isTurned, phrases } from '../ask.ts'

const GUARDS: readonly (readonly [RegExp, RegExp, 'high' | 'medium'])[] = [
  [/^xattr$/, /^-(?:r?c|cr)\b/, 'high'],
  [/^xattr$/, /-r?d\b.{0,40}quarantine/, 'medium'],
  [/^spctl$/, /--(?:master|global)-disable|--add/, 'high'],
  [/^csrutil$/, /disable/, 'high'],
  [/^setenforce$/, /^0|permissive/i, 'high'],
  [/^ufw$/, /disable/, 'high'],
  [/^iptables$/, /-F\b|-P INPUT ACCEPT/, 'high'],
  [/^netsh$/, /firewall.{0,40}off|state off/i, 'high'],
  [/^set-mppreference$/i, /-Disable|-ExclusionPath/i, 'high'],
  [/^add-mppreference$/i, /Exclusion/i, 'high'],
  [/^set-executionpolicy$/i, /bypass|unrestricted/i, 'medium'],
  [
    /^(?:claude|codex|gemini|openclaw|clawdbot)$/,
    /--dangerously-skip-permissions|--dangerously-bypass-approvals|--yolo\b|exec\.approval\s?=?\s?off/,
    'medium',
  ],
  // What watches over an account in a cloud.
  [
    /^aws$/,
    /\bcloudtrail (?:stop-logging|delete-trail)\b|\bguardduty delete-detector\b|\bconfigservice stop-configuration-recorder\b|\bsecurityhub disable-security-hub\b/,
    'high',
  ],
  [/^gcloud$/, /\blogging sinks delete\b|\bscc\b.{0,40}\bdisable\b/, 'high'],
  [
    /^az$/,
    /\bmonitor (?:diagnostic-settings|activity-log alert) delete\b|\bsecurity pricing create\b.{0,60}\bfree\b/i,
    'high',
  ],
  [
    /^kubectl$/,
    /\bscale\b.{0,80}\b(?:falco|kyverno|gatekeeper)\b.{0,60}--replicas[= ]0|\bdelete\b.{0,30}\b(?:networkpolic|validatingwebhook)\w*.{0,20}--all\b/,
    'high',
  ],
  // Whoever holds that key can pretend to be any address.
  [/^security$/, /\badd-trusted-cert\b/, 'medium'],
  [/^certutil$/, /-addstore\b.{0,40}\b(?:root|ca)\b/i, 'medium'],
  [/^update-ca-certificates$|^update-ca-trust$/, /^/, 'medium'],
  [/^trust$/, /\banchor\b/, 'medium'],
  [/^git$/, /http\.sslVerify\s?=?\s?false/, 'medium'],
  [/^npm$/, /strict-ssl\s?=?\s?false/, 'medium'],
  // Traffic is sent through an address that is written into the skill.
  [
    /^(?:npm|pnpm|yarn|git|pip\d?)$/,
    /\bconfig\b.{0,40}\b(?:https?[.-])?proxy\b\s?=?\s?https?:\/\/(?!127\.|localhost|proxy\.(?:example|company|corp))[\w.-]+/,
    'high',
  ],
  [
    /^git$/,
    /url\.(?:https?|git|ssh):\/\/(?![^\s]{0,120}github\.com)\S{1,200}\.insteadOf\s?=?\s?\S{0,10}(?:github|gitlab|bitbucket)/i,
    'high',
  ],
  [
    /^systemctl$/,
    /\b(?:stop|disable|mask)\b.{0,60}\b(?:auditd|falco|osqueryd?|crowdstrike|falcon-sensor|wazuh\S*|clamav\S*|apparmor|fail2ban|firewalld|ufw|syslog|rsyslog|mdatp|sentinel\S*)\b/,
    'high',
  ],
  [
    /^(?:launchctl|sc|net|stop-service|set-service)$/i,
    /\b(?:unload|bootout|stop|disabled?|config)\b.{0,80}\b(?:windefend|mpssvc|sense|wscsvc|eventlog|xprotect|falcon|santa|littlesnitch|jamf)\b/i,
    'high',
  ],
]
const PROSE =
  /\b(?:disable|turn off|switch off|deactivate)\b[^.\n]{0,30}\b(?:antivirus|anti-virus|windows defender|gatekeeper|firewall|system integrity protection|real-time protection|endpoint protection|smartscreen)\b|\b(?:add|create)\b[^.\n]{0,20}\b(?:antivirus|defender)\b[^.\n]{0,12}\bexclusions?\b/g

export const rule: Rule = {
  name: 'security-disabled',
  check: 'intent',
  ast: 'AST01',
  item: null,
  about:
    'A guard of the host or the system is switched off: quarantine, SIP, firewalls, permission prompts, certificate checks.',
  severity: 'high',
  because: 'The guard is there for exactly this case.',
  remediation: 'Leave it on. If the tool cannot work with it, say so and let the owner decide.',
  *find(material) {
    for (const command of material.facts.command) {
      const line = command.args.join(' ')
      for (const [program, pattern, severity] of GUARDS)
        if (program.test(command.program) && pattern.test(line)) yield at(command, command.text, { severity })
    }
    for (const phrase of phrases(material, PROSE)) {
      if (isTurned(phrase)) continue
      yield at(phrase, phrase.sentence)
    }
  },
}
