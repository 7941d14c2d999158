import type { Message, PublicConfig } from '@countersign/sdk'
import { useEffect, useRef, useState, type FormEvent } from 'react'
import type { SessionView } from './useSession.ts'

/** What to try first, in the coin of the chain that is served. */
function suggestions({ chains, tokens }: PublicConfig): readonly [string, ...string[]] {
  const coin = chains[0]?.native?.symbol ?? null
  const hasDollars = tokens.some((token) => token.chain_id === chains[0]?.chain_id && token.symbol === 'USDC')
  const trades = coin === null || coin === 'USDC' || !hasDollars ? [] : [`swap 1 ${coin} for USDC`]
  const prices = trades.length === 0 ? [] : [`price of ${coin}`]
  const [trade] = trades
  const others = ['what is my balance?', ...prices, 'help'] as const
  return trade === undefined ? others : [trade, ...others]
}

/** The conversation. Everything in it is plain text: no markup, no links, no images, whoever wrote it. */
export function Chat({ session, config }: { session: SessionView; config: PublicConfig }) {
  const [text, setText] = useState('')
  const end = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // Braces on purpose: browsers now return a promise here, which React would take for a clean-up function.
    end.current?.scrollIntoView({ block: 'end' })
  }, [session.messages.length, session.isProcessing])

  function submit(event: FormEvent): void {
    event.preventDefault()
    const message = text.trim()
    if (message === '') return
    setText('')
    void session.say(message)
  }

  return (
    <section aria-label="Conversation" className="flex flex-1 flex-col md:min-h-0">
      <div
        className="flex-1 space-y-3 p-4 md:min-h-0 md:overflow-y-auto"
        role="log"
        aria-live="polite"
        aria-label="Messages"
        tabIndex={0}
      >
        {session.messages.length === 0 && (
          <div className="rounded-xl border border-line bg-sheet p-5">
            <h2 className="text-base font-semibold">Say what you want to do</h2>
            <p className="mt-1 text-quiet">
              The agent may only propose. Everything it proposes is simulated on a fork of the chain and shown to you;
              nothing happens unless your own wallet signs it.
            </p>
            {config.model.kind === 'deterministic-grammar' && (
              <p className="mt-2 text-sm text-quiet">
                Model: {config.model.id}, a grammar for plain sentences. Not an LLM.
              </p>
            )}
            <div className="mt-3 flex flex-wrap gap-2">
              {suggestions(config).map((suggestion) => (
                <button
                  key={suggestion}
                  type="button"
                  className="button font-normal"
                  onClick={() => void session.say(suggestion)}
                >
                  {suggestion}
                </button>
              ))}
            </div>
          </div>
        )}
        {session.messages.map((message, i) => (
          <Line key={i} message={message} />
        ))}
        {session.isProcessing && (
          <p role="status" className="text-sm text-quiet">
            Working…
          </p>
        )}
        {session.problem !== null && (
          <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-sm text-bad">
            {session.problem}
          </p>
        )}
        <div ref={end} />
      </div>
      <form onSubmit={submit} className="sticky bottom-0 flex gap-2 border-t border-line bg-paper p-3 md:p-4">
        <label htmlFor="message" className="sr-only">
          Message
        </label>
        <input
          id="message"
          className="min-h-11 min-w-0 flex-1 rounded-lg border border-line bg-sheet px-3"
          placeholder={suggestions(config)[0]}
          autoComplete="off"
          maxLength={2_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {session.isProcessing ? (
          <button type="button" className="button" onClick={() => void session.interrupt()}>
            Stop
          </button>
        ) : (
          <button type="submit" className="button border-transparent bg-accent text-on-accent">
            Send
          </button>
        )}
      </form>
    </section>
  )
}

function Line({ message }: { message: Message }) {
  if (message.tool_result !== null) {
    const [tool, result] = message.tool_result
    return (
      <details className="text-sm text-quiet">
        <summary className="cursor-pointer">Used {tool}</summary>
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
    return <p className="text-sm text-quiet [overflow-wrap:anywhere]">{message.content.replace(/^\[wallet\] /, '')}</p>
  const isUser = message.sender === 'user'
  return (
    <div className={isUser ? 'flex justify-end' : 'flex'}>
      <p
        className={`max-w-[85%] rounded-xl px-3.5 py-2 whitespace-pre-wrap [overflow-wrap:anywhere] ${isUser ? 'bg-accent text-on-accent' : 'border border-line bg-sheet'}`}
      >
        <span className="sr-only">{isUser ? 'You: ' : 'Agent: '}</span>
        {message.content}
      </p>
    </div>
  )
}
