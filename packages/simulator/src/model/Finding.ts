/** The worst finding decides: `block` never becomes signable, `warn` needs the owner's explicit look. */
export type Verdict = 'allow' | 'warn' | 'block'

export interface Finding {
  /** Rule name, such as `approval-unlimited`. Its meaning never changes. */
  readonly rule: string
  readonly level: 'info' | 'warn' | 'block'
  readonly title: string
  readonly because: string
  /** One plain sentence: what to do about it. */
  readonly remediation?: string
  readonly step: number | null
  readonly subject: string | null
  readonly evidence: Readonly<Record<string, unknown>>
}

export interface NotChecked {
  readonly what: string
  readonly why: string
}
