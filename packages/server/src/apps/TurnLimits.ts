/** How much one turn may do, whatever its model wants (`limits` of an app). */
export interface TurnLimits {
  /** Model calls, tool results included. */
  readonly stepsPerTurn: number
  /** How often one tool runs. */
  readonly callsPerTool: number
  /** From its start to its last word. Milliseconds. */
  readonly turnMs: number
  /** Tool calls in all. */
  readonly callsPerTurn: number
  /** What the model writes: text, thoughts and arguments of tools. Characters. */
  readonly answerLength: number
  /** What one tool may answer, as JSON. Characters. */
  readonly resultLength: number
}

export const DEFAULT_TURN_LIMITS: TurnLimits = {
  stepsPerTurn: 8,
  callsPerTool: 4,
  turnMs: 60_000,
  callsPerTurn: 24,
  answerLength: 64_000,
  resultLength: 65_536,
}
