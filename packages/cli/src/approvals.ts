import { Address, BaseError, Redacted } from '@countersign/base'
import { attempt, createApi, CountersignError, type Outcome } from '@countersign/sdk'
import { Command } from 'commander'
import { answerKind } from './answerKind.ts'
import type { Io } from './io.ts'
import { readServer } from './serverPlace.ts'
import { UsageError } from './UsageError.ts'

interface Options {
  readonly server?: string
  readonly chainId?: string
  readonly revoke?: string
  readonly json?: boolean
}

/** The most that one proposal takes back. */
const MAX_AT_ONCE = 16

/** `countersign approvals`: who may spend the tokens of an account, and a proposal to take approvals back. */
export function approvalsCommand(io: Io): Command {
  return new Command('approvals')
    .argument('<address>', 'the account')
    .option('--server <url>', 'the Countersign server (COUNTERSIGN_SERVER); key from COUNTERSIGN_API_KEY')
    .option('--chain-id <n>', 'the chain')
    .option('--revoke <spender>', 'propose to take back every approval of this spender, or of "all"')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
A revocation is a proposal: the owner of the account answers it with their wallet, at the URL that is printed. Listing needs
a key with the scope "read", --revoke the scope "propose" as well.

Example:
  countersign approvals 0x7099… --chain-id 8453 --revoke 0x68b3…`,
    )
    .action(async (address: string, options: Options) => {
      const place = readServer(io.env, options.server)
      if (place === null) throw new UsageError('There is no server.', 'Give --server URL, or COUNTERSIGN_SERVER.')
      if (place.key === null) throw new UsageError('There is no API key.', 'Set COUNTERSIGN_API_KEY.')
      const owner = addressOf(address, 'The account')
      if (options.chainId === undefined || !/^[1-9]\d{0,14}$/.test(options.chainId))
        throw new UsageError('--chain-id is not a chain id.', 'Give a number such as 8453.')
      const chainId = Number(options.chainId)
      const api = createApi({ baseUrl: place.url, apiKey: Redacted.reveal(place.key) })
      const listed = answered(await attempt(api.approvals(owner, chainId)))
      if (options.revoke === undefined) {
        io.out(options.json === true ? JSON.stringify(listed) : linesOf(listed).join('\n'))
        return
      }
      const spender = options.revoke === 'all' ? null : addressOf(options.revoke, '--revoke')
      const found = listed.approvals.filter((each) => spender === null || each.spender === spender)
      if (found.length === 0) throw new UsageError('No approval of this spender stands.', 'List them without --revoke.')
      const made = answered(
        await attempt(
          api.revokeApprovals({ address: owner, chain_id: chainId, approvals: found.slice(0, MAX_AT_ONCE) }),
        ),
      )
      const rest = found.length - Math.min(found.length, MAX_AT_ONCE)
      io.out(
        options.json === true
          ? JSON.stringify({ ...made, remaining: rest })
          : [
              `Proposed to take back ${found.length - rest} approvals: ${made.state}, verdict ${made.verdict}.`,
              `The owner answers at ${made.url}`,
              ...(rest === 0 ? [] : [`${rest} more stand. Run the command again once these are taken back.`]),
            ].join('\n'),
      )
    })
}

function addressOf(text: string, what: string): Address.Address {
  if (!Address.isAddress(text)) throw new UsageError(`${what} is not an address.`, 'Write 0x and 40 hex digits.')
  return Address.parse(text)
}

type Listed = Awaited<ReturnType<ReturnType<typeof createApi>['approvals']>>

function linesOf({ approvals, is_complete: isComplete, block }: Listed): string[] {
  return [
    approvals.length === 0 ? `No approvals stand at block ${block}.` : `Standing approvals at block ${block}:`,
    ...approvals.map(
      ({ kind, contract, token, spender, amount, unlimited, token_id: id }) =>
        `  ${spender}  ${kind} of ${token ?? contract}${id === null ? '' : ` #${id}`}  ${unlimited ? 'unlimited' : (amount ?? '')}`,
    ),
    ...(isComplete ? [] : ['The list may be incomplete: the provider does not give all events.']),
  ]
}

function answered<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value
  throw new ServerRefusedError(outcome.error)
}

/** What the server answered, as an error of the command line. */
export class ServerRefusedError extends BaseError {
  override readonly name = 'cli.ServerRefusedError'
  constructor(error: CountersignError) {
    super(error.message, { code: 'cli:server:refused', kind: answerKind(error.status), hint: error.hint })
  }
}
