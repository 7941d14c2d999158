/** How often what is being written is shown, at most. Milliseconds. */
const SHOW_MS = 100
/** A text that has grown by less than a part of itself waits longer: what is shown is always the whole text. */
const GROWTH = 16
const SHOW_AT_LATEST_MS = 500

/**
 * Text while a model writes it. Each time it is shown whole, as published clients expect, so it is shown seldom: by
 * time, and only when it has grown by a part of itself. However small the pieces come, what is sent for one answer
 * stays below a few times its length a second.
 */
export class Speech {
  #text = ''
  #shownLength = 0
  #shownMs = Number.NEGATIVE_INFINITY

  get text(): string {
    return this.#text
  }
  /** Adds a piece; true when it is time to show the text. */
  add(piece: string, nowMs: number): boolean {
    this.#text += piece
    const sinceMs = nowMs - this.#shownMs
    if (sinceMs < SHOW_MS) return false
    const grown = this.#text.length - this.#shownLength
    if (grown * GROWTH < this.#text.length && sinceMs < SHOW_AT_LATEST_MS) return false
    this.#shownMs = nowMs
    this.#shownLength = this.#text.length
    return true
  }
  clear(): void {
    this.#text = ''
    this.#shownLength = 0
  }
}
