import { Address } from '@countersign/base'
import { exportMandate, MANDATE_EXPORTS, readPolicyText, type MandateExport } from '@countersign/server'
import { Command } from 'commander'
import { apiOf, type CallApi } from './callApi.ts'
import { readFile } from './inputs.ts'
import type { Io } from './io.ts'
import { UsageError } from './UsageError.ts'

interface Options {
  readonly server?: string
  readonly json?: boolean
  readonly as?: string
  readonly owner?: string
  readonly draft?: string
  readonly signature?: string
  readonly reason?: string
  readonly from?: string
  readonly until?: string
  readonly askShare?: string
  readonly search?: boolean
}

/** What the server shows of a mandate, as far as it is printed. */
interface Shown {
  readonly id: string
  readonly name: string
  readonly owner: string
  readonly version: number
  readonly digest: string
  readonly state: string
  readonly frozen_because: string | null
  readonly valid_until: string
  readonly worst: string
  readonly sentences: readonly string[]
  readonly policy: Readonly<Record<string, unknown>>
  readonly limits: readonly Readonly<Record<'id' | 'window' | 'cap' | 'used' | 'open' | 'free', string>>[]
}

/** What a dry run answers, as far as it is printed. */
interface Tried {
  readonly policy?: Readonly<Record<string, unknown>> | null
  readonly actions: number
  readonly sentence?: string
  readonly changed?: readonly { readonly proposal: string; readonly was: string; readonly would: string }[]
  readonly worst?: {
    readonly limits: readonly Readonly<Record<'limit' | 'window' | 'most' | 'because', string>>[]
    readonly unbounded: readonly string[]
  }
  readonly search?: {
    readonly plans: number
    readonly found: readonly {
      readonly asset: string
      readonly amount: string
      readonly plan: string
      readonly times: number
      readonly is_over: boolean
    }[]
    readonly not_checked: readonly string[]
  }
  readonly not_checked: readonly string[]
}

type AddCommand = (name: string, about: string) => Command
type Print = (options: Options, body: unknown, lines: () => readonly string[]) => void

/** `countersign mandates`: what owners allowed in advance, on a running server. */
export function mandatesCommand(io: Io): Command {
  const mandates = new Command('mandates').addHelpText(
    'after',
    `
The key is COUNTERSIGN_API_KEY; it needs the scope "admin" for everything but reading. A mandate is named by its id, or by its
name where only one of the app has it. Nothing but a signature of its owner grants, widens or unfreezes one.`,
  )
  const command: AddCommand = (name, about) =>
    mandates
      .command(name)
      .description(about)
      .option('--server <url>', 'the Countersign server (COUNTERSIGN_SERVER)')
      .option('--json', 'print JSON')
  const print: Print = (options, body, lines) =>
    io.out(options.json === true ? JSON.stringify(body) : lines().join('\n'))

  command('list', 'the mandates of the app').action(async (options: Options) => {
    const found = (await apiOf(io.env, options.server)('GET', '/api/mandates')).body as readonly Shown[]
    print(options, found, () => (found.length === 0 ? ['No mandate.'] : found.map(lineOf)))
  })

  command('show <mandate>', 'one mandate, with what is used and free').action(
    async (name: string, options: Options) => {
      const found = await find(apiOf(io.env, options.server), name)
      print(options, found, () => [lineOf(found), ...limitLines(found)])
    },
  )

  command('explain <mandate>', 'what a mandate allows, in the sentences that its owner signed').action(
    async (name: string, options: Options) => {
      const { sentences, worst, id } = await find(apiOf(io.env, options.server), name)
      print(options, { id, sentences, worst }, () => [...sentences, worst])
    },
  )

  addChanges(io, { command, print })
  for (const [name, about] of [
    ['freeze', 'stop everything under a mandate now'],
    ['end', 'end a mandate; what it holds stays until its proofs'],
  ] as const)
    command(`${name} <mandate>`, about).action(async (mandate: string, options: Options) => {
      const api = apiOf(io.env, options.server)
      const { id } = await find(api, mandate)
      const { body } = await api('POST', `/api/mandates/${id}/${name}`, {})
      print(options, body, () => (name === 'end' ? [lineOf(body as Shown)] : frozenLines(body as FrozenWire)))
    })

  command('backtest <mandate> [file]', 'try the mandate, or the policy of a file, on what was settled')
    .option('--from <time>', 'only what came at or after, ISO 8601')
    .option('--until <time>', 'only what came before')
    .option('--search', 'look on a fork for the most that could be taken inside it')
    .action(async (name: string, file: string | undefined, options: Options) => {
      const api = apiOf(io.env, options.server)
      const { id } = await find(api, name)
      const policy = file === undefined ? {} : { policy: readPolicyText(readFile(file), file) }
      const { body } = await api('POST', `/api/mandates/${id}/backtest`, {
        ...{ ...policy, ...spanOf(options), ...searchOf(options) },
      })
      print(options, body, () => triedLines(body as Tried))
    })

  command('propose', 'the narrowest policy for what an owner did, tried on it')
    .requiredOption('--owner <address>', 'whose history')
    .option('--ask-share <share>', 'how much of it may ask, from 0 to 1', '0.05')
    .option('--from <time>', 'only what came at or after, ISO 8601')
    .option('--until <time>', 'only what came before')
    .option('--search', 'look on a fork for the most that could be taken inside it')
    .action(async (options: Options) => {
      const share = Number(options.askShare)
      if (!(share >= 0 && share <= 1))
        throw new UsageError('--ask-share is not a share.', 'Give a number such as 0.05.')
      const asked = { owner: options.owner, ask_share: share, ...spanOf(options), ...searchOf(options) }
      const body = (await apiOf(io.env, options.server)('POST', '/api/mandates/propose', asked)).body as Tried
      print(options, body, () =>
        body.policy == null
          ? [`Nothing in ${body.actions} actions happened twice: there is nothing to propose.`]
          : [JSON.stringify(body.policy, null, 2), ...triedLines(body)],
      )
    })

  command('export <mandate>', 'the mandate in terms that a chain enforces, and what they cannot say; always JSON')
    .requiredOption('--as <kind>', MANDATE_EXPORTS.join(', '))
    .action(async (name: string, options: Options) => {
      const as = MANDATE_EXPORTS.find((each): each is MandateExport => each === options.as)
      if (as === undefined)
        throw new UsageError(`--as is not one of ${MANDATE_EXPORTS.join(', ')}.`, 'Give one of them.')
      const { policy, owner } = await find(apiOf(io.env, options.server), name)
      io.out(JSON.stringify(exportMandate({ policy, as, owner: Address.parse(owner), nowMs: Date.now() })))
    })
  return mandates
}

/** What puts a policy in force: by the owner's signature, or because it only narrows. */
function addChanges(io: Io, { command, print }: { command: AddCommand; print: Print }): void {
  command('grant <file>', 'draft a policy for its owner to sign; with --draft and --signature, put it in force')
    .option('--draft <id>', 'the draft that was signed')
    .option('--signature <hex>', 'the signature of the owner, of the document of the draft')
    .action(async (file: string, options: Options) => {
      const api = apiOf(io.env, options.server)
      if ((options.draft === undefined) !== (options.signature === undefined))
        throw new UsageError('--draft and --signature belong together.', 'Give both, or none.')
      const body =
        options.draft === undefined
          ? { policy: readPolicyText(readFile(file), file) }
          : { draft: options.draft, signature: options.signature }
      const answer = await api('PUT', '/api/mandates', body)
      if (answer.status !== 202) {
        const shown = answer.body as Shown
        return print(options, shown, () => [`In force: ${lineOf(shown)}`])
      }
      const drafted = answer.body as { draft: string; typed_data: unknown; expires_at: string; worst: string }
      print(options, drafted, () => [
        `The owner signs this document by ${drafted.expires_at} (eth_signTypedData_v4):`,
        JSON.stringify(drafted.typed_data),
        drafted.worst,
        `Then: countersign mandates grant ${file} --draft ${drafted.draft} --signature 0x…`,
      ])
    })

  command('narrow <file>', 'put a policy in force that only narrows the one there is; needs no signature').action(
    async (file: string, options: Options) => {
      const api = apiOf(io.env, options.server)
      const policy = readPolicyText(readFile(file), file)
      const { mandate } = policy
      const { digest } = await find(api, typeof mandate === 'string' ? mandate : '')
      const answer = await api('PUT', '/api/mandates', { policy, previous: digest })
      if (answer.status === 202)
        throw new UsageError(
          'The policy allows something that the one in force does not.',
          'Use "mandates grant" and let the owner sign it.',
        )
      const shown = answer.body as Shown
      print(options, shown, () => [`In force: ${lineOf(shown)}`])
    },
  )
}

/** `countersign freeze`: the button, for a terminal. */
export function freezeCommand(io: Io): Command {
  return new Command('freeze')
    .option('--server <url>', 'the Countersign server (COUNTERSIGN_SERVER); key from COUNTERSIGN_API_KEY')
    .option('--all', 'all of the app of the key')
    .option('--wallet <address>', 'one wallet')
    .option('--reason <text>', 'for the record')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
It acts at once, and asks nothing. The key needs the scope chat or admin. Only the owner of a mandate unfreezes it, by a
signature: on the page under Account, Mandates, or with "countersign mandates grant".`,
    )
    .action(async (options: Options & { readonly all?: boolean; readonly wallet?: string }) => {
      if ((options.all === true) === (options.wallet !== undefined))
        throw new UsageError('What to freeze is not said.', 'Give one of --all and --wallet.')
      if (options.wallet !== undefined && !Address.isAddress(options.wallet))
        throw new UsageError('--wallet is not an address.', 'Write 0x and 40 hex digits.')
      const subject = options.all === true ? { all: true } : { wallet: options.wallet }
      const reason = options.reason === undefined ? {} : { reason: options.reason }
      const { body } = await apiOf(io.env, options.server)('POST', '/api/freeze', { ...subject, ...reason })
      io.out(options.json === true ? JSON.stringify(body) : frozenLines(body as FrozenWire).join('\n'))
    })
}

interface FrozenWire {
  readonly confirmed: number
  readonly live: number
  readonly mandates: readonly Shown[]
  readonly outstanding: readonly { readonly account: string; readonly nonce: number | null }[]
}

function frozenLines({ confirmed, live, mandates, outstanding }: FrozenWire): string[] {
  return [
    `Frozen: ${confirmed} of ${live} instances act on it.`,
    ...mandates.map(lineOf),
    ...(mandates.length === 0
      ? []
      : ['A signature of its owner unfreezes each: on the page, under Account, Mandates.']),
    ...(outstanding.length === 0 ? [] : ['Handed out before, and may still be sent:']),
    ...outstanding.map(({ account, nonce }) => `  ${account}${nonce === null ? '' : ` at nonce ${nonce}`}`),
  ]
}

/** @throws {UsageError} where no mandate, or more than one, has the name. */
async function find(api: CallApi, name: string): Promise<Shown> {
  if (/^mandate_[\w-]{1,64}$/.test(name)) return (await api('GET', `/api/mandates/${name}`)).body as Shown
  const all = (await api('GET', '/api/mandates')).body as readonly Shown[]
  const live = all.filter((each) => each.name === name && each.state !== 'ended')
  const [one] = live
  if (one !== undefined && live.length === 1) return one
  throw new UsageError(
    live.length === 0 ? `No mandate has the name "${name}".` : `${live.length} mandates have the name "${name}".`,
    'List them with "mandates list", and give the id.',
  )
}

function spanOf({ from, until }: Options): Record<string, string> {
  return { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) }
}

function searchOf({ search }: Options): Record<string, boolean> {
  return search === true ? { search } : {}
}

function lineOf({ id, name, version, owner, state, frozen_because: because, valid_until: until }: Shown): string {
  return `${id}  ${name}@${version}  ${owner}  ${state}${because === null ? '' : ` (${because})`}  until ${until}`
}

function limitLines({ limits }: Shown): string[] {
  return limits.map(
    ({ id, window, cap, used, open, free }) => `  ${id} ${window}: ${used} of ${cap} used (${open} open), ${free} free`,
  )
}

/** What a search could take: by which plan, how often, and whether the worst case is wrong about it. */
function searchLines(search: Tried['search']): string[] {
  if (search === undefined) return []
  const { plans, found, not_checked: unchecked } = search
  return [
    `  ${plans} plans tried on a fork, ${found.length === 0 ? 'and nothing could be taken' : 'and this could be taken:'}`,
    ...found.map(
      ({ asset, amount, plan, times, is_over: isOver }) =>
        `    ${amount} ${asset}: ${plan}, ${times} times${isOver ? ' (MORE THAN THE WORST CASE SAYS)' : ''}`,
    ),
    ...unchecked.map((each) => `    not tried: ${each}`),
  ]
}

function triedLines({ sentence, changed = [], worst, search, not_checked: unchecked }: Tried): string[] {
  return [
    ...(sentence === undefined ? [] : [sentence]),
    ...changed.map(({ proposal, was, would }) => `  ${proposal}: ${was} → ${would}`),
    ...(worst?.limits ?? []).map(
      ({ limit, window, most, because }) => `  at worst ${most} ${window} (${limit}): ${because}`,
    ),
    ...(worst?.unbounded ?? []).map((asset) => `  no limit counts ${asset}`),
    ...searchLines(search),
    ...unchecked.map((each) => `  not checked: ${each}`),
  ]
}
