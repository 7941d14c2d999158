/** Whether a skill stands in the model's instructions, or why it does not. */
export interface SkillState {
  /** The last part of its path. */
  readonly name: string
  readonly state: 'loaded' | 'unscanned' | 'changed' | 'failing'
  readonly because: string | null
}
