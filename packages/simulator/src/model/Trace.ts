/** A frame of `callTracer` as nodes give it. */
export interface RawFrame {
  readonly type: string
  readonly from: string
  readonly to?: string
  readonly value?: string
  readonly gas?: string
  readonly gasUsed?: string
  readonly input?: string
  readonly output?: string
  readonly error?: string
  readonly revertReason?: string
  readonly calls?: readonly RawFrame[]
  readonly logs?: readonly {
    readonly address: string
    readonly topics: readonly string[]
    readonly data: string
    readonly position?: string
    readonly index?: string
  }[]
}
