import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { BaseError, Wei, type Address, type Hex } from '@countersign/base'
import { createClient, type Client, type Proposal } from '@countersign/sdk'
import { plainEnv } from '@countersign/simulator'
import Table from 'cli-table3'
import { Command } from 'commander'
import { createWalletClient, http } from 'viem'
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import type { Io } from './io.ts'
import { launch, type Launched } from './launch.ts'

/** An address that nobody knows, to play the drainer. */
const STRANGER = '0xBad0000000000000000000000000000000000Bad'.toLowerCase()

/** `countersign demo`: the whole journey in the terminal, against a real server and a real local chain. */
export function demoCommand(io: Io): Command {
  return new Command('demo')
    .option('--json', 'end with one JSON line instead of the story')
    .action(async (options: { json?: boolean }) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'countersign-demo-'))
      // The demo stands on its own: no configured provider or model, and never the operator's database or collector.
      const env = plainEnv(io.env, ['COUNTERSIGN_CACHE_DIR'])
      const server = await launch({ port: 0, dataDir, env, logLevel: 'error' })
      try {
        await tell(io, server, options.json === true)
      } finally {
        await server.close()
        rmSync(dataDir, { recursive: true, force: true })
      }
    })
}

async function tell(io: Io, server: Launched, isJson: boolean): Promise<void> {
  const say = (text: string): void => {
    if (!isJson) io.out(text)
  }
  const account = privateKeyToAccount(generatePrivateKey())
  const chain = server.localChain
  if (chain === null) throw new DemoError('The local chain is missing.')
  const client = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  const wallet = { address: account.address, chain_id: chain.chainId, is_connected: true }
  await client.faucet(account.address, chain.chainId)

  say(`A server at ${server.url}, a local chain with real contracts, and a wallet made just now: ${account.address}.`)
  say('The wallet’s key stays in this process. The server never sees it.\n')

  say('1. You say: "swap 1 ETH for USDC"')
  const swap = await propose(client, 'swap 1 ETH for USDC', wallet)
  say('   The agent may only propose. The proposal was simulated on a fork of its own:\n')
  say(card(swap, account.address))
  say('   You read it, and sign. Just before the wallet opens, the gate looks at the chain once more.')
  const settled = await signAndFollow(client, swap, account, chain.rpcUrl)
  say(`   Signed, sent, and verified on chain: ${settled.state} in block ${settled.settlement?.block_number ?? '?'}.\n`)

  say('2. You say: "send 999999 USDC to …" (far more than you have)')
  const failing = await propose(client, `send 999999 USDC to ${STRANGER}`, wallet)
  say(`   ${failing.state.toUpperCase()} before any gas was spent: ${failing.reason ?? ''}\n`)

  say('3. The agent proposes an unlimited approval to somebody nobody knows:')
  const drain = await propose(client, `approve unlimited USDC for ${STRANGER}`, wallet)
  say(`   ${drain.state.toUpperCase()}: ${drain.reason ?? ''}`)
  say('   No button, nothing in the wallet queue, nothing to sign.\n')

  const pending = (await client.state()).user_state?.pending_txs ?? {}
  if (
    settled.state !== 'settled' ||
    failing.state !== 'blocked' ||
    drain.state !== 'blocked' ||
    Object.keys(pending).length > 0
  ) {
    throw new DemoError('The journey did not end as it should.')
  }
  if (isJson) {
    io.out(
      JSON.stringify({
        status: settled.state,
        tx_hash: settled.calls.at(-1)?.tx_hash ?? null,
        report: settled.report,
        reverted: { state: failing.state, reason: failing.reason, report: failing.report },
        blocked: { state: drain.state, reason: drain.reason, report: drain.report },
      }),
    )
    return
  }
  say('That is all of it: propose, simulate, show, sign, verify. Start the page with `npm start`.')
}

/** Says something and waits for what the turn proposes. */
async function propose(
  client: Client,
  message: string,
  wallet: { address: string; chain_id: number; is_connected: boolean },
): Promise<Proposal> {
  const before = new Set((await listOrNone(client)).map((proposal) => proposal.id))
  await client.chat(message, wallet)
  await until(async () => !(await client.state()).is_processing)
  const fresh = (await client.proposals()).find((proposal) => !before.has(proposal.id))
  if (fresh === undefined || fresh.kind === 'tool_call')
    throw new DemoError(`The agent proposed nothing for "${message}".`)
  return fresh
}

/** A session exists from its first message on. */
async function listOrNone(client: Client): Promise<readonly { readonly id: string }[]> {
  return (await client.state()).session_exists ? client.proposals() : []
}

/** Re-checks, signs every step locally, reports the hash, and waits until the server has verified it. */
async function signAndFollow(
  client: Client,
  proposal: Proposal,
  account: PrivateKeyAccount,
  rpcUrl: string,
): Promise<Proposal> {
  const wallet = createWalletClient({ account, transport: http(rpcUrl) })
  for (const { step } of proposal.calls) {
    const checked = await client.recheck(proposal.id, account.address, proposal.chain_id)
    const call = checked.calls.find((each) => each.step === step)
    if (!checked.signable || call === undefined) throw new DemoError(checked.reason ?? 'It is not signable any more.')
    const hash = await wallet.sendTransaction({
      chain: null,
      to: call.to as Address.Address,
      value: BigInt(call.value),
      data: call.data as Hex.Hex,
      gas: BigInt(call.gas ?? '0'),
    })
    await client.submitted(proposal.id, step, hash)
    await until(
      async () => (await client.proposal(proposal.id)).calls.find((each) => each.step === step)?.status !== 'submitted',
    )
  }
  return client.proposal(proposal.id)
}

async function until(isDone: () => Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const endMs = Date.now() + timeoutMs
  while (!(await isDone())) {
    if (Date.now() > endMs) throw new DemoError('The server took too long.')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The approval card as a table. */
function card(proposal: Proposal, account: string): string {
  const report = proposal.report
  const table = new Table({ colWidths: [16, 74], wordWrap: true, style: { head: [], border: [] } })
  if (report === null) return proposal.summary
  const own = report.token_changes.filter((change) => change.account === account)
  const amount = (change: (typeof own)[number]) =>
    `${Wei.format(BigInt(change.delta), change.decimals ?? 0)} ${change.symbol ?? change.token}`
  const list = (rows: readonly string[]) => (rows.length === 0 ? 'nothing' : rows.join('\n'))
  const ageS = Math.max(0, Math.round((Date.now() - Date.parse(report.block.timestamp)) / 1000))
  table.push(
    ['Proposal', proposal.summary],
    ['Leaves you', list(own.filter((change) => change.delta.startsWith('-')).map(amount))],
    ['Arrives', list(own.filter((change) => !change.delta.startsWith('-')).map((change) => `+${amount(change)}`))],
    [
      'Network fee',
      `at most ${Wei.format(BigInt(report.gas_estimate.max_fee_wei), 18)} ${report.chain?.coin ?? 'coin'}`,
    ],
    [
      'Authority left',
      list(
        report.authority_changes.map(
          (change) =>
            `${change.subject} may spend ${change.unlimited ? 'UNLIMITED' : change.after} ${change.symbol ?? change.contract}`,
        ),
      ),
    ],
    ['Contracts', list([...new Set(report.contract_calls.map((call) => `${call.name ?? 'unknown'} ${call.address}`))])],
    ['Findings', list(report.findings.map((finding) => `${finding.level}: ${finding.because}`))],
    ['Simulated on', `block ${report.block.number}, ${ageS} s old`],
    ['Not checked', list(report.not_checked.map(({ what }) => what))],
  )
  return table.toString()
}

export class DemoError extends BaseError {
  override readonly name = 'cli.DemoError'
  constructor(message: string) {
    super(message, { code: 'cli:demo:failed', kind: 'upstream', hint: 'Run it again; if it stays, report the output.' })
  }
}
