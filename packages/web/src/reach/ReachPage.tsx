import type { OwnerChannel, PublicConfig, Routes } from '@countersign/sdk'
import { useCallback, useEffect, useState, type FormEvent } from 'react'
import { useConnection } from 'wagmi'
import { PageHeader } from '../PageHeader.tsx'
import { Questions } from '../Questions.tsx'
import { around } from '../text/around.ts'
import { useLanguage } from '../text/useLanguage.ts'
import { problemText, useSession, type SessionView } from '../useSession.ts'
import { Account, AccountActions } from '../WalletButton.tsx'
import { canPush, PushRefusedError, subscribeHere } from './pushHere.ts'

type Reached = Routes['GET /api/reach/channels']['answer']

/** Where an owner chooses how they are told that something waits. */
export function ReachPage({ config, hasCookie }: { config: PublicConfig; hasCookie: boolean }) {
  const { address, chainId, isConnected } = useConnection()
  const wallet =
    isConnected && address !== undefined && chainId !== undefined
      ? { address, chain_id: chainId, is_connected: true }
      : null
  const session = useSession(wallet, hasCookie, 'countersign.owner')
  const [problem, setProblem] = useState<string | null>(null)
  useLanguage()
  return (
    <div className="flex min-h-dvh flex-col">
      <PageHeader
        chain={config.chains.find(({ chain_id: id }) => id === chainId) ?? config.chains[0]}
        isLive={null}
        account={<Account session={session} config={config} />}
      >
        <AccountActions session={session} setProblem={setProblem} />
        <a className="button" href="/">
          {around().reach.back}
        </a>
      </PageHeader>
      <main className="mx-auto w-full max-w-2xl flex-1 p-4 md:p-6">
        <h2 className="text-lg font-bold">{around().reach.title}</h2>
        <p className="mt-2 text-quiet">{around().reach.about}</p>
        {problem !== null && (
          <p role="alert" className="mt-4 rounded-lg bg-care-soft px-3 py-2 text-care">
            {problem}
          </p>
        )}
        {session.signedIn === null ? (
          <p className="mt-4" data-testid="reach-waiting">
            {isConnected ? around().reach.signInFirst : around().reach.connectFirst}
          </p>
        ) : (
          <Channels session={session} setProblem={setProblem} />
        )}
      </main>
      <Questions nativeSymbol={config.chains[0]?.native_symbol ?? 'coin'} />
    </div>
  )
}

function Channels({
  session: { client, signedIn },
  setProblem,
}: {
  session: SessionView
  setProblem: (text: string | null) => void
}) {
  const [reached, setReached] = useState<Reached | null>(null)
  const act = useCallback(
    (what: () => Promise<unknown>): void => {
      setProblem(null)
      what()
        .then(() => client.channels())
        .then(setReached)
        .catch((error: unknown) => setProblem(error instanceof PushRefusedError ? error.message : problemText(error)))
    },
    [client, setProblem],
  )
  useEffect(() => act(() => Promise.resolve()), [act, signedIn])
  if (reached === null) return null
  const { offered, channels } = reached
  return (
    <>
      <ul className="mt-4 space-y-3" aria-label={around().reach.channels}>
        {channels.map((channel) => (
          <li key={channel.id} className="rounded-xl border border-line bg-sheet px-4 py-3">
            <ChannelRow
              channel={channel}
              onAmounts={(amounts) => act(() => client.setChannelAmounts(channel.id, amounts))}
              onRemove={() => act(() => client.removeChannel(channel.id))}
            />
          </li>
        ))}
      </ul>
      {channels.length === 0 && <p className="mt-4 text-quiet">{around().reach.none}</p>}
      {offered.mail && <MailForm onAdd={(target) => act(() => client.addChannel({ kind: 'mail', target }))} />}
      {offered.push !== null && canPush() && (
        <button
          type="button"
          className="button mt-4"
          onClick={() =>
            act(async () =>
              client.addChannel({ kind: 'push', target: await subscribeHere(offered.push?.public_key ?? '') }),
            )
          }
        >
          {around().reach.notify}
        </button>
      )}
      {offered.telegram && (
        <ConnectTelegram client={client} setProblem={setProblem} onConnected={() => act(() => Promise.resolve())} />
      )}
      {!offered.mail && !offered.telegram && offered.push === null && (
        <p className="mt-4 text-quiet">{around().reach.noneOffered}</p>
      )}
    </>
  )
}

type WaitingChat = Routes['GET /api/reach/telegram']['answer']['waiting'][number]

/** How often it is asked whether a chat was brought the link, in milliseconds. */
const LOOK_MS = 2_000

/**
 * A link to the bot that carries a one-time code. Its owner opens it: the page opens nothing by itself. Whoever carried it there is named
 * here, and is connected only when the owner says so: a link that got around connects nobody.
 */
function ConnectTelegram({
  client,
  setProblem,
  onConnected,
}: {
  client: SessionView['client']
  setProblem: (text: string | null) => void
  onConnected: () => void
}) {
  const [link, setLink] = useState<Routes['POST /api/reach/telegram']['answer'] | null>(null)
  const [waiting, setWaiting] = useState<readonly WaitingChat[]>([])
  useEffect(() => {
    const look = (): void => {
      // A look that fails is made again.
      client.telegramWaiting().then(setWaiting, () => undefined)
    }
    // Once in any case: the page may have been opened anew on the way back from Telegram.
    look()
    if (link === null) return
    const timer = setInterval(look, LOOK_MS)
    return () => clearInterval(timer)
  }, [client, link])
  const answer = (id: string, connect: boolean): void => {
    setProblem(null)
    client
      .answerTelegram(id, connect)
      .then(() => {
        setWaiting([])
        setLink(null)
        onConnected()
      })
      .catch((error: unknown) => setProblem(problemText(error)))
  }
  const make = (): void => {
    setProblem(null)
    client
      .connectTelegram()
      .then(setLink)
      .catch((error: unknown) => setProblem(problemText(error)))
  }
  return (
    <>
      {link === null ? (
        <button type="button" className="button mt-4 mr-2" onClick={make}>
          {around().reach.telegram}
        </button>
      ) : (
        <p className="mt-4">
          <a className="text-accent underline" href={link.url} target="_blank" rel="noopener noreferrer">
            {around().reach.openBot(link.bot)}
          </a>{' '}
          <span className="text-quiet">{around().reach.openBotAbout}</span>
        </p>
      )}
      {waiting.map((chat) => (
        <div key={chat.id} role="alert" className="mt-4 rounded-xl border border-line bg-sheet px-4 py-3">
          <p>{around().reach.isYourChat}</p>
          <p className="mt-2 font-semibold [overflow-wrap:anywhere]">
            <bdi>{chat.user}</bdi> · {chat.user_id}
          </p>
          <button type="button" className="button mt-3 mr-2" onClick={() => answer(chat.id, true)}>
            {around().reach.connectChat}
          </button>
          <button type="button" className="button mt-3" onClick={() => answer(chat.id, false)}>
            {around().reach.refuseChat}
          </button>
        </div>
      ))}
    </>
  )
}

function ChannelRow({
  channel: { kind, label, amounts, confirmed },
  onAmounts,
  onRemove,
}: {
  channel: OwnerChannel
  onAmounts: (amounts: boolean) => void
  onRemove: () => void
}) {
  const words = around().reach
  const name = words.channel(words.kinds[kind], label)
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <div className="min-w-0">
        <p className="[overflow-wrap:anywhere]">{name}</p>
        {confirmed ? (
          <label className="mt-1 flex min-h-11 items-center gap-2 text-sm text-quiet">
            <input type="checkbox" checked={amounts} onChange={({ target }) => onAmounts(target.checked)} />
            {words.amounts}
          </label>
        ) : (
          <p className="text-sm text-care">{words.unconfirmed}</p>
        )}
      </div>
      <button type="button" className="button" aria-label={words.removeWhich(name)} onClick={onRemove}>
        {words.remove}
      </button>
    </div>
  )
}

function MailForm({ onAdd }: { onAdd: (target: string) => void }) {
  const [target, setTarget] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onAdd(target.trim())
    setTarget('')
  }
  return (
    <form className="mt-4 flex flex-wrap items-end gap-2" onSubmit={submit}>
      <label className="min-w-0 flex-1 basis-60">
        <span className="text-sm text-quiet">{around().reach.mail}</span>
        <input
          type="email"
          required
          autoComplete="email"
          value={target}
          onChange={(event) => setTarget(event.target.value)}
          className="mt-1 block min-h-11 w-full rounded-lg border border-line bg-paper px-3"
        />
      </label>
      <button type="submit" className="button">
        {around().reach.sendConfirmation}
      </button>
    </form>
  )
}
