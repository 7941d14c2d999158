import { Redacted } from '@countersign/base'
import type { ChainConfig } from '@countersign/server'
import { Chain, chainOf, createSimulator, openRpc } from '@countersign/simulator'
import { notChecked, sentenceOf, type Check } from './Check.ts'

/** For one question to a provider, and for the comparison of one chain, in milliseconds. */
const QUESTION_MS = 15_000
const PROBE_MS = 120_000
/** How far the clock may be from the newest block before receipts are judged wrongly, in seconds. */
const MAX_AHEAD_S = 15
/** A head that is older than this many block times, and than a minute, is behind. */
const MAX_BLOCKS_BEHIND = 20

/** Every configured provider: the chain that it serves, its head, our clock, what it can be asked; then the engine. */
export async function checkChains(
  chains: readonly ChainConfig[],
  { records, say }: { readonly records: ReadonlyMap<number, Chain.Chain>; readonly say: (what: string) => void },
): Promise<Check[]> {
  const checks: Check[] = []
  for (const config of chains) {
    const urls = [
      Redacted.reveal(config.rpcUrl),
      ...(config.fallbackRpcUrls ?? []).map((url) => Redacted.reveal(url)),
    ] as const
    const chain = records.get(config.chainId) ?? chainOf(config.chainId)
    for (const url of urls) {
      say(`asking ${Redacted.url(url)} of chain ${config.chainId}`)
      checks.push(...(await checkProvider(chain, url)))
    }
    say(`comparing chain ${config.chainId} with the simulator`)
    checks.push(await checkConformance(chain, urls))
  }
  return checks
}

interface Head {
  readonly hash: string
  readonly number: bigint
  readonly timestampS: number
}

async function checkProvider(chain: Chain.Chain, url: string): Promise<Check[]> {
  const about = `chain ${chain.id}`
  const name = Redacted.url(url)
  const at = { item: null, about } as const
  const rpc = openRpc({ urls: [url], timeoutMs: QUESTION_MS, quorum: 1, chainId: null })
  const ask = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    const [answer] = await rpc.batch([{ method, params }])
    return answer?.ok === true ? answer.result : undefined
  }
  try {
    const id = await ask('eth_chainId', [])
    if (typeof id !== 'string')
      return [
        {
          ...{ ...at, id: 'provider', status: 'fail', evidence: `${name} does not answer.` },
          remediation: 'Check the URL and its key; give a second provider that takes over.',
        },
      ]
    if (Number(id) !== chain.id)
      return [
        {
          ...{ ...at, id: 'provider', status: 'fail', evidence: `${name} serves chain ${Number(id)}.` },
          remediation: `Give COUNTERSIGN_RPC_${chain.id} a provider of that chain.`,
        },
      ]
    const head = headOf(await ask('eth_getBlockByNumber', ['latest', false]))
    if (head === null) return [notChecked('provider', about, `${name} gave no block that can be read.`)]
    const checks: Check[] = [
      {
        ...{ ...at, id: 'provider', status: 'pass', remediation: null },
        evidence: `${name} serves chain ${chain.id} at block ${head.number}.`,
      },
      checkClock(chain, head, name),
    ]
    const proof = await ask('eth_getProof', [`0x${'0'.repeat(40)}`, [], `0x${head.number.toString(16)}`])
    const trace = await ask('debug_traceCall', [{ to: `0x${'0'.repeat(40)}` }, 'latest', { tracer: 'callTracer' }])
    const can = [...(isObject(proof) ? ['state proofs'] : []), ...(isObject(trace) ? ['traces'] : [])]
    checks.push({
      ...{ ...at, id: 'provider-capabilities', status: 'pass', remediation: null },
      evidence: `${name} answers ${can.length === 0 ? 'neither state proofs nor traces' : can.join(' and ')}.`,
    })
    return checks
  } catch (error) {
    return [notChecked('provider', about, `${name}: ${sentenceOf(error)}`)]
  } finally {
    await rpc.close()
  }
}

function checkClock(chain: Chain.Chain, { timestampS }: Head, name: string): Check {
  const at = { id: 'clock', item: null, about: `chain ${chain.id}` } as const
  const ageS = Math.round(Date.now() / 1000 - timestampS)
  const blockS = chain.blocks.seconds ?? 0
  if (ageS < -MAX_AHEAD_S)
    return {
      ...{
        ...at,
        status: 'fail',
        evidence: `The newest block of ${name} is ${-ageS} s ahead of this machine's clock.`,
      },
      remediation: 'Set the clock (NTP): receipts and sessions are judged by it.',
    }
  if (ageS > Math.max(60, blockS * MAX_BLOCKS_BEHIND))
    return {
      ...{ ...at, status: 'warn', evidence: `The newest block of ${name} is ${ageS} s old.` },
      remediation: 'The provider is behind, or the clock is: ask another provider, and check NTP.',
    }
  return { ...at, status: 'pass', remediation: null, evidence: `The newest block of ${name} is ${ageS} s old.` }
}

/** Replays recent transactions of the chain, and compares the chain's record with the chain. */
async function checkConformance(chain: Chain.Chain, urls: readonly [string, ...string[]]): Promise<Check> {
  const at = { id: 'conformance', item: null, about: `chain ${chain.id}` } as const
  try {
    const simulator = await createSimulator({ chainId: chain.id, chain, rpcUrls: urls })
    try {
      const answer = await Promise.race([
        Promise.all([simulator.probe(), simulator.compareRecord()]),
        new Promise<null>((resolve) => setTimeout(resolve, PROBE_MS, null).unref()),
      ])
      if (answer === null) return notChecked(at.id, at.about, 'The provider took too long.')
      const [{ engine, probed }, mismatches] = answer
      if (probed?.answer === 'differs' || mismatches.length > 0)
        return {
          ...{ ...at, status: 'warn' },
          evidence:
            mismatches.length > 0
              ? `The record of the chain disagrees with it in ${mismatches.map(({ field }) => field).join(', ')}.`
              : 'Recent transactions come out otherwise here: the chain’s own node runs the simulations.',
          remediation: `Run countersign chain check ${chain.id}.`,
        }
      return {
        ...{ ...at, status: 'pass', remediation: null },
        evidence:
          probed === null
            ? `The engine is ${engine.kind}; nothing had to be compared.`
            : `The engine is ${engine.kind}; ${probed.replayed} recent transactions came out as the chain recorded them.`,
      }
    } finally {
      await simulator.close()
    }
  } catch (error) {
    return notChecked(at.id, at.about, sentenceOf(error))
  }
}

function headOf(value: unknown): Head | null {
  if (!isObject(value)) return null
  const { hash, number, timestamp } = value
  if (typeof hash !== 'string' || typeof number !== 'string' || typeof timestamp !== 'string') return null
  return /^0x[0-9a-f]{1,16}$/i.test(number) && /^0x[0-9a-f]{1,10}$/i.test(timestamp)
    ? { hash, number: BigInt(number), timestampS: Number(timestamp) }
    : null
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
