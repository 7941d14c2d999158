/** How bad a finding is. `high` and above block by default. */
export type Severity = 'low' | 'medium' | 'high' | 'critical'

/** From mild to grave; the order that gates compare by. */
export const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high', 'critical']

export function isSeverity(text: string): text is Severity {
  return (SEVERITIES as readonly string[]).includes(text)
}

/** Whether `severity` is as bad as `gate`, or worse. */
export function isAtLeast(severity: Severity, gate: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(gate)
}

/** The worst of several, or `none`. */
export function worst(severities: Iterable<Severity>): Severity | 'none' {
  let rank = -1
  for (const severity of severities) rank = Math.max(rank, SEVERITIES.indexOf(severity))
  return SEVERITIES[rank] ?? 'none'
}

/** One step milder or graver, never past the ends. */
export function shift(severity: Severity, steps: number): Severity {
  const at = Math.min(SEVERITIES.length - 1, Math.max(0, SEVERITIES.indexOf(severity) + steps))
  return SEVERITIES[at] as Severity
}
