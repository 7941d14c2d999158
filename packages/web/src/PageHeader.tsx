import type { PublicConfig } from '@countersign/sdk'
import { useEffect, useState, type ReactNode } from 'react'
import { LanguageSwitch } from './text/LanguageSwitch.tsx'
import { t } from './text/text.ts'
import { useLanguage } from './text/useLanguage.ts'

/** From here on there is room for every button beside the account. The breakpoint `md` of the style sheet. */
export const WIDE = '(min-width: 48rem)'

/**
 * The header: the mark, the chain, what belongs to the account, and a menu. One row of at most 56 px on a phone, where
 * `children` stand in the menu.
 */
export function PageHeader({
  chain,
  isLive,
  account,
  onChain,
  children,
}: {
  chain: PublicConfig['chains'][number] | undefined
  /** Whether the page hears from the server; null where it does not listen. */
  isLive: boolean | null
  account: ReactNode
  /** Shows which chains and models there are; a page without that choice leaves it out. */
  onChain?: () => void
  children: ReactNode
}) {
  const [isOpen, setOpen] = useState(false)
  useLanguage()
  return (
    <header className="sticky top-0 z-20 flex h-14 items-center justify-between gap-2 border-b border-line bg-sheet px-2.5 md:px-4">
      <div className="flex min-w-0 items-center gap-2 max-[22.5rem]:gap-0 md:gap-2.5">
        <h1 className="text-lg font-bold tracking-tight max-[22.5rem]:sr-only">
          <span className="sr-only md:not-sr-only">Countersign</span>
          {/* The narrowest phones have no room for a mark: which chain and which account matter more. */}
          <span aria-hidden="true" className="rounded-lg bg-ink px-2.5 py-1 text-paper md:hidden">
            C
          </span>
        </h1>
        {chain !== undefined && (
          <button
            type="button"
            className={`min-h-9 rounded-xl border border-line px-2 py-0.5 text-xs leading-tight text-balance [overflow-wrap:anywhere] md:px-2.5 md:py-1 md:text-sm ${onChain === undefined ? '' : 'cursor-pointer'}`}
            title={t().page.chainId(chain.chain_id)}
            disabled={onChain === undefined}
            onClick={onChain}
          >
            {isLive !== null && (
              <span aria-hidden="true" className={isLive ? 'text-good' : 'text-care'}>
                ●{' '}
              </span>
            )}
            {chain.name}
            {isLive !== null && <span className="sr-only">{isLive ? t().page.connected : t().page.connecting}</span>}
          </button>
        )}
      </div>
      {/* The name of the chain breaks where there is no room; a button does not. */}
      <div className="flex min-w-0 items-center gap-2 max-lg:shrink-0">
        {account}
        {/* The style sheet decides which of the two is there: it knows a new width before any script hears of it. */}
        <button
          type="button"
          className="button px-3.5 lg:hidden"
          aria-label={t().page.menu}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          <span aria-hidden="true">☰</span>
        </button>
        <nav
          aria-label={t().page.menu}
          className={`lg:flex lg:items-center lg:gap-1.5 lg:text-sm lg:[&>*]:px-2.5 lg:[&>*]:text-sm ${isOpen ? 'max-lg:menu' : 'max-lg:hidden'}`}
          onClick={() => setOpen(false)}
          onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}
        >
          {children}
          <LanguageSwitch />
        </nav>
      </div>
    </header>
  )
}

/** Whether a media query holds, now and after every change. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => window.matchMedia(query).matches)
  useEffect(() => {
    const media = window.matchMedia(query)
    const follow = (): void => setMatches(media.matches)
    media.addEventListener('change', follow)
    return () => media.removeEventListener('change', follow)
  }, [query])
  return matches
}
