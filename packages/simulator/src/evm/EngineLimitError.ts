import { BaseError } from '@countersign/base'
import { AnswerSizeError } from '../chain/rpc/Rpc.ts'
import { EngineTimeoutError } from './anvil/openEngineSocket.ts'

/**
 * Why a run did not come to its end: the transaction used more processor time or memory than an honest one does; the
 * machine gave it too little of the processor; or it took too long where the system does not tell which of the two it was.
 */
export type EngineLimit = 'exhausted' | 'starved' | 'untold'

/** It took too long or answered too much, rather than that the worker was gone. */
export function isExhaustion(error: unknown): boolean {
  if (error instanceof EngineStarvedError) return false
  if (error instanceof EngineUntoldError) return true
  const cause = error instanceof Error ? error.cause : null
  return [error, cause].some((each) => each instanceof EngineTimeoutError || each instanceof AnswerSizeError)
}

export function whyOf(error: unknown): EngineLimit {
  if (error instanceof EngineStarvedError) return 'starved'
  return error instanceof EngineUntoldError ? 'untold' : 'exhausted'
}

const LIMITS: Readonly<Record<EngineLimit, { message: string; hint: string }>> = {
  exhausted: {
    message: 'The transaction exhausted the simulator.',
    hint: 'Treat it as hostile: no honest transaction needs that much time or memory.',
  },
  starved: {
    message: 'This machine was too busy: the simulation got too little processor time to come to its end.',
    hint: 'Try again in a moment. If it stays so, the operator has to give the server more processor time.',
  },
  untold: {
    message: 'The simulation took too long. Whether the transaction or this machine was slow could not be measured.',
    hint: 'Try again in a moment. If it stays so on a quiet machine, treat the transaction as hostile.',
  },
}

export class EngineLimitError extends BaseError {
  override readonly name = 'simulator.EngineLimitError'
  readonly why: EngineLimit
  constructor(cause: unknown, why: EngineLimit = 'exhausted') {
    const { message, hint } = LIMITS[why]
    super(message, {
      code: why === 'starved' ? 'simulation:engine:busy' : 'simulation:engine:limit',
      kind: why === 'starved' ? 'unavailable' : 'upstream',
      hint,
      cause,
    })
    this.why = why
  }
}

/** The run was given too little of the processor to end: it says something of the machine, and the run is tried again. */
export class EngineStarvedError extends Error {
  override readonly name = 'simulator.EngineStarvedError'
  constructor(usedMs: number, wallMs: number, cause: unknown) {
    super(`it got ${Math.round(usedMs)} ms of the processor in ${wallMs / 1000} s`, { cause })
  }
}

/** The run took too long, by a clock that counts what others use as well. */
export class EngineUntoldError extends Error {
  override readonly name = 'simulator.EngineUntoldError'
  constructor(cause: unknown) {
    super('it took too long, and its processor time is not known', { cause })
  }
}
