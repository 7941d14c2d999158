import { Address } from '@countersign/base'
import type { ReportWire } from '@countersign/sdk'
import {
  accountsOf,
  add,
  assetKey,
  bookOf,
  COUNTED,
  EMPTY,
  ENDLESS,
  flowsOf,
  frame,
  keyOf,
  NATIVE,
  unreadableOf,
  weakest,
  type MovesInput,
} from './Book.ts'
import type { Effect, Moves } from './Moves.ts'

const SCHEMES: Readonly<Record<string, string>> = {
  eip2612: 'permit',
  'dai-permit': 'permit',
  'permit2-single': 'permit',
  'permit2-batch': 'permit',
  'permit2-transfer': 'transfer',
  'permit2-batch-transfer': 'transfer',
  'permit2-witness': 'transfer',
  erc3009: 'transfer',
  'seaport-order': 'order',
  'token-order': 'order',
  'safe-tx': 'safe',
  delegation: 'delegation',
  'vote-delegation': 'votes',
  'authorization-7702': 'authorization',
  'user-operation': 'operation',
  message: 'message',
  hash: 'hash',
}

/** A document: what the holder of the signature could take at most. */
export function readDocument(input: MovesInput, report: ReportWire): Moves {
  const { signature } = report
  const mine = accountsOf(input, report)
  const book = bookOf(report, mine)
  const contract = signature?.verifying_contract == null ? null : Address.parse(signature.verifying_contract)
  const scheme = SCHEMES[signature?.kind ?? ''] ?? 'unknown'
  const base = {
    step: 1,
    chainId: report.chain_id,
    contract,
    selector: null,
    isUnlimited: false,
    isExact: false,
    detail: null,
    token: null,
    isNative: false,
    asset: null,
    counterparty: contract,
    amount: null,
    decimals: null,
    grade: null,
    because: '',
  } as const
  const taken = new Map<string, bigint>()
  const { leaves } = flowsOf({ call: { to: contract, value: 0n, data: '0x' }, step: 1, report, book, before: EMPTY })
  for (const loss of leaves) add(taken, keyOf(loss), loss.amount)
  const offered = new Map<string, bigint>()
  for (const offer of signature?.offers ?? []) add(offered, assetKey(offer), BigInt(offer.amount))
  const rights = [...book.rights.values()]
  const effects: Effect[] = [{ ...base, kind: 'document', detail: scheme, because: signature?.title ?? '' }]
  for (const right of rights) {
    const key = right.token?.toLowerCase() ?? ''
    const known = right.token === null ? null : input.token(right.token)
    const isCounted = COUNTED.has(right.kind) && right.token !== null
    // What its use took of it in the fork was part of the right.
    const amount = isCounted ? right.after + (taken.get(key) ?? 0n) : null
    if (isCounted) taken.delete(key)
    effects.push({
      ...base,
      kind: 'authority',
      token: right.token,
      asset: known?.symbol ?? null,
      decimals: known?.decimals ?? null,
      counterparty: right.spender,
      amount,
      isUnlimited: right.isUnlimited || !isCounted,
      grade: 'proven',
      because: "the document's maximum",
      detail: right.kind,
      isExact: right.isExact,
    })
  }
  for (const key of new Set([...taken.keys(), ...offered.keys()])) {
    const offer = signature?.offers.find((each) => assetKey(each) === key)
    const isNative = key === NATIVE
    const token = isNative ? null : Address.parse(key.slice(0, 42))
    const known = isNative ? { symbol: input.coin, decimals: 18 } : input.token(token as Address.Address)
    const [took, most] = [taken.get(key) ?? 0n, offered.get(key)]
    effects.push({
      ...base,
      kind: 'outflow',
      token,
      isNative,
      asset: known?.symbol ?? null,
      decimals: known?.decimals ?? null,
      counterparty: offer?.to == null ? contract : Address.parse(offer.to),
      amount: most !== undefined && most >= took ? most : took,
      grade: most !== undefined && most >= took ? 'proven' : 'simulated',
      because: most !== undefined && most >= took ? "the document's maximum" : 'predicted, not bounded',
    })
  }
  const totals = new Map<string, bigint>()
  for (const effect of effects)
    if (effect.kind !== 'document' && (effect.token !== null || effect.isNative))
      add(totals, keyOf(effect), effect.isUnlimited ? ENDLESS : (effect.amount ?? ENDLESS))
  const expires = report.authority_changes.flatMap(({ expires: at }) => (at === null ? [] : [Date.parse(at)]))
  return {
    ...frame(input, report),
    feeWei: 0n,
    steps: [],
    effects,
    totals: [...totals].map(([key, amount]) => {
      const of = effects.filter(
        (effect) => effect.kind !== 'document' && (effect.token !== null || effect.isNative) && keyOf(effect) === key,
      )
      return {
        token: of[0]?.token ?? null,
        isNative: key === NATIVE,
        decimals: of[0]?.decimals ?? null,
        amount,
        isUnlimited: of.some(({ isUnlimited }) => isUnlimited),
        grade: weakest(of.map(({ grade }) => grade ?? 'proven')),
      }
    }),
    arrivals: [],
    document: { scheme, deadlineMs: expires.length === 0 ? null : Math.max(...expires) },
    unreadable: unreadableOf(report),
  }
}
