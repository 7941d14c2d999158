import * as Zone from './Zone.ts'

/** A window of hours on days of the week, in one zone. `outside` is everything that is not in it. */
export interface Hours {
  readonly side: 'inside' | 'outside'
  /** Minutes since local midnight; `to` may be 1440, and lies on the next day where it is not after `from`. */
  readonly from: number
  readonly to: number
  /** 0 is Monday; sorted. */
  readonly days: readonly number[]
  readonly tz: string
}

export const DAY_NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const ALL_DAYS: readonly number[] = [0, 1, 2, 3, 4, 5, 6]

/** Reads `08:00-20:00`. `null` where it is not two times of day that differ. */
export function parseSpan(text: string): { readonly from: number; readonly to: number } | null {
  const [, fromHour, fromMinute, toHour, toMinute] =
    /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? []
  const from = Number(fromHour) * 60 + Number(fromMinute)
  const to = Number(toHour) * 60 + Number(toMinute)
  return Number.isNaN(from + to) || from === to || to > 1_440 ? null : { from, to }
}

/** Reads `mon-fri`, `sat,sun` or `fri-mon`. `null` where it names no days. */
export function parseDays(text: string): readonly number[] | null {
  const days = new Set<number>()
  for (const part of text.split(',')) {
    const [first, last = first, ...more] = part
      .trim()
      .split('-')
      .map((name) => (DAY_NAMES as readonly string[]).indexOf(name))
    if (first === undefined || last === undefined || first < 0 || last < 0 || more.length > 0) return null
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day)
      if (day === last) break
    }
  }
  return [...days].toSorted((a, b) => a - b)
}

export const everyDay = ALL_DAYS

export function formatSpan({ from, to }: Pick<Hours, 'from' | 'to'>): string {
  const clock = (minutes: number): string =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  return `${clock(from)}-${clock(to)}`
}

export function formatDays(days: readonly number[]): string {
  return days.map((day) => DAY_NAMES[day]).join(',')
}

/** Whether an instant lies in the hours. One that goes past midnight belongs to the day on which it began. */
export function holds(hours: Hours, atMs: number): boolean {
  const { minute, weekday } = Zone.localTime(hours.tz, atMs)
  const isOn = (day: number): boolean => hours.days.includes(day)
  const isIn =
    hours.from < hours.to
      ? isOn(weekday) && minute >= hours.from && minute < hours.to
      : (isOn(weekday) && minute >= hours.from) || (isOn((weekday + 6) % 7) && minute < hours.to)
  return isIn === (hours.side === 'inside')
}

/** Every minute of the week in which the hours hold. */
function minutesOf(hours: Hours): boolean[] {
  const week = Array.from({ length: 7 * 1_440 }, () => false)
  const length = hours.from < hours.to ? hours.to - hours.from : hours.to - hours.from + 1_440
  for (const day of hours.days)
    for (let i = 0; i < length; i++) week[(day * 1_440 + hours.from + i) % week.length] = true
  return hours.side === 'inside' ? week : week.map((isIn) => !isIn)
}

/** Whether the first holds at no time at which the second does not. Only hours of one zone can be compared. */
export function isWithin(narrow: Hours, wide: Hours): boolean {
  if (narrow.tz !== wide.tz) return false
  const outer = minutesOf(wide)
  return minutesOf(narrow).every((isIn, minute) => !isIn || outer[minute])
}
