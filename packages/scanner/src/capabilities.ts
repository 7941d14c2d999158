import type { Declared, Observed, RiskTier, Seen } from './Capability.ts'
import type { Facts, Place } from './Fact.ts'
import { hostKind } from './facts/hosts.ts'
import type { Frontmatter } from './Frontmatter.ts'
import type { SkillReport } from './ScanReport.ts'

/** What the frontmatter says the skill needs: `allowed-tools`, and OWASP's `permissions` in all the shapes that occur. */
export function declaredBy(frontmatter: Frontmatter): Declared {
  const data = frontmatter.data ?? {}
  const tools = listOf(data['allowed-tools'] ?? data['allowed_tools'] ?? data['tools'], true)
  const permissions = recordOf(data['permissions'])
  const network = permissions?.['network']
  const shellGiven = permissions?.['shell']
  const files = recordOf(permissions?.['files'])
  const chain = recordOf(permissions?.['chain'])
  const accounts = CHAIN_ROLES.flatMap((role) => {
    const list = listOf(chain?.[role], false)
    return list === null ? [] : [{ role, list: list.map((each) => each.toLowerCase()) }]
  })
  const requires = recordOf(data['requires'])
  const bash = tools?.flatMap((tool) => {
    const inside = /^(?:Bash|Shell|Terminal)(?:\(([^)]{0,200})\))?$/i.exec(tool)
    return inside === null
      ? []
      : [inside[1] === undefined || inside[1] === '*' ? '*' : inside[1].replace(/:\*$|\s\*$|\*$/, '').trim()]
  })
  const shell =
    shellGiven === true
      ? ['*']
      : shellGiven === false
        ? []
        : Array.isArray(shellGiven)
          ? listOf(shellGiven, false)
          : tools === null
            ? null
            : (bash ?? [])
  const hosts =
    network === true
      ? ['*']
      : network === false || network === 'none'
        ? []
        : Array.isArray(network)
          ? listOf(network, false)
          : listOf(recordOf(network)?.['allow'] ?? (typeof network === 'string' ? network : undefined), false)
  const webFetch = tools?.flatMap((tool) => /^WebFetch\(domain:([^)]+)\)$/i.exec(tool)?.[1] ?? [])
  return {
    tools: tools ?? listOf(permissions?.['tools'], false),
    shell,
    network: hosts ?? (webFetch !== undefined && webFetch.length > 0 ? webFetch : null),
    read: listOf(files?.['read'], false),
    write: listOf(files?.['write'], false),
    env: listOf(permissions?.['env'] ?? requires?.['env'], false),
    contracts: accounts.length === 0 ? null : accounts.flatMap(({ list }) => list),
    accounts: Object.fromEntries(accounts.map(({ role, list }) => [role, list])),
    riskTier: tierOf(data['risk_tier'] ?? data['risk-tier'] ?? recordOf(data['metadata'])?.['risk_tier']),
  }
}

/** Lists of `permissions.chain`, by what an account in them may be: called, allowed to take, paid, given a share, given power. */
const CHAIN_ROLES = ['contracts', 'spenders', 'recipients', 'fees', 'operators'] as const

function tierOf(value: unknown): RiskTier | null {
  const match = /^L?([0-3])$/i.exec(String(value ?? '').trim())
  return match === null ? null : (`L${match[1] ?? '0'}` as RiskTier)
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

/** A list, or text with commas or spaces between entries (spaces inside brackets do not part). */
function listOf(value: unknown, isTools: boolean): string[] | null {
  if (Array.isArray(value)) return value.map((each) => String(each).trim()).filter((each) => each !== '')
  if (typeof value !== 'string') return null
  const found = value.match(isTools ? /[\w.*-]+(?:\([^)]{0,200}\))?/g : /[^\s,]+/g)
  return found === null ? [] : [...found]
}

/** Programs that every shell has and that touch nothing. */
const HARMLESS = new Set(
  'echo printf cd ls pwd true false test [ read exit return set unset export local declare shift sleep date which type command wait trap alias cat head tail wc sort uniq cut tr sed awk grep egrep rg find mkdir touch tee basename dirname seq expr tput clear pushd popd let source . eval in do'.split(
    ' ',
  ),
)

/** What the skill was seen to do, or to have done, each with its first line of proof. */
export function observedIn(facts: Facts): Observed {
  const take = () => {
    const seen = new Map<string, Place>()
    return {
      add: (subject: string, place: Place) => {
        // Examples of what not to do are not what the skill does.
        if (place.role === 'instruction' && !seen.has(subject) && seen.size < 200)
          seen.set(subject, { file: place.file, line: place.line, view: place.view, role: place.role })
      },
      list: (): Seen[] =>
        [...seen].map(([subject, proof]) => ({ subject, proof })).toSorted((a, b) => (a.subject < b.subject ? -1 : 1)),
    }
  }
  const shell = take()
  const network = take()
  const read = take()
  const write = take()
  const env = take()
  const contracts = take()
  for (const command of facts.command) {
    const isTold = command.via !== 'string' || command.role === 'instruction'
    if (isTold && /^[a-z][\w.+-]{1,40}$/.test(command.program) && !HARMLESS.has(command.program))
      shell.add(command.program, command)
  }
  for (const url of facts.url) {
    if (url.use === 'citation' || url.view === 'prose') continue
    if (['local', 'placeholder'].includes(hostKind(url.host))) continue
    if (/^[\w.-]+\.[a-z]{2,24}$|^\d{1,3}(?:\.\d{1,3}){3}$/.test(url.host)) network.add(url.host, url)
  }
  for (const path of facts.path) {
    if (path.access === 'read') read.add(path.path, path)
    else if (path.access === 'write' || path.access === 'delete') write.add(path.path, path)
  }
  for (const variable of facts.env) if (/^[A-Z][A-Z0-9_]{2,60}$/.test(variable.name)) env.add(variable.name, variable)
  for (const value of facts['chain-value']) if (value.what === 'evm-address') contracts.add(value.value, value)
  const tools: Seen[] = []
  if (shell.list().length > 0) tools.push({ subject: 'Bash', proof: (shell.list()[0] as Seen).proof })
  return {
    tools,
    shell: shell.list(),
    network: network.list(),
    read: read.list(),
    write: write.list(),
    env: env.list(),
    contracts: contracts.list(),
    riskTier: tierFrom(facts),
  }
}

/** Programs and calls that can put a transaction on a chain, or sign for one. */
export const SIGNING =
  /^(?:cast|forge|solana|spl-token|anchor|hardhat|near|aptos|sui|starkli|starknet|bitcoin-cli|ethers|web3|aomi|countersign|bankr|privy)$/
export const SIGNING_VERB =
  /\b(?:send|transfer|swap|approve|sign(?:Transaction|TypedData|Message|And\w+)?|sendTransaction|sendRawTransaction|eth_sendTransaction|writeContract|broadcast|deploy|stake|withdraw|bridge|mint|burn|submit|commit)\b/i

/** See {@link RiskTier}. Derived from what is reachable, whatever is declared. */
function tierFrom(facts: Facts): RiskTier {
  const does = (facts: readonly Place[]) => facts.some((each) => each.role === 'instruction')
  const holdsKeys =
    does(
      facts.path.filter((path) => (path.what === 'wallet' || path.what === 'credential') && path.access !== 'mention'),
    ) ||
    does(facts.command.filter((command) => command.wrappers.includes('sudo'))) ||
    does(
      facts.path.filter(
        (path) =>
          path.access === 'write' && (path.what === 'system' || path.what === 'identity' || path.what === 'autostart'),
      ),
    ) ||
    does(facts.env.filter((env) => /MNEMONIC|PRIVATE_?KEY|SEED_PHRASE/.test(env.name)))
  if (holdsKeys) return 'L3'
  const signs =
    does(
      facts.command.filter((command) => SIGNING.test(command.program) && SIGNING_VERB.test(command.args.join(' '))),
    ) ||
    does(
      facts.call.filter((call) =>
        /(?:sendTransaction|signTransaction|writeContract|signTypedData|sendRawTransaction|send_raw_transaction|sign_transaction|broadcastTransaction)$/.test(
          call.callee,
        ),
      ),
    )
  const changes =
    does(facts.path.filter((path) => path.access === 'write' || path.access === 'delete')) ||
    does(facts.command.filter((command) => !HARMLESS.has(command.program) && command.program !== ''))
  if (signs || changes || does(facts.flow)) return 'L2'
  return does(facts.url.filter((url) => url.use !== 'citation')) || does(facts.call) || does(facts.env) ? 'L1' : 'L0'
}

/** Both sides as the report prints them. */
export function capabilitiesShown(declared: Declared, observed: Observed): SkillReport['capabilities'] {
  const shown = (list: readonly Seen[]) =>
    list.map(({ subject, proof }) => ({ subject, file: proof.file, line: proof.line }))
  const { riskTier: _, ...rest } = declared
  return {
    declared: rest,
    observed: {
      tools: shown(observed.tools),
      shell: shown(observed.shell),
      network: shown(observed.network),
      read: shown(observed.read),
      write: shown(observed.write),
      env: shown(observed.env),
      contracts: shown(observed.contracts),
    },
  }
}
