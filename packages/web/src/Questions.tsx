import { lazy, Suspense, useEffect, useState } from 'react'
import type { SigningRequest } from './testWallet.ts'

// Only the local chain has it.
const TestWalletDialog = lazy(() => import('./TestWalletDialog.tsx').then((own) => ({ default: own.TestWalletDialog })))

/** How the test wallet, which lives outside React, asks for a confirmation. */
export const questions = new EventTarget()
type Question = CustomEvent<{
  readonly request: SigningRequest
  readonly answer: (isConfirmed: boolean) => void
}>

/** Shows what the test wallet asks, one question at a time. */
export function Questions({ nativeSymbol }: { nativeSymbol: string }) {
  const [question, setQuestion] = useState<Question['detail'] | null>(null)
  useEffect(() => {
    const ask = (event: Event): void => setQuestion((event as Question).detail)
    questions.addEventListener('ask', ask)
    return () => questions.removeEventListener('ask', ask)
  }, [])
  if (question === null) return null
  return (
    <Suspense fallback={null}>
      <TestWalletDialog
        request={question.request}
        nativeSymbol={nativeSymbol}
        onAnswer={(isConfirmed) => {
          setQuestion(null)
          question.answer(isConfirmed)
        }}
      />
    </Suspense>
  )
}
