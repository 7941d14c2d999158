import type { PublicConfig } from '@countersign/sdk'
import { useEffect, useState } from 'react'
import { around } from '../text/around.ts'
import { useLanguage } from '../text/useLanguage.ts'
import { NameWarning } from './NameWarning.tsx'
import { nameOf } from './resolveName.ts'

/**
 * By which name a recipient calls itself, where that name leads back to it. It stands under the address and changes nothing
 * else: anyone can register a name, so it makes no address known.
 */
export function RecipientName({
  address,
  chainId,
  chains,
}: {
  address: string
  chainId: number
  chains: PublicConfig['chains']
}) {
  const [name, setName] = useState<string | null>(null)
  useLanguage()
  useEffect(() => {
    let isCurrent = true
    setName(null)
    void nameOf(chains, address, chainId).then((found) => isCurrent && setName(found))
    return () => {
      isCurrent = false
    }
  }, [address, chainId, chains])
  if (name === null) return null
  return (
    <div data-testid="recipient-name">
      <p className="text-quiet [overflow-wrap:anywhere]">
        <bdi className="font-semibold text-ink">{name}</bdi> {around().names.vouchesForNothing}
      </p>
      <NameWarning name={name} />
    </div>
  )
}
