/** The name of one turn: it says which process runs it, so that others can tell whether it still does. */
export function make(instanceId: string, random: string): string {
  return `turn_${instanceId}_${random}`
}

/** The process that runs a turn; null for turns from before they said so. */
export function instanceOf(turnId: string): string | null {
  return /^turn_([0-9a-f]+)_/.exec(turnId)?.[1] ?? null
}
