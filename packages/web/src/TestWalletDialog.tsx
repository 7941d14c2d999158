import { useEffect, useRef } from 'react'
import { formatEther } from 'viem'
import { around } from './text/around.ts'
import { useLanguage } from './text/useLanguage.ts'
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
  useLanguage()
  const words = around().testWallet
  return (
    <dialog
      ref={dialog}
      aria-labelledby="wallet-title"
      className="panel w-[min(28rem,calc(100vw-2rem))] border-2 border-care"
      onCancel={(event) => {
        event.preventDefault()
        onAnswer(false)
      }}
    >
      <p className="text-sm font-semibold text-care">{words.mark}</p>
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
      <div className="panel-foot">
        <button type="button" className="button flex-1" onClick={() => onAnswer(false)}>
          {words.reject}
        </button>
        <button
          type="button"
          className="button flex-1 border-transparent bg-care text-sheet"
          onClick={() => onAnswer(true)}
        >
          {words.sign}
        </button>
      </div>
    </dialog>
  )
}

function questionOf(request: SigningRequest): string {
  switch (request.kind) {
    case 'transaction':
      return around().testWallet.transaction
    case 'document':
      return around().testWallet.document(request.document.primaryType)
    case 'message':
      return around().testWallet.text
  }
}

function Transaction({
  request,
  nativeSymbol,
}: {
  request: Extract<SigningRequest, { kind: 'transaction' }>
  nativeSymbol: string
}) {
  const words = around().testWallet
  return (
    <dl className="mt-3 space-y-2 text-sm">
      <div>
        <dt className="text-quiet">{words.to}</dt>
        <dd className="address">{request.to ?? words.newContract}</dd>
      </div>
      <div>
        <dt className="text-quiet">{words.value}</dt>
        <dd>
          {formatEther(request.value)} {nativeSymbol}
        </dd>
      </div>
      <div>
        <dt className="text-quiet">{words.data}</dt>
        <dd className="address max-h-28 overflow-y-auto" tabIndex={0}>
          {request.data}
        </dd>
      </div>
      {request.gas !== null && (
        <div>
          <dt className="text-quiet">{words.gasLimit}</dt>
          <dd className="tabular-nums">{request.gas.toString()}</dd>
        </div>
      )}
    </dl>
  )
}
