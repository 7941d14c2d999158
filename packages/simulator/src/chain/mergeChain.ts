import { Address } from '@countersign/base'
import type { Chain, Contract, Exchange, Place, Token } from './Chain.ts'
import type { ChainFile, Entry } from './readChainFile.ts'
import type { Fault } from './YamlReader.ts'

export interface FileFault extends Fault {
  readonly file: string
}

/**
 * A file laid over what is known. It adds or narrows; where it contradicts a known address of the same name, the coin or
 * the engine, it must say `replace: true` in that entry.
 *
 * @returns The chain, or every contradiction with both values.
 */
export function mergeChain(
  base: Chain,
  file: ChainFile,
  record: 'shipped' | 'file',
): { readonly chain: Chain } | { readonly faults: readonly FileFault[] } {
  const faults: FileFault[] = []
  const contradict = (place: Place | undefined, what: string, says: string, known: string): void => {
    faults.push({
      file: file.file,
      line: place?.line ?? 1,
      because: `${what}: the file says ${says}, the shipped record says ${known}. Add "replace: true" to mean it.`,
    })
  }
  const { facts, places, replaces } = file
  // What viem calls a chain is no record: a file may say otherwise.
  if (base.record !== null) {
    for (const [key, what, says, known] of differences(base, facts))
      if (!replaces.has(key)) contradict(places[key], what, says, known)
  }
  const tokens = mergeTokens(base.tokens, file.tokens, contradict)
  const canonical = tokens.filter((token) => token.isCanonical).map((token) => token.symbol.toLowerCase())
  for (const token of file.tokens) {
    if (canonical.filter((symbol) => symbol === token.symbol.toLowerCase()).length > 1 && token.isCanonical)
      faults.push({
        file: file.file,
        line: token.at.line,
        because: `Another token is canonical for ${token.symbol} already. Add "replace: true" to mean this one.`,
      })
  }
  const chain: Chain = {
    ...base,
    ...facts,
    coin: mergeCoin(base.coin, facts.coin, replaces.has('coin')),
    engine: facts.engine === undefined ? base.engine : mergeEngine(base, facts.engine),
    tokens,
    contracts: mergeContracts(base.contracts, file.contracts, contradict),
    exchanges: mergeExchanges(base.exchanges, file.exchanges, contradict),
    record,
    places: { ...base.places, ...places },
  }
  return faults.length > 0 ? { faults } : { chain }
}

type Contradict = (place: Place | undefined, what: string, says: string, known: string) => void

/** Single facts on which a file and the record part: the key, the field, both values. */
function differences(base: Chain, facts: ChainFile['facts']): (readonly [string, string, string, string])[] {
  const found: (readonly [string, string, string, string])[] = []
  const { coin, engine, l1Fee, prices } = facts
  if (coin !== undefined) {
    if (coin === null || base.coin === null) {
      if (coin !== base.coin) found.push(['coin', 'coin', coin?.symbol ?? 'none', base.coin?.symbol ?? 'none'])
    } else {
      for (const field of ['symbol', 'decimals', 'wrapped'] as const) {
        const [says, known] = [coin[field], base.coin[field]]
        // What the record leaves open may be added; what the file leaves out stays.
        if (says !== null && known !== null && says !== known)
          found.push(['coin', `coin.${field}`, String(says), String(known)])
      }
      const [says, known] = [coin.token, base.coin.token]
      if (says !== undefined && known !== undefined && JSON.stringify(says) !== JSON.stringify(known))
        found.push(['coin', 'coin.token', says.address, known.address])
    }
  }
  for (const field of ['kind', 'profile'] as const) {
    const [says, known] = [engine?.[field] ?? null, base.engine[field]]
    if (says !== null && known !== null && says !== known) found.push(['engine', `engine.${field}`, says, known])
  }
  if (l1Fee != null && base.l1Fee !== null && l1Fee.oracle !== base.l1Fee.oracle)
    found.push(['fees', 'fees.l1.oracle', l1Fee.oracle, base.l1Fee.oracle])
  const [oracle, known] = [prices?.oracle ?? null, base.prices.oracle]
  if (oracle !== null && known !== null && oracle.address !== known.address)
    found.push(['prices', 'prices.oracle.address', oracle.address, known.address])
  return found
}

function mergeCoin(known: Chain['coin'], given: Chain['coin'] | undefined, isReplacing: boolean): Chain['coin'] {
  if (given === undefined) return known
  // A file that leaves the wrapped coin out takes nothing back.
  if (given === null || isReplacing) return given
  const token = given.token ?? known?.token
  return { ...given, wrapped: given.wrapped ?? known?.wrapped ?? null, ...(token === undefined ? {} : { token }) }
}

function mergeEngine(base: Chain, engine: Chain['engine']): Chain['engine'] {
  const kind = engine.kind ?? base.engine.kind
  return {
    kind,
    profile: engine.profile ?? base.engine.profile,
    accept: engine.accept ?? base.engine.accept,
    why: kind === 'local' ? null : base.engine.why,
  }
}

function mergeTokens(known: readonly Token[], given: readonly Entry<Token>[], contradict: Contradict): Token[] {
  let tokens = [...known]
  for (const { isReplacing, ...token } of given) {
    const isSame = (other: Token): boolean => other.symbol.toLowerCase() === token.symbol.toLowerCase()
    const named = known.filter(isSame)
    const twin = named.find((other) => Address.isEqual(other.address, token.address))
    const [first] = named
    if (!isReplacing && twin === undefined && first !== undefined)
      contradict(token.at, `tokens ${token.symbol}`, token.address, (named.find((o) => o.isCanonical) ?? first).address)
    if (!isReplacing && twin !== undefined && twin.decimals !== token.decimals)
      contradict(token.at, `decimals of ${token.symbol}`, String(token.decimals), String(twin.decimals))
    tokens = tokens.filter((other) =>
      isReplacing ? !known.includes(other) || !isSame(other) : !Address.isEqual(other.address, token.address),
    )
    // Speaking of a token again takes nothing back from it.
    const kept =
      twin === undefined || isReplacing
        ? token
        : { ...token, isCanonical: token.isCanonical || twin.isCanonical, usd: token.usd ?? twin.usd }
    tokens.push(kept)
  }
  return tokens
}

function mergeContracts(
  known: readonly Contract[],
  given: readonly Entry<Contract>[],
  contradict: Contradict,
): Contract[] {
  let contracts = [...known]
  for (const { isReplacing, ...contract } of given) {
    const same = known.find((other) => other.name.toLowerCase() === contract.name.toLowerCase())
    if (same !== undefined && !isReplacing && !Address.isEqual(same.address, contract.address))
      contradict(contract.at, `contracts ${contract.name}`, contract.address, same.address)
    contracts = contracts.filter((other) => other !== same && !Address.isEqual(other.address, contract.address))
    contracts.push(contract)
  }
  return contracts
}

/** The file's come first: the first that has a pool is used. */
function mergeExchanges(
  known: readonly Exchange[],
  given: readonly Entry<Exchange>[],
  contradict: Contradict,
): Exchange[] {
  let rest = [...known]
  const added: Exchange[] = []
  for (const { isReplacing, ...exchange } of given) {
    const same = known.find((other) => Address.isEqual(other.router, exchange.router))
    if (same !== undefined && !isReplacing) {
      if (same.kind !== exchange.kind) contradict(exchange.at, 'kind of the exchange', exchange.kind, same.kind)
      for (const field of ['factory', 'quoter'] as const) {
        const [says, was] = [exchange[field], same[field]]
        if (says !== null && was !== null && says !== was)
          contradict(exchange.at, `${field} of the exchange`, says, was)
      }
    }
    rest = rest.filter((other) => other !== same && !(isReplacing && other.kind === exchange.kind))
    added.push(
      same === undefined || isReplacing
        ? exchange
        : {
            ...exchange,
            factory: exchange.factory ?? same.factory,
            quoter: exchange.quoter ?? same.quoter,
            quoterAbi: exchange.quoterAbi ?? same.quoterAbi,
            fees: exchange.fees.length === 0 ? same.fees : exchange.fees,
          },
    )
  }
  return [...added, ...rest]
}
