import { Address, type Hex } from '@countersign/base'
import { encodeFunctionData, parseAbi } from 'viem'
import type { BlockEnv } from '../../model/Block.ts'
import type { Overlay, BatchRun } from '../../model/Run.ts'
import { playAs, type Fork } from '../../evm/runBatch.ts'
import { asNumber, type ProbeAnswer } from '../../effects/probes.ts'
import type { Effects } from '../../effects/readEffects.ts'
import type { AuthorityChange } from '../../model/Authority.ts'
import type { Log } from '../../model/Step.ts'
import type { Lookahead } from '../../model/Report.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import type { AccessSet } from '../../model/Access.ts'
import { BENEFICIARY } from './sellBack.ts'
import { etherOf, READER, READER_CODE, selectorsOf } from './reader.ts'

const ABI = parseAbi([
  'function balanceOf(address account) view returns (uint256)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function transfer(address to, uint256 amount) returns (bool)',
  'function transferFrom(address from, address to, uint256 amount) returns (bool)',
  'function transferFrom(address from, address to, uint160 amount, address token)',
  'function operatorSend(address sender, address recipient, uint256 amount, bytes data, bytes operatorData)',
  'function tokenOfOwnerByIndex(address owner, uint256 index) view returns (uint256)',
  'function execTransactionFromModule(address to, uint256 value, bytes data, uint8 operation) returns (bool)',
])
/** Tokens of a collection that are tried one by one. */
const MAX_IDS = 5
/** The most tokens that are asked about in a Safe. */
const MAX_TOKENS_OF_SAFE = 12
/** Functions of foreign code that are tried on the account that runs it, and tokens that they are tried with. */
const MAX_FUNCTIONS = 40
const MAX_TOKENS = 4

interface Attempt {
  readonly to: string
  readonly data: Hex.Hex
}

const balanceOf = (token: string, account: string): Attempt => ({
  to: token,
  data: encodeFunctionData({ abi: ABI, functionName: 'balanceOf', args: [account as Hex.Hex] }),
})

/** What the next moves are played on. */
export interface Played {
  readonly fork: Fork
  readonly access: AccessSet
  readonly request: SimulationRequest
  readonly run: BatchRun
  readonly effects: Effects
  readonly logs: readonly Log[]
  readonly touched: AccessSet
}

/** The best next move of everybody who gained something, each by the kind of what was gained. */
export class NextMoves {
  /** Allowances that a use was seen not to lower. */
  readonly lasting = new Set<AuthorityChange>()
  private readonly at: Played
  constructor(at: Played) {
    this.at = at
  }

  /** Runs calls in order, from an account, on the state after the batch. */
  play(
    from: string,
    attempts: readonly Attempt[],
    env: BlockEnv = this.at.fork.env,
    after: Overlay = this.at.run.after,
  ): Promise<ProbeAnswer[]> {
    const { fork, access, touched } = this.at
    return playAs({ ...fork, env }, access, after, { from: from.toLowerCase(), calls: attempts, touched })
  }

  /** What the subject of a change can take; null when its move is not known. */
  async takeAll(change: AuthorityChange): Promise<Lookahead['canTake'] | null> {
    const { subject, owner, contract } = change
    switch (change.kind) {
      case 'erc20_allowance':
      case 'unknown_grant': {
        const taken = await this.takeToken(
          subject,
          owner,
          contract,
          change.kind === 'unknown_grant' ? null : change,
          (amount) => ({
            to: contract,
            data: encodeFunctionData({ abi: ABI, functionName: 'transferFrom', args: [owner, subject, amount] }),
          }),
        )
        return taken === null && change.kind === 'unknown_grant' ? null : (taken ?? [])
      }
      case 'permit2_allowance': {
        const token = permittedToken(this.at.logs, change)
        if (token === null) return null
        return this.takeToken(subject, owner, token, change, (amount) => ({
          to: contract,
          data: encodeFunctionData({
            abi: ABI,
            functionName: 'transferFrom',
            args: [owner, subject, amount < 2n ** 160n ? amount : 2n ** 160n - 1n, token],
          }),
        }))
      }
      case 'operator':
        return this.takeCollection(change)
      case 'module':
        return this.takeFromSafe(change)
      case 'account_code':
        return this.takeThroughCode(change)
      default:
        return null
    }
  }

  /** Takes a fungible token: the whole balance, or as much as is allowed. Null when the contract tells no balance. */
  private async takeToken(
    actor: Address.Address,
    owner: Address.Address,
    token: Address.Address,
    allowance: AuthorityChange | null,
    take: (amount: bigint) => Attempt,
  ): Promise<Lookahead['canTake'] | null> {
    const held = asNumber((await this.play(actor, [balanceOf(token, owner)]))[0])
    if (held === null) return null
    const allowed = allowance?.after ?? held
    const amount = allowed < held ? allowed : held
    if (amount === 0n) return []
    const asked = { to: token, data: encodeFunctionData({ abi: ABI, functionName: 'allowance', args: [owner, actor] }) }
    const answers = await this.play(actor, [take(amount), balanceOf(token, owner), asked])
    const left = asNumber(answers[1]) ?? held
    if (allowance?.kind === 'erc20_allowance' && left < held && asNumber(answers[2]) === allowed)
      this.lasting.add(allowance)
    return left < held ? [{ token, amount: held - left }] : []
  }

  private async takeCollection(change: AuthorityChange): Promise<Lookahead['canTake'] | null> {
    const { subject, owner, contract } = change
    const asked = await this.play(subject, [
      balanceOf(contract, owner),
      ...Array.from({ length: MAX_IDS }, (_, i): Attempt => ({
        to: contract,
        data: encodeFunctionData({ abi: ABI, functionName: 'tokenOfOwnerByIndex', args: [owner, BigInt(i)] }),
      })),
    ])
    const held = asNumber(asked[0])
    if (held === null) return null
    if (held === 0n) return []
    const ids = asked.slice(1).flatMap((answer) => asNumber(answer) ?? [])
    const attempts: Attempt[] =
      ids.length > 0
        ? ids.map((id) => ({
            to: contract,
            data: encodeFunctionData({ abi: ABI, functionName: 'transferFrom', args: [owner, subject, id] }),
          }))
        : [
            {
              to: contract,
              data: encodeFunctionData({
                abi: ABI,
                functionName: 'operatorSend',
                // Not to the subject: here it has code, and ERC-777 asks code for its consent.
                args: [owner, BENEFICIARY, held, '0x', '0x'],
              }),
            },
          ]
    const answers = await this.play(subject, [...attempts, balanceOf(contract, owner)])
    const left = asNumber(answers.at(-1)) ?? held
    if (left >= held) return ids.length > 0 ? [] : null
    // Tokens beyond those tried can go the same way.
    return [{ token: contract, amount: ids.length === MAX_IDS ? held : held - left }]
  }

  private async takeFromSafe(change: AuthorityChange): Promise<Lookahead['canTake'] | null> {
    const { subject, contract } = change
    const moved = this.at.run.after.accounts.get(contract.toLowerCase())?.balance
    const ether = moved ?? this.balanceNow(contract.toLowerCase())
    const tokens = [
      ...new Set([
        ...this.at.request.known.filter((entry) => entry.kind === 'token').map((entry) => entry.address),
        ...this.at.effects.tokenChanges.flatMap((each) =>
          each.token === null || each.standard !== 'erc20' ? [] : [each.token],
        ),
      ]),
    ].slice(0, MAX_TOKENS_OF_SAFE)
    const held = (
      await this.play(
        subject,
        tokens.map((token) => balanceOf(token, contract)),
      )
    ).map((answer) => asNumber(answer) ?? 0n)
    const exec = (to: Address.Address, value: bigint, data: Hex.Hex): Attempt => ({
      to: contract,
      data: encodeFunctionData({ abi: ABI, functionName: 'execTransactionFromModule', args: [to, value, data, 0] }),
    })
    const owned = tokens.flatMap((token, i) => ((held[i] ?? 0n) > 0n ? [{ token, amount: held[i] ?? 0n }] : []))
    const attempts = [
      ...(ether > 0n ? [exec(subject, ether, '0x')] : []),
      ...owned.map(({ token, amount }) =>
        exec(token, 0n, encodeFunctionData({ abi: ABI, functionName: 'transfer', args: [subject, amount] })),
      ),
    ]
    if (attempts.length === 0) return []
    const answers = await this.play(subject, [...attempts, ...owned.map(({ token }) => balanceOf(token, contract))])
    const isTaken = (i: number) => answers[i]?.success === true && asNumber(answers[i]) === 1n
    const offset = ether > 0n ? 1 : 0
    return [
      ...(ether > 0n && isTaken(0) ? [{ token: null, amount: ether }] : []),
      ...owned.filter((_, i) => isTaken(offset + i)),
    ]
  }

  /**
   * What anybody could take from an account by calling the code that it runs from now on: every function that the code
   * tells apart is called by a stranger who names himself, and what the account then lacks was taken.
   */
  private async takeThroughCode(change: AuthorityChange): Promise<Lookahead['canTake'] | null> {
    const account = change.owner.toLowerCase()
    const code = this.codeOf(change.subject.toLowerCase())
    if (code === null) return null
    const balance = (address: string) => this.at.run.after.accounts.get(address)?.balance ?? this.balanceNow(address)
    const tokens = this.at.request.known
      .filter((entry) => entry.kind === 'token')
      .map((entry) => entry.address)
      .slice(0, MAX_TOKENS)
    const word = (value: string) => value.slice(2).toLowerCase().padStart(64, '0')
    const me = word(BENEFICIARY)
    const much = balance(account).toString(16).padStart(64, '0')
    const all = 'f'.repeat(64)
    const argumentLists = [me.repeat(4), me + much + me + me, ...tokens.map((token) => word(token) + me + all + me)]
    const attempts = selectorsOf(code)
      .slice(0, MAX_FUNCTIONS)
      .flatMap((selector) => argumentLists.map((list): Attempt => ({ to: account, data: `0x${selector}${list}` })))
    if (attempts.length === 0) return []
    const reads = [etherOf(account), ...tokens.map((token) => balanceOf(token, account))]
    // Each read stands before and after all attempts: what one of them takes is gone, whichever it was.
    const reader = {
      ...this.at.run.after,
      accounts: new Map(this.at.run.after.accounts).set(READER, { code: READER_CODE }),
    }
    const answers = await this.play(BENEFICIARY, [...reads, ...attempts, ...reads], this.at.fork.env, reader)
    return [null, ...tokens].flatMap((token, i) => {
      const before = asNumber(answers[i]) ?? 0n
      const after = asNumber(answers[reads.length + attempts.length + i]) ?? before
      return after < before ? [{ token, amount: before - after }] : []
    })
  }

  /** The code at an address after the batch; null when it was not read. */
  codeOf(address: string): string | null {
    const created = this.at.run.after.accounts.get(address)?.code
    if (created !== undefined) return created
    this.at.touched.set(address, this.at.touched.get(address) ?? new Set())
    const hash = this.at.fork.cache.accounts.get(address)?.codeHash
    return hash === undefined ? null : this.at.fork.codes.get(hash)
  }

  /** What an account holds before the batch. It is read for the report, so it belongs to what was read. */
  private balanceNow(address: string): bigint {
    this.at.touched.set(address, this.at.touched.get(address) ?? new Set())
    return this.at.fork.cache.accounts.get(address)?.balance ?? 0n
  }
}

/** The token a Permit2 allowance is about, from Permit2's own event or call. */
function permittedToken(logs: readonly Log[], change: AuthorityChange): Address.Address | null {
  const log = logs.find(
    (each) =>
      each.address === change.contract &&
      each.args !== null &&
      each.args['spender'] !== undefined &&
      Address.isEqual(each.args['spender'] as Address.Address, change.subject) &&
      each.args['token'] !== undefined,
  )
  return log === undefined ? null : Address.parse(String(log.args?.['token']))
}
