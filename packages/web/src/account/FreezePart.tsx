import { CountersignError } from '@countersign/sdk'
import { useEffect, useState } from 'react'
import { useConnectorClient } from 'wagmi'
import { around } from '../text/around.ts'
import { t } from '../text/text.ts'
import { useLanguage } from '../text/useLanguage.ts'
import { problemText, type SessionView } from '../useSession.ts'
import { useSignIn } from '../WalletButton.tsx'
import { walletErrorText } from '../words.ts'
import { activeText, byState, outstandingOf, resultOf, type Frozen, type Mandate } from './Freeze.ts'

/** What agents may do without asking, the button that stops it, and the way back, which needs the owner's signature. */
export function FreezePart({ session }: { session: SessionView }) {
  const { client, signedIn } = session
  const [mandates, setMandates] = useState<readonly Mandate[] | null>(null)
  const [step, setStep] = useState<'idle' | 'asking' | 'busy'>('idle')
  const [frozen, setFrozen] = useState<Frozen | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const signIn = useSignIn(session, setProblem)
  const wallet = useConnectorClient()
  useLanguage()
  const words = around().freeze

  useEffect(() => {
    if (signedIn === null) return
    let isCurrent = true
    client.ask('GET /api/mandates', {}).then(
      (all) => isCurrent && setMandates(all),
      (error: unknown) => isCurrent && setProblem(problemText(error)),
    )
    return () => {
      isCurrent = false
    }
  }, [client, signedIn, frozen])

  async function attempt(what: () => Promise<void>): Promise<void> {
    setStep('busy')
    setProblem(null)
    try {
      await what()
    } catch (error) {
      setProblem(error instanceof CountersignError ? problemText(error) : walletErrorText(error))
    } finally {
      setStep('idle')
    }
  }
  const freeze = () =>
    attempt(async () => {
      setFrozen(null)
      setFrozen(await client.ask('POST /api/freeze', { body: { all: true, reason: 'the freeze button of the page' } }))
    })
  const unfreeze = ({ id }: Mandate) =>
    attempt(async () => {
      if (wallet.data === undefined || signedIn === null) throw new Error(words.connectFirst)
      const route = 'POST /api/mandates/{id}/unfreeze'
      const asked = await client.ask(route, { params: { id }, body: {} })
      if (!('draft' in asked)) throw new Error(words.noDocument)
      const signature = await wallet.data.request({
        method: 'eth_signTypedData_v4',
        params: [signedIn as `0x${string}`, JSON.stringify(asked.typed_data)],
      })
      await client.ask(route, { params: { id }, body: { draft: asked.draft, signature } })
      setFrozen(null)
      setMandates(await client.ask('GET /api/mandates', {}))
    })

  if (signedIn === null)
    return (
      <>
        <p>{words.signInFirst}</p>
        {signIn !== null && (
          <button type="button" className="button mt-2" onClick={signIn}>
            {t().page.signIn}
          </button>
        )}
        <Problem text={problem} />
      </>
    )
  return (
    <>
      <p className="[overflow-wrap:anywhere]">{mandates === null ? around().reading : activeText(mandates)}</p>
      {step === 'asking' ? (
        <div className="mt-2 rounded-lg bg-bad-soft px-3 py-2" role="group" aria-labelledby="freeze-title">
          <p id="freeze-title" className="font-semibold">
            {words.question}
          </p>
          <ul className="mt-1 list-disc space-y-1 pl-5 text-sm">
            {words.stops.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
          <div className="mt-2 flex flex-wrap gap-2.5">
            <button type="button" className="button flex-1" onClick={() => setStep('idle')}>
              {around().cancel}
            </button>
            <button
              type="button"
              className="button flex-1 border-transparent bg-bad text-sheet"
              onClick={() => void freeze()}
            >
              {words.now}
            </button>
          </div>
        </div>
      ) : (
        <button
          type="button"
          className="button mt-2 text-bad"
          disabled={step === 'busy'}
          onClick={() => setStep('asking')}
        >
          {words.all}
        </button>
      )}
      <div role="status">
        {step === 'busy' && <p className="mt-2">{words.waiting}</p>}
        {frozen !== null && <Result frozen={frozen} />}
      </div>
      <Problem text={problem} />
      <Frozens mandates={mandates ?? []} isBusy={step !== 'idle'} onUnfreeze={(each) => void unfreeze(each)} />
    </>
  )
}

function Result({ frozen }: { frozen: Frozen }) {
  const { isComplete, text } = resultOf(frozen)
  const outstanding = outstandingOf(frozen)
  return (
    <div className={`mt-2 rounded-lg px-3 py-2 ${isComplete ? 'bg-good-soft' : 'bg-bad-soft'}`} data-testid="frozen">
      <p className="font-semibold">{text}</p>
      {outstanding.length > 0 && (
        <>
          <p className="mt-1">{around().freeze.outstanding}</p>
          <ul className="list-disc pl-5 text-sm [overflow-wrap:anywhere]">
            {outstanding.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

/** The mandates that are frozen, each with the way back. */
function Frozens({
  mandates,
  isBusy,
  onUnfreeze,
}: {
  mandates: readonly Mandate[]
  isBusy: boolean
  onUnfreeze: (mandate: Mandate) => void
}) {
  const { frozen } = byState(mandates)
  if (frozen.length === 0) return null
  return (
    <>
      <ul className="mt-2 space-y-2">
        {frozen.map((each) => (
          <li key={each.id} className="flex flex-wrap items-center justify-between gap-2">
            <strong className="min-w-0 [overflow-wrap:anywhere]">{around().freeze.isFrozen(each.name)}</strong>
            <button type="button" className="button" disabled={isBusy} onClick={() => onUnfreeze(each)}>
              {around().freeze.unfreeze(each.name)}
            </button>
          </li>
        ))}
      </ul>
      <p className="mt-1 text-sm text-quiet">{around().freeze.howToUnfreeze}</p>
    </>
  )
}

function Problem({ text }: { text: string | null }) {
  if (text === null) return null
  return (
    <p role="alert" className="mt-2 text-sm text-bad">
      {text}
    </p>
  )
}
