import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { plainAddress } from '../keys/AllowList.ts'

/**
 * Who is calling: the socket's address, unless this server was told how many proxies stand before it. Each adds one
 * entry at the end of `X-Forwarded-For`; what stands further left was written by somebody else and is not believed.
 *
 * @param trustedHops - 0 believes no header at all.
 */
export function clientAddress(request: IncomingMessage, trustedHops: number): string {
  const socket = plainAddress(request.socket.remoteAddress ?? '')
  if (trustedHops === 0) return socket
  const header = request.headers['x-forwarded-for']
  const entries = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((each) => each.trim())
  const claimed = plainAddress(entries[entries.length - trustedHops] ?? '')
  return isIP(claimed) === 0 ? socket : claimed
}
