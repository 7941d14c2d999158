import type { ClearSigningWire, ReportWire } from '@countersign/sdk'
import * as Amount from './Amount.ts'
import { serverLang, t } from '../text/text.ts'

type Kept = NonNullable<ReportWire['kept_for_you']>[number]

/** The most of one value that is shown. */
const MAX_VALUE = 300

/** The document in words, and what its terms say changes hands. Whether it would is what the rest of the card says. */
export function Document({ signature, native }: { signature: NonNullable<ReportWire['signature']>; native: string }) {
  const movements = [
    ...signature.offers.map((each) => ({ ...each, word: t().document.give })),
    ...signature.considerations.map((each) => ({ ...each, word: t().document.promise })),
  ]
  return (
    <section className="border-b border-line px-4 py-3 text-sm md:px-5">
      <h3 className="text-quiet">{t().document.title}</h3>
      <p className="font-semibold [overflow-wrap:anywhere]" lang={serverLang()}>
        {signature.title}
      </p>
      <dl className="mt-1 space-y-1" data-testid="document">
        {signature.lines.map(({ label, value }, i) => (
          <div key={`${label}${i}`}>
            <dt className="text-quiet" lang={serverLang()}>
              {label}
            </dt>
            <dd className="[overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
        {movements.map(({ word, standard, token, token_id: id, amount, to }, i) => (
          <div key={`${word}${i}`}>
            <dt className="text-quiet">{word}</dt>
            <dd className="[overflow-wrap:anywhere]">
              {standard === 'native' ? `${Amount.exact(amount, 18)} ${native}` : t().document.ofToken(amount, token)}
              {id === null ? '' : ` #${id}`} {t().document.to(to)}
            </dd>
          </div>
        ))}
      </dl>
      {signature.clear_signing != null && (
        <>
          <p className="mt-2 text-quiet [overflow-wrap:anywhere]">
            {t().document.described(signature.clear_signing.owner ?? signature.clear_signing.descriptor)}
          </p>
          <blockquote className="border-l border-line pl-3">
            <Words words={signature.clear_signing} />
          </blockquote>
        </>
      )}
      <p className="mt-2 text-quiet">
        {signature.kind === 'message' ? t().document.digestOfText : t().document.digest}{' '}
        <span className="address">{signature.digest}</span>
      </p>
    </section>
  )
}

/** A call in its ERC-7730 descriptor's words: they explain, vouch for nothing, and stand below what decides. */
export function Explained({ step, words }: { step: number; words: ClearSigningWire }) {
  return (
    <>
      <p className="mb-1 text-quiet [overflow-wrap:anywhere]">
        {t().document.explained(step, words.owner ?? words.descriptor)}
      </p>
      <blockquote className="border-l border-line pl-3" data-testid="explained">
        <Words words={words} />
      </blockquote>
    </>
  )
}

function Words({ words }: { words: ClearSigningWire }) {
  return (
    <>
      <p className="[overflow-wrap:anywhere]">“{words.interpolated_intent ?? words.intent}”</p>
      <dl className="mt-1 space-y-1 text-sm">
        {words.fields.map(({ label, value, nested }, i) => (
          <div key={`${label}${i}`}>
            <dt className="text-quiet">{label}</dt>
            <dd className="[overflow-wrap:anywhere]">
              {nested === null ? (
                value.length > MAX_VALUE ? (
                  t().document.cut(value.slice(0, MAX_VALUE), value.length)
                ) : (
                  value
                )
              ) : (
                <div className="border-l border-line pl-3">
                  <Words words={nested} />
                </div>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {words.left_out.length > 0 && (
        <p className="mt-1 text-sm text-quiet">{t().document.leftOut([...new Set(words.left_out)].join(', '))}</p>
      )}
      {words.unformatted.map(({ label, why }, i) => (
        <p key={`${label}${i}`} className="mt-1 text-sm text-care">
          {t().document.notAsAsked(label, why)}
        </p>
      ))}
    </>
  )
}

/** What a contract keeps for the owner, in a unit that only the contract knows. */
export function KeptForYou({ kept }: { kept: Kept }) {
  const { contract, before, after, meaning, is_debt: isDebt } = kept
  const what = meaning === null ? t().document.unitUnknown : isDebt ? t().document.owed(meaning) : meaning
  return (
    <section className="px-4 pt-2.5 text-sm md:px-5" aria-label={t().document.kept}>
      <p className="break-words">
        <span className="text-quiet">{t().document.keptAt}</span> <span className="address">{contract}</span>: {before}{' '}
        → {after} <span className="text-quiet">({what})</span>
      </p>
    </section>
  )
}
