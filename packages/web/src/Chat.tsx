import type { Message, PublicConfig } from '@countersign/sdk'
import { lazy, Suspense, useEffect, useRef, useState, type FormEvent } from 'react'
import { useConnection } from 'wagmi'
import { namesIn } from './names/Name.ts'
import { suggestionsFor } from './suggestions.ts'
import { serverLang, t } from './text/text.ts'
import { toolText } from './toolWords.ts'
import type { SessionView } from './useSession.ts'

// With what reads names, which most messages do not need.
const NamesInMessage = lazy(() => import('./names/NamesInMessage.tsx').then((own) => ({ default: own.NamesInMessage })))

/** Where a message waits that was typed and not sent, across reloads of this tab. */
const DRAFT_SLOT = 'countersign.draft'

/** The conversation. Everything in it is plain text: no markup, no links, no images, whoever wrote it. */
export function Chat({ session, config }: { session: SessionView; config: PublicConfig }) {
  const [text, setText] = useState(() => sessionStorage.getItem(DRAFT_SLOT) ?? '')
  const [isSending, setSending] = useState(false)
  const [isUnsent, setUnsent] = useState(false)
  /** Names in the message that is about to be sent, once the owner has pressed “Send”. */
  const [names, setNames] = useState<readonly string[]>([])
  const { chainId } = useConnection()
  const suggestions = suggestionsFor(config, chainId)
  const end = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // Braces on purpose: browsers now return a promise here, which React would take for a clean-up function.
    end.current?.scrollIntoView({ block: 'end' })
  }, [session.messages.length, session.isProcessing])

  function type(next: string): void {
    setText(next)
    setNames([])
    sessionStorage.setItem(DRAFT_SLOT, next)
  }

  /** The field is emptied when the server has the message, and not before: what was typed is never lost. */
  async function send(message: string): Promise<void> {
    if (message === '' || isSending) return
    setSending(true)
    setUnsent(false)
    const isThere = await session.say(message)
    setSending(false)
    setUnsent(!isThere)
    if (isThere) type('')
  }

  function submit(event: FormEvent): void {
    event.preventDefault()
    const found = namesIn(text)
    if (found.length === 0) void send(text.trim())
    else setNames(found)
  }

  return (
    <section aria-label={t().chat.label} className="flex flex-1 flex-col md:min-h-0">
      <div
        className="flex-1 space-y-3 p-4 md:min-h-0 md:overflow-y-auto"
        role="log"
        aria-live="polite"
        aria-label={t().chat.messages}
        tabIndex={0}
      >
        {session.messages.length === 0 && (
          <Welcome config={config} suggestions={suggestions} onChoose={(text) => void session.say(text)} />
        )}
        {session.messages.map((message, i) => (
          <Line key={i} message={message} />
        ))}
        {session.isProcessing && (
          <p role="status" className="text-sm text-quiet">
            {t().chat.working}
          </p>
        )}
        {session.problem !== null && (
          <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-sm text-bad">
            {session.problem}
            {isUnsent && ` ${t().chat.unsent}`}
          </p>
        )}
        <div ref={end} />
      </div>
      {session.messages.length > 0 && (
        <details className="border-t border-line px-4 py-1 text-sm text-quiet">
          <summary className="min-h-6 cursor-pointer">{t().chat.suggestions}</summary>
          <div className="flex flex-wrap gap-2 py-2">
            <Suggestions suggestions={suggestions} onChoose={type} />
          </div>
        </details>
      )}
      <div className="sticky bottom-0 max-h-[85dvh] overflow-y-auto">
        {names.length > 0 && (
          <Suspense fallback={null}>
            <NamesInMessage
              text={text.trim()}
              names={names}
              config={config}
              chainId={chainId}
              onSend={(whole) => {
                setNames([])
                void send(whole)
              }}
              onCancel={() => setNames([])}
            />
          </Suspense>
        )}
        <form onSubmit={submit} className="flex gap-2 border-t border-line bg-paper p-3 md:p-4">
          <label htmlFor="message" className="sr-only">
            {t().chat.message}
          </label>
          <input
            id="message"
            className="min-h-11 min-w-0 flex-1 rounded-lg border border-line bg-sheet px-3"
            placeholder={suggestions[0]}
            autoComplete="off"
            maxLength={2_000}
            value={text}
            onChange={(event) => type(event.target.value)}
          />
          {session.isProcessing ? (
            <button type="button" className="button" onClick={() => void session.interrupt()}>
              {t().chat.stop}
            </button>
          ) : (
            <button type="submit" className="button border-transparent bg-accent text-on-accent">
              {t().chat.send}
            </button>
          )}
        </form>
      </div>
    </section>
  )
}

/** What stands here before anything was said. */
function Welcome({
  config: { model },
  ...offered
}: {
  config: PublicConfig
  suggestions: readonly string[]
  onChoose: (text: string) => void
}) {
  return (
    <div className="rounded-xl border border-line bg-sheet p-5">
      <h2 className="text-base font-semibold">{t().chat.title}</h2>
      <p className="mt-1 text-quiet">{t().chat.about}</p>
      {model.kind === 'deterministic-grammar' && (
        <p className="mt-2 text-sm text-quiet">{t().chat.grammar(model.id)}</p>
      )}
      <div className="mt-3 flex flex-wrap gap-2">
        <Suggestions {...offered} />
      </div>
    </div>
  )
}

function Suggestions({ suggestions, onChoose }: { suggestions: readonly string[]; onChoose: (text: string) => void }) {
  return suggestions.map((suggestion) => (
    <button
      key={suggestion}
      type="button"
      lang={serverLang()}
      className="button font-normal"
      onClick={() => onChoose(suggestion)}
    >
      {suggestion}
    </button>
  ))
}

function Line({ message }: { message: Message }) {
  if (message.tool_result !== null) {
    const [tool, result] = message.tool_result
    return (
      <details className="text-sm text-quiet">
        <summary className="cursor-pointer">{toolText(tool)}</summary>
        <pre
          className="mt-1 max-h-56 overflow-auto rounded-lg bg-sheet p-3 text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
          tabIndex={0}
        >
          {result}
        </pre>
      </details>
    )
  }
  if (message.sender === 'system')
    return (
      <p className="text-sm text-quiet [overflow-wrap:anywhere]" lang={serverLang()}>
        {message.content.replace(/^\[wallet\] /, '')}
      </p>
    )
  const isUser = message.sender === 'user'
  return (
    <div className={isUser ? 'flex justify-end' : 'flex'}>
      <p
        className={`max-w-[85%] rounded-xl px-3.5 py-2 whitespace-pre-wrap [overflow-wrap:anywhere] ${isUser ? 'bg-accent text-on-accent' : 'border border-line bg-sheet'}`}
      >
        <span className="sr-only">{isUser ? t().chat.you : t().chat.agent}</span>
        <span lang={isUser ? undefined : serverLang()}>{message.content}</span>
      </p>
    </div>
  )
}
