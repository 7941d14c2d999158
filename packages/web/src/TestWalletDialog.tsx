import { useEffect, useRef } from 'react'
import { formatEther } from 'viem'
import type { SigningRequest } from './testWallet.ts'

/** The test wallet's own question, in its own colours, so that nobody takes it for the page or for a real wallet. */
export function TestWalletDialog({
  request,
  nativeSymbol,
  onAnswer,
}: {
  request: SigningRequest
  nativeSymbol: string
  onAnswer: (isConfirmed: boolean) => void
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      lang="en"
      ref={dialog}
      aria-labelledby="wallet-title"
      className="m-auto w-[min(28rem,calc(100vw-2rem))] rounded-xl border-2 border-care bg-sheet p-5 text-ink"
      onCancel={(event) => {
        event.preventDefault()
        onAnswer(false)
      }}
    >
      <p className="text-sm font-semibold text-care">Test wallet · local chain only · no real money</p>
      <h2 id="wallet-title" className="mt-1 text-lg font-semibold">
        {questionOf(request)}
      </h2>
      {request.kind === 'transaction' ? (
        <Transaction request={request} nativeSymbol={nativeSymbol} />
      ) : (
        <pre className="address mt-3 max-h-64 overflow-auto whitespace-pre-wrap text-sm" tabIndex={0}>
          {request.kind === 'message'
            ? request.text
            : JSON.stringify({ domain: request.document.domain, message: request.document.message }, null, 2)}
        </pre>
      )}
      <div className="mt-5 flex gap-3">
        <button type="button" className="button flex-1" onClick={() => onAnswer(false)}>
          Reject in wallet
        </button>
        <button
          type="button"
          className="button flex-1 border-transparent bg-care text-sheet"
          onClick={() => onAnswer(true)}
        >
          Sign
        </button>
      </div>
    </dialog>
  )
}

function questionOf(request: SigningRequest): string {
  switch (request.kind) {
    case 'transaction':
      return 'Sign this transaction?'
    case 'document':
      return `Sign this ${request.document.primaryType}?`
    case 'message':
      return 'Sign this text?'
  }
}

function Transaction({
  request,
  nativeSymbol,
}: {
  request: Extract<SigningRequest, { kind: 'transaction' }>
  nativeSymbol: string
}) {
  return (
    <dl className="mt-3 space-y-2 text-sm">
      <div>
        <dt className="text-quiet">To</dt>
        <dd className="address">{request.to ?? 'a new contract'}</dd>
      </div>
      <div>
        <dt className="text-quiet">Value</dt>
        <dd>
          {formatEther(request.value)} {nativeSymbol}
        </dd>
      </div>
      <div>
        <dt className="text-quiet">Data</dt>
        <dd className="address max-h-28 overflow-y-auto" tabIndex={0}>
          {request.data}
        </dd>
      </div>
      {request.gas !== null && (
        <div>
          <dt className="text-quiet">Gas limit</dt>
          <dd className="tabular-nums">{request.gas.toString()}</dd>
        </div>
      )}
    </dl>
  )
}
