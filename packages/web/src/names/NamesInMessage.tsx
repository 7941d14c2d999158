import type { PublicConfig } from '@countersign/sdk'
import { useEffect, useId, useState } from 'react'
import { FullAddress } from '../card/Figure.tsx'
import { around } from '../text/around.ts'
import { useLanguage } from '../text/useLanguage.ts'
import { withAddress } from './Name.ts'
import { NameWarning } from './NameWarning.tsx'
import { resolveName, type Resolved } from './resolveName.ts'

/**
 * Whom the names of a message mean, before it is sent: the agent gets the address, which the owner has seen. Nothing else
 * ever reads a name, so none can stand for another address later.
 */
export function NamesInMessage({
  text,
  names,
  config,
  chainId,
  onSend,
  onCancel,
}: {
  text: string
  names: readonly string[]
  config: PublicConfig
  chainId: number | undefined
  onSend: (text: string) => void
  onCancel: () => void
}) {
  const id = useId()
  useLanguage()
  const words = around().names
  const chain = config.chains.find(({ chain_id: each }) => each === chainId) ?? config.chains[0]
  const [found, setFound] = useState<readonly Resolved[] | null>(null)
  useEffect(() => {
    let isCurrent = true
    setFound(null)
    Promise.all(names.map((name) => resolveName(config.chains, name, chain?.chain_id ?? 0))).then(
      (all) => isCurrent && setFound(all),
      () => isCurrent && setFound(names.map(() => ({ status: 'unreachable' }))),
    )
    return () => {
      isCurrent = false
    }
  }, [names, config.chains, chain?.chain_id])
  const isComplete = found?.every(({ status }) => status === 'found') === true

  function send(): void {
    const whole = names.reduce((sentence, name, i) => {
      const each = found?.[i]
      return each?.status === 'found' ? withAddress(sentence, name, each.address) : sentence
    }, text)
    onSend(whole)
  }

  return (
    <section aria-labelledby={id} className="border-t border-line bg-sheet px-4 py-3 text-sm" data-testid="names">
      <h3 id={id} className="font-semibold">
        {words.title}
      </h3>
      <div role="status">
        {found === null && <p className="text-quiet">{words.looking}</p>}
        {names.map((name, i) => {
          const each = found?.[i]
          if (each === undefined) return null
          if (each.status !== 'found')
            return (
              <p key={name} className="mt-1 text-care [overflow-wrap:anywhere]">
                {words[each.status](name, chain?.name ?? '')} {words.paste}
              </p>
            )
          return (
            <div key={name} className="mt-1 [overflow-wrap:anywhere]">
              <p>
                {words.means(each.name, chain?.name ?? '')} <FullAddress address={each.address} />
              </p>
              {!each.isMutual && <p className="font-semibold text-care">{words.notMutual(each.name)}</p>}
              <NameWarning name={each.name} />
            </div>
          )
        })}
      </div>
      <div className="mt-2 flex flex-wrap gap-2">
        <button type="button" className="button flex-1" onClick={onCancel}>
          {words.change}
        </button>
        {isComplete ? (
          <button type="button" className="button flex-1 border-transparent bg-accent text-on-accent" onClick={send}>
            {words.send}
          </button>
        ) : (
          found !== null && (
            <button type="button" className="button flex-1" onClick={() => onSend(text)}>
              {words.sendAsWritten}
            </button>
          )
        )}
      </div>
    </section>
  )
}
