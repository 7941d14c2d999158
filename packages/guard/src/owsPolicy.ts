#!/usr/bin/env node
/**
 * `countersign-ows-policy`: the executable of an Open Wallet Standard policy. It reads one request on standard input, asks
 * a running server, and prints `{"allow", "reason"}`. Whatever goes wrong, the answer is no, and the exit code is 0.
 *
 * The standard hands messages and transactions over in the same field, so a message whose bytes are a transaction cannot be
 * told apart: it is judged as that transaction. Everything that is no whole transaction is refused.
 */
import { readFileSync, statSync } from 'node:fs'
import { Address, Json } from '@countersign/base'
import { ofCalls } from './Frozen.ts'
import { refused } from './GuardRefusedError.ts'
import * as Transaction from './codec/Transaction.ts'
import { serverGate } from './gate/serverGate.ts'

/** The wallet ends the program after 5 s. */
const ANSWER_MS = 4_000

interface Decision {
  readonly allow: boolean
  readonly reason: string
}

async function decide(text: string): Promise<Decision> {
  const request = record(Json.parse(text), 'the request')
  const config = record(request['policy_config'], 'policy_config')
  const server = (typeof config['server'] === 'string' ? config['server'] : '').replace(/\/+$/, '')
  if (!/^(?:https?:\/\/|unix:)./.test(server))
    throw refused('"server" of the policy is not an http(s):// URL or unix:PATH')
  if (!Address.isAddress(config['from'])) throw refused('"from" of the policy is not an address')
  const from = Address.parse(config['from'])
  const raw = record(request['transaction'], 'transaction')['raw_hex']
  const hex = (typeof raw === 'string' ? raw : '').replace(/^0x/, '')
  if (!/^(?:[0-9a-fA-F]{2})+$/.test(hex)) throw refused('there are no bytes to judge')
  const read = Transaction.parse(`0x${hex.toLowerCase()}`)
  if (typeof read === 'string') throw refused(`a message or a hash, or no transaction that can be judged: ${read}`)
  const { transaction, signature } = read
  if (signature !== null) throw refused('it is signed already')
  const named = /^eip155:([1-9]\d{0,14})$/.exec(String(request['chain_id']))?.[1]
  if (Number(named) !== transaction.chainId)
    throw refused(`chain ${named ?? 'unknown'} of the request, chain ${transaction.chainId} of the bytes`)
  const { chainId, to, value, data, gas, maxFeePerGas, nonce } = transaction
  const gate = serverGate({
    ...{ kind: 'server', server, key: keyOf(config['key_file']), allow: new Set() },
    paymasters: new Set(),
    ...{ waitMs: ANSWER_MS / 2, onWaiting: () => undefined },
  })
  await gate.run(ofCalls({ chainId, from }, [{ to, value, data, gas, maxFeePerGas }], nonce), async () => undefined)
  return { allow: true, reason: 'Countersign allows it.' }
}

/** The key, from a file that nobody else reads, or from the environment. */
function keyOf(path: unknown): string {
  if (path === undefined || path === null) {
    const key = process.env['COUNTERSIGN_API_KEY'] ?? ''
    if (key === '') throw refused('there is no key: set key_file in the policy, or COUNTERSIGN_API_KEY')
    return key
  }
  if (typeof path !== 'string') throw refused('"key_file" of the policy is not a path')
  if ((statSync(path).mode & 0o077) !== 0) throw refused('others may read the key file: set its mode to 0600')
  return readFileSync(path, 'utf8').trim()
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw refused(`${what} cannot be read`)
}

function answer({ allow, reason }: Decision): never {
  process.stdout.write(`${JSON.stringify({ allow, reason })}\n`)
  process.exit(0)
}

setTimeout(() => answer({ allow: false, reason: 'Countersign did not answer in time.' }), ANSWER_MS)
try {
  const pieces: Buffer[] = []
  for await (const piece of process.stdin) pieces.push(piece as Buffer)
  answer(await decide(Buffer.concat(pieces).toString('utf8')))
} catch (error) {
  const reason = error instanceof Error ? error.message : 'Countersign cannot judge it.'
  answer({ allow: false, reason: reason.replace(/^user denied: /, '') })
}
