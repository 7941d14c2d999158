/**
 * One who shares a machine with others: an app among apps, or a key among the keys of its app. What it used and holds;
 * pure, time is handed in.
 */
export interface Share {
  readonly name: string
  /** Simulations that run for it now. */
  running: number
  /** Simulations of it that wait. */
  waiting: number
  /** What it may still use in this round, in milliseconds of simulation; below 0 it used more and sits out rounds. */
  deficitMs: number
  /** Its last simulations, the newest last. */
  readonly ended: Ended[]
  /** When it last asked for something or ended something. */
  seenMs: number
}

/** A simulation that ended. */
export interface Ended {
  readonly tookMs: number
  /** What the engines spent on it, in milliseconds. */
  readonly engineMs: number
  /** Whose it was. */
  readonly member: string
}

/** What a share gets each round. An ordinary simulation takes 5 to 50 ms. */
const QUANTUM_MS = 50
/** The largest debt that is remembered: whoever used more sits out as many rounds as for this. */
const MAX_DEBT_MS = 10_000
/** Simulations that are remembered of a share. */
const REMEMBERED = 32
/** What a simulation is taken to cost while none of its share has ended. */
const GUESS_MS = 20

export function create(name: string, nowMs: number): Share {
  return { name, running: 0, waiting: 0, deficitMs: 0, ended: [], seenMs: nowMs }
}

/**
 * Deficit round robin (Shreedhar and Varghese, 1996) with costs that are known afterwards: the next in the ring that has
 * something left of its rounds. Where all are in debt, as many rounds pass as the first one to come out of it needs.
 *
 * @param ring - In turn; whoever is served or passed over goes to its end.
 */
export function next<S extends Share>(ring: S[], isEligible: (share: S) => boolean): S | null {
  const eligible = ring.filter(isEligible)
  if (eligible.length === 0) return null
  const rounds = Math.min(...eligible.map(({ deficitMs }) => Math.max(0, Math.floor(-deficitMs / QUANTUM_MS) + 1)))
  for (const share of eligible) share.deficitMs = Math.min(QUANTUM_MS, share.deficitMs + rounds * QUANTUM_MS)
  const chosen = eligible.find(({ deficitMs }) => deficitMs > 0) as S
  ring.splice(ring.indexOf(chosen), 1)
  ring.push(chosen)
  return chosen
}

/** Begins one of its simulations, and charges what it will cost by what earlier ones did. Returns that, in milliseconds. */
export function begin(share: Share): number {
  const expectedMs = usualMs(share) ?? GUESS_MS
  share.waiting -= 1
  share.running += 1
  share.deficitMs = Math.max(-MAX_DEBT_MS, share.deficitMs - expectedMs)
  return expectedMs
}

/** Ends one: what it really cost is charged instead of what was expected. */
export function end(
  share: Share,
  { tookMs, expectedMs, nowMs }: { tookMs: number; expectedMs: number; nowMs: number },
): void {
  share.running -= 1
  share.deficitMs = Math.min(QUANTUM_MS, Math.max(-MAX_DEBT_MS, share.deficitMs + expectedMs - tookMs))
  share.seenMs = nowMs
}

/** Notes how long a simulation took, for what is expected of the next ones. */
export function remember({ ended }: Share, simulation: Ended): void {
  ended.push(simulation)
  if (ended.length > REMEMBERED) ended.shift()
}

/** What one member did stands for the others no longer. */
export function disown({ ended }: Share, member: string): void {
  const others = ended.filter((each) => each.member !== member)
  if (others.length < ended.length) ended.splice(0, ended.length, ...others)
}

/** The median of what its last simulations took; null while none ended. */
function usualMs({ ended }: Share): number | null {
  return ended.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b)[(ended.length - 1) >> 1] ?? null
}

/** A share of which nothing runs, waits or is owed may be forgotten. */
export function isForgettable(share: Share, nowMs: number): boolean {
  return share.running === 0 && share.waiting === 0 && nowMs - share.seenMs > FORGET_MS
}

/** How long a share counts as being there after its last simulation. */
const PRESENT_MS = 10_000
/** How long debts and means are kept. */
const FORGET_MS = 60_000

export function isPresent(share: Share, nowMs: number): boolean {
  return share.running > 0 || share.waiting > 0 || nowMs - share.seenMs < PRESENT_MS
}

/**
 * Engine time above which a simulation holds others up, in milliseconds. An ordinary swap takes 10 to 50; engines end one at
 * 1,200, and where several share an engine, one may be charged up to 400 of what another did.
 */
const HEAVY_ENGINE_MS = 500

/** Whether it has ended enough for that to be known. */
export function isKnown({ ended }: Share): boolean {
  return ended.length > 1
}

/** Whether more than one of its last simulations was heavy on the engines. One alone may be charged for another's. */
export function isHeavy({ ended }: Share): boolean {
  return ended.filter(({ engineMs }) => engineMs > HEAVY_ENGINE_MS).length > 1
}
