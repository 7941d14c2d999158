/** The bytes of a proposal, as the wire spells them. */
export interface BatchWire {
  readonly chain_id: number
  readonly from: string
  readonly calls: readonly { readonly to: string | null; readonly value: string; readonly data: string }[]
}

/**
 * The digest that a proposal names: SHA-256 of the canonical JSON (RFC 8785: keys sorted, no white space) of
 * `{version: 1, chain_id, from, calls: [{to, value, data}]}`. Recompute it from what you are about to hand to a
 * wallet, and stop when it differs.
 *
 * @returns 0x-hex, 32 bytes.
 */
export async function batchDigest(batch: BatchWire): Promise<string> {
  const calls = batch.calls.map(
    (call) =>
      `{"data":${JSON.stringify(call.data.toLowerCase())},"to":${JSON.stringify(call.to)},"value":${JSON.stringify(call.value)}}`,
  )
  const text = `{"calls":[${calls.join(',')}],"chain_id":${JSON.stringify(batch.chain_id)},"from":${JSON.stringify(batch.from)},"version":1}`
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return `0x${[...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
