import { BaseError } from '@countersign/base'
import {
  Chain,
  createSimulator,
  readMessage,
  readTypedData,
  requestOf,
  type KnownAddress,
  type Report,
  type Simulator,
} from '@countersign/simulator'
import type { Frozen, FrozenCall } from '../Frozen.ts'
import { GuardRefusedError, refused, unjudged, type RefusalData } from '../GuardRefusedError.ts'
import type { Settings } from '../Options.ts'
import { spentOnChain } from './AskSpent.ts'
import { accountOf, type Unmined } from './Account.ts'
import type { Gate } from './Gate.ts'
import { exceeded, weigh } from './weigh.ts'

type LocalSettings = Extract<Settings, { kind: 'local' }>

/** One simulator for each provider and chain, opened when first needed. */
const simulators = new Map<string, Promise<Simulator>>()

/** Judges in this process. */
export function localGate(settings: LocalSettings): Gate {
  return {
    allow: settings.allow,
    paymasters: settings.paymasters,
    isSpent: spentOnChain(() => openSimulator(settings)),
    run(request, sign) {
      const account = accountOf(request)
      return account.enqueue(async () => {
        const simulator = await openSimulator(settings)
        if (simulator.chainId !== request.chainId)
          throw refused(`chain ${request.chainId} of the request, chain ${simulator.chainId} of the guard`)
        const next = await nextNonce(simulator, request)
        const waiting = account.before(request.nonce, next)
        const known = knownTo(simulator, settings)
        const { before, reports, final } = await simulateAll(simulator, request, { waiting, known, settings })
        const weight = weigh(request, { before, reports })
        const nowMs = Date.now()
        await decide(settings, final, exceeded(settings.limits, { weight, account, nowMs }))
        const giveBack = account.reserve({ atMs: nowMs, amounts: weight.amounts })
        try {
          const signed = await sign()
          account.noteSigned(request)
          return signed
        } catch (error) {
          // After any other error a signature may exist, or the transaction may be on its way.
          if (isRejection(error)) giveBack()
          else account.noteSigned(request)
          throw error
        }
      })
    },
  }
}

/**
 * Whether the signer said that its owner refused: 4001 of EIP-1193, as it is or wrapped by viem, or `ACTION_REJECTED` of
 * ethers.
 */
function isRejection(error: unknown): boolean {
  const seen = new Set<unknown>()
  for (let each = error; typeof each === 'object' && each !== null && !seen.has(each);) {
    seen.add(each)
    // A refusal of ours is no answer of the owner's: the signer may have signed something else than was judged.
    if (each instanceof GuardRefusedError) return false
    const { code, cause } = each as { readonly code?: unknown; readonly cause?: unknown }
    if (code === 4001 || code === 'ACTION_REJECTED') return true
    each = cause
  }
  return false
}

async function openSimulator({ simulator }: LocalSettings): Promise<Simulator> {
  if ('simulate' in simulator) return simulator
  const key = `${simulator.chainId} ${simulator.rpcUrl}`
  const opened = simulators.get(key) ?? createSimulator({ chainId: simulator.chainId, rpcUrls: [simulator.rpcUrl] })
  simulators.set(key, opened)
  try {
    return await opened
  } catch (error) {
    // Tried again at the next request.
    simulators.delete(key)
    throw cannotJudge(error)
  }
}

async function nextNonce(simulator: Simulator, { from }: Frozen): Promise<number> {
  try {
    const { reads } = simulator
    return Number(await reads.at(await reads.head()).nonce(from))
  } catch (error) {
    throw cannotJudge(error)
  }
}

/** What the chain's record vouches for, as at a server, and payees of the limits: they are named by who wrote the limits. */
function knownTo({ chain }: Simulator, { limits }: LocalSettings): readonly KnownAddress[] {
  const registered = Chain.vouched(chain)
  const payees = new Set(limits.flatMap(({ payees: named }) => named ?? []))
  for (const { address } of registered) payees.delete(address)
  return [
    ...registered,
    ...[...payees].map((address) => ({ address, name: 'payee of a limit', kind: 'contact' as const })),
  ]
}

/** The request on top of what is signed and not mined, and each of its prefixes where limits need them. */
async function simulateAll(
  simulator: Simulator,
  request: Frozen,
  {
    waiting,
    known,
    settings,
  }: {
    readonly waiting: readonly Unmined[]
    readonly known: readonly KnownAddress[]
    readonly settings: LocalSettings
  },
): Promise<{
  readonly before: Report.Report | null
  readonly reports: readonly Report.Report[]
  readonly final: Report.Report
}> {
  const { chainId, from, calls } = request
  const base = waiting.flatMap((each) => each.calls)
  const simulate = (some: readonly FrozenCall[], isWhole: boolean): Promise<Report.Report> =>
    simulator.simulate(
      requestOf({
        ...{ chainId, from, known, block: 'latest' },
        calls: [...base, ...some].map(({ to, value, data, gas, maxFeePerGas }) => ({
          ...{ to, value, data, label: null, gasLimit: gas, maxFeePerGasWei: maxFeePerGas },
        })),
        signedBefore: base.length,
        // What was signed a moment ago may be mined since.
        maxHeadAgeMs: 0,
        isLookAhead: isWhole,
        signature: isWhole ? signatureOf(request, known) : null,
      }),
    )
  try {
    const final = await simulate(calls, true)
    const isCounted = settings.limits.length > 0
    const before = isCounted && base.length > 0 ? await simulate([], false) : null
    const reports: Report.Report[] = []
    if (isCounted) for (let n = 1; n < calls.length; n += 1) reports.push(await simulate(calls.slice(0, n), false))
    return { before, reports: [...reports, final], final }
  } catch (error) {
    throw cannotJudge(error)
  }
}

function signatureOf({ chainId, from, typedData, message }: Frozen, known: readonly KnownAddress[]) {
  if (message !== null) return readMessage(message, { chainId, from })
  if (typedData === null) return null
  return readTypedData(typedData as unknown as Record<string, unknown>, {
    chainId,
    from,
    nowMs: Date.now(),
    known: (address) => known.find((entry) => entry.address === address),
  })
}

/** What is wrong with a request is refused; what gives no answer is not judged. */
function cannotJudge(error: unknown): Error {
  if (!(error instanceof BaseError)) return unjudged('the simulation failed')
  return error.kind === 'invalid' ? refused(error.message) : unjudged(error.message)
}

async function decide(
  { ask }: LocalSettings,
  report: Report.Report,
  over: { readonly over: 'deny' | 'ask'; readonly because: string } | null,
): Promise<void> {
  const data: Partial<RefusalData> = {
    verdict: report.verdict,
    findings: report.findings.map(({ rule, level, title, because }) => ({ rule, level, title, because })),
  }
  const worst = (level: string): string | undefined => report.findings.find((each) => each.level === level)?.because
  if (report.verdict === 'block') throw refused(worst('block') ?? 'the simulation blocked it', data)
  if (over?.over === 'deny') throw refused(over.because, data)
  if (report.verdict === 'allow' && over === null) return
  const because = over?.because ?? worst('warn') ?? 'the simulation warns'
  let isGranted = false
  try {
    // Only a plain yes counts.
    isGranted = ask !== null && (await ask(report)) === true
  } catch {
    throw refused(`${because}, and asking about it failed`, data)
  }
  if (!isGranted) throw refused(because, data)
}
