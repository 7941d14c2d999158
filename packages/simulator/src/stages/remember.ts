import type { Memory } from '../memory/Memory.ts'
import type { Found } from './Found.ts'
import type { Job } from './Stage.ts'

/** Leaves what was learned for the next simulations. Only after the closure check, and never what was disowned. */
export function remember(memory: Memory, job: Job, found: Found): void {
  const run = found.get('execute')
  const reading = found.get('parties')
  if (run === null || reading === null || job.engine.kind === 'node') return
  if ((found.get('proofs') ?? []).length > 0) return
  const gasLimits = run.steps.map((step) => ('refused' in step ? undefined : step.gasLimit))
  const asked = (found.get('effects')?.blockHashesAsked ?? []).flatMap((number) => {
    const hash = job.env.blockHashes.get(number)
    return hash === undefined ? [] : [[number, hash] as const]
  })
  memory.whole.set(job.key, { access: reading, runTouched: run.touched, gasLimits, blockHashes: new Map(asked) })
  memory.requestAccess.set(job.digest, reading)
  memory.shapeAccess.set(job.request, reading)
  memory.shapeGas.set(
    job.request,
    gasLimits.map((limit) => limit ?? 0n),
  )
}
