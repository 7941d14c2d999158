import { useCallback, useEffect, useState } from 'react'
import { asError } from './ask.ts'

/** What a view reads: nothing yet, the value, or why there is none. */
export interface Loaded<T> {
  readonly value: T | null
  readonly problem: Error | null
  readonly reload: () => void
}

/** Reads when a view opens, when what it is about changes, and when asked to. A late answer to an earlier question is dropped. */
export function useLoad<T>(load: () => Promise<T>, about: string): Loaded<T> {
  const [state, setState] = useState<{ about: string; value: T | null; problem: Error | null }>({
    ...{ about, value: null, problem: null },
  })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    let isCurrent = true
    load().then(
      (value) => isCurrent && setState({ about, value, problem: null }),
      (error: unknown) => isCurrent && setState({ about, value: null, problem: asError(error) }),
    )
    return () => {
      isCurrent = false
    }
    // `about` names everything that `load` depends on.
  }, [about, turn])
  const reload = useCallback(() => setTurn((before) => before + 1), [])
  return state.about === about ? { ...state, reload } : { value: null, problem: null, reload }
}
