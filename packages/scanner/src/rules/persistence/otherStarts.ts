import type { Match, Material } from '../../Rule.ts'
import { liner, type View } from '../../View.ts'
import { at } from '../ask.ts'

/** Keys of Git whose value is a program, or a directory of programs, that it runs by itself. */
const GIT_RUNS =
  /\b(?:core\.(?:sshCommand|pager|editor|fsmonitor|askPass|gitProxy)|diff\.external|sequence\.editor|gpg\.(?:ssh\.)?program|credential\.helper|(?:filter|diff|merge|mergetool|difftool)\.[\w-]{1,40}\.(?:clean|smudge|process|textconv|command|driver|cmd)|pager\.\w+|interactive\.diffFilter|init\.templateDir)\s+["']?([^\n]{1,200})/i
const GIT_ALIAS = /\balias\.[\w-]{1,40}\s+["']?!\s{0,2}([^\n]{1,200})/i
/** A file of one's own that is kept out of sight, of a temporary directory, or of the package itself. */
const OWN_FILE =
  /(?:~|\$\{?HOME\}?|\/home\/\w{1,40}|\/root)\/\.(?!config\/git\b|gitconfig|gittemplate|git-templates?\b|githooks\b|git_template\b)[\w-]{1,40}\/|\/tmp\/|\/var\/tmp\/|\/dev\/shm\/|\$\{?(?:PWD|SKILL_DIR|CLAUDE_PLUGIN_ROOT)\}?\/|\$\(pwd\)/
const OPENS_SSH =
  /\b(?:ProxyCommand|LocalCommand|KnownHostsCommand|Match\s+exec)\s+["']?(?:~|\$HOME|\/tmp|\/var\/tmp|[^\n"']{0,60}\b(?:curl|wget|nc|bash|sh)\s)/i
/** Extensions that a browser is made to take, whatever its user says. */
const FORCED = /\bExtension(?:InstallForcelist|Settings|InstallSources)\b/
const POLICY =
  /policies[\\/](?:managed|recommended)|Policies\\+(?:Google|Microsoft)|com\.google\.Chrome|Managed Preferences/i
/** Ways of Python to write where Windows looks at every log-in. */
const REGISTRY_WRITE = /(?:^|\.)(?:SetValueEx|SetValue|RegSetValueExW?|CreateKey(?:Ex)?|OpenKey(?:Ex)?)$/
const RUN_KEY = /CurrentVersion[\\/]{0,4}Run|Winlogon|UserInitMprLogonScript|Image File Execution Options/i
/** Secrets of a repository, all of them, in a line that a runner runs. */
const ALL_SECRETS = /\btoJSON\(\s{0,2}secrets\s{0,2}\)/i

/** Programs that others start: Git, ssh, browsers and runners, by what they are told in their settings. */
export function* otherStarts(material: Material): Generator<Match> {
  for (const command of material.facts.command) {
    const line = command.args.join(' ')
    if (command.program === 'git' && /\bconfig\b/.test(line)) {
      const value = GIT_RUNS.exec(line)?.[1] ?? GIT_ALIAS.exec(line)?.[1] ?? ''
      if (value !== '' && OWN_FILE.test(value))
        yield at(command, command.text, {
          severity: /--(?:global|system)\b/.test(line) ? 'high' : 'medium',
          because: 'Git runs it by itself from then on, in every repository of the owner.',
        })
    }
    if (
      /(?:^|[\\/])\.ssh[\\/]config$/.test(command.writes.join(' ')) &&
      OPENS_SSH.test(`${command.text}\n${command.stdin ?? ''}`)
    )
      yield at(command, command.text, { because: 'Whatever opens a connection runs it from then on.' })
    // A workflow that is put into a repository over the service's own interface, by nobody's commit.
    if (
      /^(?:gh|glab|curl)$/.test(command.program) &&
      /\bPUT\b|--method put|-X put/i.test(line) &&
      /contents\/\.github\/workflows\//.test(line)
    )
      yield at(command, command.text, { because: 'It puts a job into repositories that runs there by itself.' })
    if (/^(?:set|new)-itemproperty$/.test(command.program) && command.args.some((word) => RUN_KEY.test(word)))
      yield at(command, command.text)
    if (/(?:chrome|chromium|msedge|brave)/.test(command.program) && /--load-extension=/.test(line))
      yield at(command, command.text, {
        severity: 'medium',
        because: 'The browser takes an extension that its user did not choose.',
      })
  }
  for (const call of material.facts.call)
    if (REGISTRY_WRITE.test(call.callee) && call.literals.some((each) => RUN_KEY.test(each)))
      yield at(call, `${call.callee}(${call.text.slice(0, 120)})`)
  for (const view of material.views) {
    if (view.name !== 'code' || view.role === 'fixture') continue
    if (FORCED.test(view.text) && POLICY.test(view.text))
      yield at(placeIn(view, FORCED), 'ExtensionInstallForcelist', {
        because: 'The browser takes an extension that its user did not choose and cannot remove.',
      })
    if (ALL_SECRETS.test(view.text))
      yield at(placeIn(view, ALL_SECRETS), 'toJSON(secrets)', {
        severity: /\b(?:curl|wget|https?|fetch|post|nc|urlopen|docker run|podman run)\b/i.test(view.text)
          ? 'high'
          : 'medium',
        because: 'Every secret of the repository is handed to one step.',
      })
  }
}

function placeIn(view: View, pattern: RegExp): Pick<View, 'file' | 'line' | 'role'> & { readonly view: View['name'] } {
  const found = pattern.exec(view.text)
  return { file: view.file, line: liner(view)(found?.index ?? 0), view: view.name, role: view.role }
}
