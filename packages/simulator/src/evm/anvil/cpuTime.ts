import { readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second (proc_pid_stat(5); USER_HZ is 100 on every platform that Node runs on). */
const TICK_MS = 10
/** How long readings are kept: longer than any request takes. */
const KEPT = 120

/** The processor time that a process used, as far as the system tells it. */
export interface CpuClock {
  /** Takes a reading. To be called every now and then while something runs. */
  read(): void
  /**
   * Milliseconds of processor time used since then, at least; null where the system does not tell. On a busy machine it is
   * far less than what the clock on the wall says.
   */
  since(startMs: number): number | null
}

/** What a clock said, and when, by the clock of `performance.now()`. */
export interface CpuReading {
  readonly atMs: number
  readonly usedMs: number
}

/** From the first reading after the start: what was used before it is not counted, in favour of who is asked about. */
export function usedSince(readings: readonly CpuReading[], startMs: number, usedMs: number): number {
  const from = readings.find(({ atMs }) => atMs >= startMs)
  return from === undefined ? 0 : usedMs - from.usedMs
}

/** @param nowMs - The clock of `performance.now()`. */
export function createCpuClock(pid: number, nowMs: () => number = () => performance.now()): CpuClock {
  const readings: CpuReading[] = []
  function usedMs(): number | null {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // The name before it may hold anything but ends with the last bracket; utime and stime are fields 14 and 15.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS
    } catch {
      return null
    }
  }
  function read(): void {
    const used = usedMs()
    if (used === null) return
    readings.push({ atMs: nowMs(), usedMs: used })
    if (readings.length > KEPT) readings.shift()
  }
  return {
    read,
    since(startMs) {
      const used = usedMs()
      return used === null ? null : usedSince(readings, startMs, used)
    },
  }
}
