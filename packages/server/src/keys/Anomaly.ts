import type { QuarantineLevel } from './KeyRecord.ts'

/** What one key did in one minute (or, in a profile, the busiest minute of an hour). */
export interface Counters {
  readonly requests: number
  /** Answers 401, 403 and 429. */
  readonly denials: number
  /** Distinct /24 and /48. */
  readonly networks: number
  readonly agents: number
  readonly scopes: number
  readonly bytes: number
  readonly sessions: number
}

export const NOTHING: Counters = {
  requests: 0,
  denials: 0,
  networks: 0,
  agents: 0,
  scopes: 0,
  bytes: 0,
  sessions: 0,
}
export const METRICS = Object.keys(NOTHING) as readonly (keyof Counters)[]

/**
 * What is known about a key: the busiest minute of the same hour of the day on up to 14 days, and where and by what it
 * is usually called.
 */
export interface Profile {
  readonly sameHour: readonly Counters[]
  /** Networks seen on earlier days. */
  readonly networks: ReadonlySet<string>
  readonly days: number
}

/** What is seen now. */
export interface Observation {
  readonly minute: Counters
  /** Networks of this minute. */
  readonly networks: readonly string[]
  /** Usual networks that called within the last ten minutes: the key's owner is at work. */
  readonly activeUsual: boolean
  /** Networks of this minute that tried a canary, or several well-formed keys that do not exist, within an hour. */
  readonly probing: readonly string[]
  /** Networks of this minute that used a key of this family after it was revoked as exposed. */
  readonly afterExposure: readonly string[]
}

export interface Judgement {
  readonly level: QuarantineLevel | null
  readonly evidence: readonly string[]
}

/** A robust z of this many is a signal: chance alone does not come near, and ordinary bursts reach it alone. */
export const Z_LIMIT = 8
/** From here on one count speaks for two: ordinary bursts of three times the usual stay below 20. */
const Z_EXTREME = { volume: 40, other: 24 }
/** Fewer days than this are no profile: only hard rules speak. */
const MIN_DAYS = 3

/**
 * How far a value is from what is usual, in robust standard deviations: (value - median) / (1.4826 × MAD), the MAD no
 * smaller than the scatter that counting alone has (the root of the median), nor than the metric's own step.
 */
export function robustZ(value: number, usual: readonly number[], step: number): number {
  const middle = median(usual)
  const spread = 1.4826 * median(usual.map((each) => Math.abs(each - middle)))
  return (value - middle) / Math.max(spread, Math.sqrt(middle), step)
}

/** What a metric may differ by without meaning anything. */
const STEP: Counters = {
  requests: 5,
  denials: 2,
  networks: 0.35,
  agents: 0.35,
  scopes: 0.5,
  bytes: 20_000,
  sessions: 2,
}

/** What rises together when a key is simply used more. */
const VOLUME: readonly (keyof Counters)[] = ['requests', 'bytes', 'sessions']

/**
 * Judges a minute. One hard rule, or two unusual counts, hold a key back; the more, the harder: a tenth of the limits,
 * then only with proof of possession, then not at all. Requests, bytes and sessions that rise together are one signal;
 * a count far beyond all bursts is two. What is `null` is not proof of innocence, only no finding.
 */
export function judge(observation: Observation, profile: Profile): Judgement {
  const evidence: string[] = []
  const { minute } = observation
  let soft = 0
  if (profile.days >= MIN_DAYS) {
    const z = Object.fromEntries(
      METRICS.map((metric) => [
        metric,
        robustZ(
          minute[metric],
          profile.sameHour.map((each) => each[metric]),
          STEP[metric],
        ),
      ]),
    ) as unknown as Counters
    const say = (metric: keyof Counters): void => {
      const usual = median(profile.sameHour.map((each) => each[metric]))
      evidence.push(
        `${metric}: ${minute[metric]} in a minute, usually ${usual} at this hour (z ${z[metric].toFixed(1)})`,
      )
    }
    for (const metric of VOLUME) if (z[metric] >= Z_LIMIT) say(metric)
    const volume = Math.max(...VOLUME.map((metric) => z[metric]))
    if (volume >= Z_LIMIT) soft += volume >= Z_EXTREME.volume ? 2 : 1
    // Sessions that rise by themselves are something else than more use.
    if (z.sessions >= Z_LIMIT && z.sessions >= 2 * Math.max(z.requests, 1)) soft += 1
    for (const metric of ['denials', 'networks', 'agents'] as const) {
      if (z[metric] < Z_LIMIT) continue
      say(metric)
      soft += z[metric] >= Z_EXTREME.other ? 2 : 1
    }
    // There are five scopes: what counts is that two more are touched than ever.
    const most = Math.max(...profile.sameHour.map((each) => each.scopes))
    if (minute.scopes >= most + 2) {
      evidence.push(`scopes: ${minute.scopes} in a minute, never more than ${most} at this hour`)
      soft += 1
    }
  }
  const foreign = observation.networks.filter((network) => !profile.networks.has(network))
  const isSecondCaller = profile.days >= MIN_DAYS && observation.activeUsual && foreign.length > 0
  if (isSecondCaller) evidence.push(`first use from ${foreign.join(', ')} while the usual network is active`)
  for (const network of observation.probing) evidence.push(`${network} tried a canary or keys that do not exist`)
  for (const network of observation.afterExposure) evidence.push(`${network} used a key of this family after it leaked`)
  const isProber = observation.probing.length + observation.afterExposure.length > 0

  if (isProber && (isSecondCaller || soft > 0)) return { level: 'freeze', evidence }
  if (isSecondCaller && soft >= 2) return { level: 'freeze', evidence }
  if (isProber || (isSecondCaller && soft > 0) || soft >= 4) return { level: 'proof', evidence }
  if (isSecondCaller || soft >= 2) return { level: 'throttle', evidence }
  return { level: null, evidence }
}

/** The busier of two minutes, metric by metric. */
export function busier(a: Counters, b: Counters): Counters {
  return Object.fromEntries(METRICS.map((metric) => [metric, Math.max(a[metric], b[metric])])) as unknown as Counters
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0
  const sorted = values.toSorted((x, y) => x - y)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
