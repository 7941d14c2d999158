/**
 * Goes through a generator until it ends, or for `graceMs` after the signal was aborted: a model or a tool that does
 * not listen to the signal holds nothing up. What it still does afterwards finds its turn closed.
 */
export async function* endWith<T>(
  source: AsyncGenerator<T>,
  { signal, graceMs }: { signal: AbortSignal; graceMs: number },
): AsyncGenerator<T> {
  let timer: NodeJS.Timeout | undefined
  let cut: () => void = () => undefined
  let isCut = false
  const begin = (): void => {
    timer = setTimeout(() => {
      isCut = true
      cut()
    }, graceMs)
  }
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin, { once: true })
  try {
    for (;;) {
      const step = await new Promise<IteratorResult<T> | null>((resolve, reject) => {
        cut = () => resolve(null)
        source.next().then(resolve, reject)
      })
      if (step === null || step.done === true) return
      yield step.value
      if (isCut) return
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', begin)
    source.return(undefined).catch(() => undefined)
  }
}
