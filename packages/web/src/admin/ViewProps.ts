import type { OperatorSelf } from '@countersign/sdk'

/** What every view of the dashboard is handed. */
export interface ViewProps {
  /** The app that the view is about. */
  readonly app: string
  readonly self: OperatorSelf
  /** Reads again who is signed in. */
  readonly onChange: () => void
}
