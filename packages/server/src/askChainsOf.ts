import { Address, BaseError, Hex } from '@countersign/base'
import type { App } from './apps/App.ts'
import type { AskChains } from './apps/documents/review/chainFindings.ts'
import type { Chain } from './chains/Chain.ts'

const DECIMALS = Hex.parse('0x313ce567')

/** What the chains of an app say of an address that a document names. */
export function askChainsOf(app: App | undefined, chains: ReadonlyMap<number, Chain>): AskChains {
  const own = [...chains.values()].filter(({ chainId }) => app?.chains?.includes(chainId) ?? true)
  return async (text) => {
    const address = Address.parse(text)
    let isAnswered = false
    for (const chain of own) {
      try {
        const head = await chain.head()
        const state = chain.at(head)
        const code = await state.code(address)
        isAnswered = true
        if (code.length > 2) return { hasCode: true, decimals: await decimalsOf(state, address) }
      } catch (error) {
        if (!(error instanceof BaseError)) throw error
      }
    }
    return isAnswered ? { hasCode: false, decimals: null } : null
  }
}

async function decimalsOf(state: ReturnType<Chain['at']>, to: Address.Address): Promise<number | null> {
  try {
    const answer = await state.call({ to, data: DECIMALS })
    if (answer.status !== 'returned' || answer.data.length !== 66) return null
    const decimals = BigInt(answer.data)
    return decimals < 256n ? Number(decimals) : null
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    return null
  }
}
