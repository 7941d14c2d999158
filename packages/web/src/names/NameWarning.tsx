import { around } from '../text/around.ts'
import { confusableIn } from './Name.ts'

/** What of a name can be taken for another one. The address stands beside it wherever it is shown. */
export function NameWarning({ name }: { name: string }) {
  const kind = confusableIn(name)
  return kind === null ? null : (
    <p className="font-semibold text-care" data-testid="name-warning">
      {around().names.confusable[kind]}
    </p>
  )
}
