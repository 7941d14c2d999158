/** Where a clause ends, for patterns that look at what stands before a place. */
const STOPS = '.!?\n'

/**
 * The end of a text without a stop in it, at most `max` characters: what `/[^.!?\n]{0,max}$/` finds, looked for from the end.
 * The pattern tries every place of the text first.
 */
export function lastClause(text: string, max: number): string {
  return text.slice(clauseStart(text, text.length, max))
}

/** The same before up to two marks that end it: what `/[^.!?\n]{0,max}[.!?:]{0,2}$/` finds. */
export function lastClauseWithMarks(text: string, max: number): string {
  let start = clauseStart(text, text.length, max)
  for (
    let marks = 1;
    marks <= 2 && marks <= text.length && '.!?:'.includes(text.charAt(text.length - marks));
    marks += 1
  )
    start = Math.min(start, clauseStart(text, text.length - marks, max))
  return text.slice(start)
}

function clauseStart(text: string, end: number, max: number): number {
  const first = Math.max(0, end - max)
  let at = end
  while (at > first && !STOPS.includes(text.charAt(at - 1))) at -= 1
  return at
}
