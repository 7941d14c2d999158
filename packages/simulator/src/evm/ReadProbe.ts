import { assert, type Hex } from '@countersign/base'

/** A read made inside the fork, as the user. */
export interface Probe {
  readonly to: string
  readonly data: Hex.Hex
}

/** What a contract answered to a probe. Of a read, at most the first kilobyte. */
export interface ProbeAnswer {
  readonly success: boolean
  readonly data: Hex.Hex
}

/**
 * Runtime code of `ReadProbe` (chain/contracts/Probes.sol, solc 0.8.30+commit.73712a01.Emscripten.clang): static calls from
 * the sender's own address, where it is put by state override.
 *
 * Static, because a contract that is asked for its balances must not be able to give back what it took before the next
 * one is asked; each with a share of the gas of its own, because it must not be able to silence the others either.
 */
export const READ_PROBE_CODE: Hex.Hex =
  '0x6080604052348015600e575f5ffd5b505f5f5b36811015609d575a62061a80811015602a575050805ff35b620493df1901624c4b4081111560405750624c4b405b813561ffff8160501c1660038501816016860182375f5f83838660601c88fa93503d925061040083111560735761040092505b8386538260081c6001870153826002870153825f823e509301600301929190910160160190506012565b50805ff3fea164736f6c634300081e000a'

/** Call data for `ReadProbe`. */
export function encodeReads(probes: readonly Probe[]): Hex.Hex {
  let data = '0x'
  for (const { to, data: input } of probes) {
    assert(to.length === 42 && input.length <= 2 + 2 * 0xffff, 'a read has an address and fits its length')
    data += to.slice(2) + ((input.length - 2) / 2).toString(16).padStart(4, '0') + input.slice(2)
  }
  return data as Hex.Hex
}

/** What `ReadProbe` returned: answers to the first reads; fewer than were asked when gas ran low. */
export function decodeReads(data: Hex.Hex): ProbeAnswer[] {
  const answers: ProbeAnswer[] = []
  for (let at = 2; at + 6 <= data.length;) {
    const end = at + 6 + 2 * Number.parseInt(data.slice(at + 2, at + 6), 16)
    answers.push({ success: data.slice(at, at + 2) === '01', data: `0x${data.slice(at + 6, end)}` })
    at = end
  }
  return answers
}
