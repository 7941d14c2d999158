/** Reads through the page's own origin, so that no provider learns who reads. */

/** One JSON-RPC read; null for an error of any kind: what could not be read is never taken for a zero. */
export async function rpc(rpcPath: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const response = await fetch(rpcPath, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-countersign-page': '1' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const body = (await response.json()) as { readonly result?: unknown }
  return body.result ?? null
}

/** A word that a node answered, as a number; null where it is none. */
export function wordOf(answer: unknown): bigint | null {
  return typeof answer === 'string' && /^0x[0-9a-f]{1,64}$/i.test(answer) ? BigInt(answer) : null
}

/** An address as a word of call data. */
export function addressWord(address: string): string {
  return address.slice(2).toLowerCase().padStart(64, '0')
}
