import type { PublicConfig } from '@countersign/sdk'
import { useEffect, useState } from 'react'
import { useConnection, useSwitchChain } from 'wagmi'
import { Dialog } from './Dialog.tsx'
import { around } from './text/around.ts'
import { useLanguage } from './text/useLanguage.ts'
import { problemText, type SessionView } from './useSession.ts'
import { walletErrorText } from './words.ts'

/** On which chain, with which model and for which app this conversation speaks; each can be changed where there is a choice. */
export function SetupDialog({
  session: { client },
  config,
  onClose,
}: {
  session: SessionView
  config: PublicConfig
  onClose: () => void
}) {
  const { chainId, isConnected } = useConnection()
  const switchChain = useSwitchChain()
  const [models, setModels] = useState<readonly string[]>([])
  const [model, setModel] = useState(config.model.id)
  const [problem, setProblem] = useState<string | null>(null)
  useLanguage()
  const words = around().setup

  useEffect(() => {
    Promise.all([
      client.ask('GET /api/session/models', {}),
      // Before its first message a conversation is not there, and speaks with the model of its app.
      client.session(client.sessionId).catch(() => null),
    ]).then(
      ([all, own]) => {
        setModels(all)
        setModel(own?.model ?? config.model.id)
      },
      (error: unknown) => setProblem(problemText(error)),
    )
  }, [client, config])

  function chooseModel(id: string): void {
    setProblem(null)
    client.ask('POST /api/session/model', { body: { rig: id, app: config.app } }).then(
      () => setModel(id),
      (error: unknown) => setProblem(problemText(error)),
    )
  }

  function chooseChain(id: number): void {
    setProblem(null)
    switchChain.mutateAsync({ chainId: id }).catch((error: unknown) => setProblem(walletErrorText(error)))
  }

  const served = config.chains.some((chain) => chain.chain_id === chainId)
  return (
    <Dialog
      title={words.title}
      titleId="setup-title"
      onClose={onClose}
      foot={(close) => (
        <button type="button" className="button flex-1" onClick={close}>
          {around().close}
        </button>
      )}
    >
      <Choice
        title={words.chain}
        about={isConnected ? (served ? words.chainAbout : words.chainElsewhere) : words.connectFirst}
        options={config.chains.map((chain) => ({
          id: String(chain.chain_id),
          name: chain.name,
          isChosen: isConnected && chain.chain_id === chainId,
        }))}
        isOpen={isConnected}
        onChoose={(id) => chooseChain(Number(id))}
      />
      <Choice
        title={words.model}
        about={models.length > 1 ? words.modelAbout : words.modelOnly}
        options={models.map((id) => ({ id, name: id, isChosen: id === model }))}
        isOpen={models.length > 1}
        onChoose={chooseModel}
      />
      <h3 className="mt-5 font-semibold">{words.app}</h3>
      <p className="mt-1 [overflow-wrap:anywhere]">{config.app}</p>
      <p className="text-sm text-quiet">{words.appAbout}</p>
      {problem !== null && (
        <p role="alert" className="mt-3 text-sm text-bad">
          {problem}
        </p>
      )}
    </Dialog>
  )
}

/** One of several, as buttons: the chosen one is marked in words, and pressing it changes nothing. */
function Choice({
  title,
  about,
  options,
  isOpen,
  onChoose,
}: {
  title: string
  about: string
  options: readonly { readonly id: string; readonly name: string; readonly isChosen: boolean }[]
  isOpen: boolean
  onChoose: (id: string) => void
}) {
  return (
    <section aria-label={title}>
      <h3 className="mt-5 font-semibold">{title}</h3>
      <p className="mt-1 text-sm text-quiet">{about}</p>
      <ul className="mt-2 space-y-2">
        {options.map(({ id, name, isChosen }) => (
          <li key={id}>
            <button
              type="button"
              className="button flex w-full flex-wrap items-center justify-between gap-x-4 text-left font-normal"
              aria-current={isChosen}
              disabled={!isOpen}
              onClick={() => !isChosen && onChoose(id)}
            >
              <span className="[overflow-wrap:anywhere]">{name}</span>
              {isChosen && <span className="text-sm text-quiet">{around().setup.chosen}</span>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
