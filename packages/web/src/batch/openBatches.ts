/** A batch that the wallet took and whose transactions are not reported yet. Kept across reloads. */
export interface OpenBatch {
  readonly proposal: string
  /** By which the wallet knows it. */
  readonly id: string
}

const SLOT = 'countersign.batches'

export function openBatches(): readonly OpenBatch[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(SLOT) ?? '[]')
    return Array.isArray(kept) ? (kept as readonly OpenBatch[]) : []
  } catch {
    return []
  }
}

export function keepBatch(batch: OpenBatch): void {
  const others = openBatches().filter(({ proposal }) => proposal !== batch.proposal)
  localStorage.setItem(SLOT, JSON.stringify([...others, batch]))
}

export function forgetBatch(proposal: string): void {
  localStorage.setItem(SLOT, JSON.stringify(openBatches().filter((each) => each.proposal !== proposal)))
}
