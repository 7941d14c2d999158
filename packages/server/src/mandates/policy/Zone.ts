/** Local time in an IANA zone, with its days of 23 and 25 hours. All instants are milliseconds since the epoch. */

export interface LocalTime {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  /** Since local midnight by the clock on the wall. */
  readonly minute: number
  /** 0 is Monday. */
  readonly weekday: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(tz: string): Intl.DateTimeFormat {
  let found = formats.get(tz)
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone: tz,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    if (formats.size > 200) formats.clear()
    formats.set(tz, found)
  }
  return found
}

/** The zone as the database of zones spells it, or `null` where it is not known. Bare offsets such as `+02:00` are none. */
export function canonical(tz: string): string | null {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(tz)) return null
  try {
    return formatOf(tz).resolvedOptions().timeZone
  } catch {
    return null
  }
}

export function localTime(tz: string, atMs: number): LocalTime {
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(tz).formatToParts(atMs)) parts[type] = Number(value)
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts
  return {
    year,
    month,
    day,
    minute: hour * 60 + minute,
    weekday: (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7,
  }
}

/**
 * The first instant at which the calendar in a zone shows this day or a later one. Where clocks jump over midnight, the day
 * begins with the first minute that it has. Day and month may be out of range, as `Date.UTC` reads them.
 */
export function startOfDay(tz: string, year: number, month: number, day: number): number {
  const target = Date.UTC(year, month - 1, day)
  const isReached = (atMs: number): boolean => {
    const local = localTime(tz, atMs)
    return Date.UTC(local.year, local.month - 1, local.day) >= target
  }
  // No zone is further from UTC than 15 hours, and none ever jumped back over a midnight that it had passed.
  let before = target - 16 * 3_600_000
  let reached = target + 16 * 3_600_000
  while (reached - before > 1) {
    const middle = Math.floor((before + reached) / 2)
    if (isReached(middle)) reached = middle
    else before = middle
  }
  return reached
}

export type Period = 'day' | 'week' | 'month'

/** The calendar period that holds an instant: from `startMs`, up to and without `endMs`. Weeks begin on Monday. */
export function periodAt(
  tz: string,
  period: Period,
  atMs: number,
): { readonly startMs: number; readonly endMs: number } {
  const key = `${tz} ${period}`
  const known = periods.get(key)
  if (known !== undefined && atMs >= known.startMs && atMs < known.endMs) return known
  const { year, month, day, weekday } = localTime(tz, atMs)
  const found =
    period === 'month'
      ? { startMs: startOfDay(tz, year, month, 1), endMs: startOfDay(tz, year, month + 1, 1) }
      : period === 'week'
        ? { startMs: startOfDay(tz, year, month, day - weekday), endMs: startOfDay(tz, year, month, day - weekday + 7) }
        : { startMs: startOfDay(tz, year, month, day), endMs: startOfDay(tz, year, month, day + 1) }
  if (periods.size > 500) periods.clear()
  periods.set(key, found)
  return found
}

const periods = new Map<string, { readonly startMs: number; readonly endMs: number }>()
