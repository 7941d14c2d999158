import { useEffect, useState } from 'react'
import * as Amount from '../card/Amount.ts'
import { rpc } from '../rpc.ts'
import { around } from '../text/around.ts'
import { useLanguage } from '../text/useLanguage.ts'
import { ageText } from '../words.ts'
import { cents, readPrice, type Price } from './readPrice.ts'

/** What an amount is worth in dollars, with the source and its age. Nothing at all where no price can be relied on. */
export function Worth({
  chainId,
  token,
  amount,
  decimals,
}: {
  chainId: number
  token: string | null
  amount: string
  decimals: number
}) {
  const [price, setPrice] = useState<Price | null>(null)
  useLanguage()
  useEffect(() => {
    let isCurrent = true
    const call = (to: string, data: string): Promise<unknown> =>
      rpc(`/api/rpc/${chainId}`, 'eth_call', [{ to, data }, 'latest'])
    readPrice(call, { chainId, token, nowS: Math.floor(Date.now() / 1000) }).then(
      (found) => isCurrent && setPrice(found),
      () => undefined,
    )
    return () => {
      isCurrent = false
    }
  }, [chainId, token])
  if (price === null) return null
  const worth = cents(BigInt(amount), decimals, price, amount.startsWith('-') ? 'up' : 'down')
  const words = around().worth
  const age = ageText(new Date(price.atS * 1000).toISOString(), Date.now())
  return (
    <p className="text-sm text-quiet" data-testid="worth">
      {worth === 0n ? words.underOneCent : words.about(Amount.exact(worth.toString(), 2))} {words.source(age)}
    </p>
  )
}
