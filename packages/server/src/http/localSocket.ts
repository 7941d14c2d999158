import { chmodSync, existsSync, lstatSync, unlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { answerBroken } from './hygiene.ts'

/**
 * Listens on a socket in the data directory as well (mode 0600): who may open it is this server's own user, so a program on
 * this machine asks without a key, as an anonymous caller. What needs a key still needs one.
 *
 * A socket that another process answers on is left to it, and one that is left over is replaced. Without a socket the server
 * runs all the same: it is logged.
 *
 * @param path - At most about 100 bytes, which is what systems allow.
 */
export async function openLocalSocket(
  server: FastifyInstance,
  { path, maxHeaderSize }: { readonly path: string; readonly maxHeaderSize: number },
): Promise<() => Promise<void>> {
  const none = async (): Promise<void> => undefined
  if (process.platform === 'win32') return none
  if (existsSync(path)) {
    if (!lstatSync(path).isSocket() || (await isAnswered(path))) {
      server.log.warn({ path }, 'the local socket belongs to something else, and is not opened')
      return none
    }
    unlinkSync(path)
  }
  const local = createServer({ maxHeaderSize, headersTimeout: 5_000, requestTimeout: 15_000 }, (request, response) =>
    server.routing(request, response),
  )
  local.on('clientError', answerBroken)
  try {
    await listenPrivately(local, path)
  } catch (error) {
    server.log.warn({ path, err: error }, 'the local socket cannot be opened')
    return none
  }
  return () =>
    new Promise((resolve) => {
      local.close(() => resolve())
      local.closeAllConnections()
    })
}

/** Nobody else may open it, not even for the moment between its making and a change of its mode. */
function listenPrivately(local: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    local.once('error', reject)
    const before = process.umask(0o177)
    try {
      // Bound before this returns.
      local.listen(path, () => {
        chmodSync(path, 0o600)
        resolve()
      })
    } finally {
      process.umask(before)
    }
  })
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
