import { CountersignError, type AnyProposal, type ProvenanceSource } from '@countersign/sdk'
import { useId, useState, type FormEvent, type ReactNode, type Ref } from 'react'
import { useConnectorClient } from 'wagmi'
import { stepUpDocument } from './stepUpDocument.ts'
import { problemText, type SessionView } from './useSession.ts'
import { walletErrorText } from './words.ts'
import { serverLang, t } from './text/text.ts'

/** What may be taken for a good origin without a second look. */
const QUIET: readonly ProvenanceSource[] = ['user', 'registry', 'app', 'ledger']

/** Where each argument came from. What the model made up is said in those words. */
export function Origin({ proposal }: { proposal: AnyProposal }) {
  if (proposal.provenance.length === 0) return null
  return (
    <ul className="text-sm" data-testid="origin">
      {proposal.provenance.map(({ argument, value, source, at, from }, i) => (
        <li key={`${argument}${i}`} className="flex flex-wrap gap-x-2">
          <span className="text-quiet">{nameOf(argument)}</span>
          <span className="[overflow-wrap:anywhere]">{quoted(value)}</span>
          <span className={QUIET.includes(source) ? 'text-quiet' : 'font-semibold text-care'}>
            ({t().stepUp.sources[source]}
            {at === undefined ? '' : `, ${at.slice(0, 10)}`}
            {from === undefined ? '' : `, ${quoted(from)}`})
          </span>
        </li>
      ))}
    </ul>
  )
}

/** An address, a number or a word as it is; everything else is somebody's text, and stands in quotation marks. */
function quoted(value: string): string {
  return /^(?:0x[0-9a-fA-F]+|[\d.]+|[A-Za-z0-9_.]{1,20})$/.test(value) ? value : `“${value.replace(/[“”]/g, '"')}”`
}

function nameOf(argument: string): string {
  return argument === '' ? t().stepUp.tool : argument
}

/**
 * Asks for every value that is not the owner's, typed by hand or signed by the wallet that signed in, before anything may
 * be done. Nothing is filled in: who only clicks has compared nothing.
 */
export function StepUp({
  proposal,
  session,
  setProblem,
  form,
  children,
}: {
  proposal: AnyProposal
  session: SessionView
  setProblem: (text: string | null) => void
  form: Ref<HTMLFormElement>
  /** Further buttons. */
  children?: ReactNode
}) {
  const id = useId()
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const [isBusy, setBusy] = useState(false)
  const wallet = useConnectorClient()
  const document = stepUpDocument(proposal)
  const account = session.signedIn
  const canSign =
    document !== null && account !== null && wallet.data?.account.address.toLowerCase() === account.toLowerCase()
  const isComplete = proposal.questions.every(({ argument }) => (typed[argument] ?? '').trim() !== '')

  async function confirm(event: FormEvent): Promise<void> {
    event.preventDefault()
    setProblem(null)
    setBusy(true)
    const values = Object.fromEntries(
      proposal.questions.map(({ argument }) => [argument, (typed[argument] ?? '').trim()]),
    )
    await session.client
      .confirm(proposal.id, proposal.digest ?? '', values)
      .then(session.accept, async (error: unknown) => {
        setProblem(problemText(error))
        // The fifth wrong answer ends it.
        await session.client.proposal(proposal.id).then(session.accept, () => undefined)
      })
    setBusy(false)
  }

  async function sign(): Promise<void> {
    if (document === null || account === null || wallet.data === undefined) return
    setProblem(null)
    setBusy(true)
    try {
      const signature = await wallet.data.request({
        method: 'eth_signTypedData_v4',
        params: [account as `0x${string}`, document],
      })
      session.accept(await session.client.confirmSigned(proposal.id, proposal.digest ?? '', signature))
    } catch (error) {
      setProblem(error instanceof CountersignError ? problemText(error) : walletErrorText(error))
    }
    setBusy(false)
  }

  async function reject(): Promise<void> {
    setProblem(null)
    await session.client.reject(proposal.id).then(session.accept, (error: unknown) => setProblem(problemText(error)))
  }

  return (
    <form
      ref={form}
      onSubmit={(event) => void confirm(event)}
      className="rounded-b-xl border-t border-line bg-sheet px-4 pt-3 pb-4 md:sticky md:bottom-0 md:max-h-[55vh] md:overflow-y-auto md:px-5"
      data-testid="step-up"
      aria-labelledby={`${id}-title`}
      autoComplete="off"
    >
      <h3 id={`${id}-title`} className="text-sm font-semibold">
        {t().stepUp.title}
      </h3>
      {proposal.questions.map(({ argument, value, because }) => (
        <div key={argument} className="mt-3">
          <label htmlFor={`${id}${argument}`} className="block text-sm">
            <span className="text-quiet">{nameOf(argument)}</span>{' '}
            <strong className="font-mono [overflow-wrap:anywhere] select-none">{quoted(value)}</strong>
            <span className="block text-care" lang={serverLang()}>
              {because}
            </span>
          </label>
          <input
            id={`${id}${argument}`}
            className="mt-1 min-h-11 w-full rounded-lg border border-line bg-sheet px-3 font-mono text-sm"
            value={typed[argument] ?? ''}
            onChange={(event) => setTyped({ ...typed, [argument]: event.target.value })}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            name={argument === '' ? 'tool' : argument}
          />
        </div>
      ))}
      <div className="mt-4 flex flex-wrap justify-end gap-3">
        {children}
        <button type="button" className="button min-w-40 flex-1" onClick={() => void reject()} disabled={isBusy}>
          {t().buttons.reject}
        </button>
        {canSign && (
          <button type="button" className="button min-w-40 flex-1" onClick={() => void sign()} disabled={isBusy}>
            {t().stepUp.sign}
          </button>
        )}
        <button
          type="submit"
          className="button min-w-40 flex-1 border-transparent bg-accent text-on-accent"
          disabled={!isComplete || isBusy}
        >
          {t().stepUp.confirm}
        </button>
      </div>
    </form>
  )
}
