import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import type { Io } from './io.ts'
import { readServer, type ServerPlace } from './serverPlace.ts'
import { version } from './version.ts'
import { findWebRoot } from './webRoot.ts'

/** `countersign mcp`: the tools over standard input and output, for clients that start their servers themselves. */
export function mcpCommand(io: Io): Command {
  return new Command('mcp')
    .option(
      '--server <url>',
      'the Countersign server that runs them (COUNTERSIGN_SERVER); key from COUNTERSIGN_API_KEY',
    )
    .addHelpText(
      'after',
      `
Without a server, "simulate", "explain" and "scan_skill" work on the chains of COUNTERSIGN_RPC_<chainId>; the other tools
answer what is missing. Nothing here signs or confirms: the owner answers a proposal on the server's page.

Example, for a client that takes a command:
  COUNTERSIGN_SERVER=https://gateway.example COUNTERSIGN_API_KEY=sk-… countersign mcp`,
    )
    .action(async (options: { readonly server?: string }) => {
      await serve(io, readServer(io.env, options.server))
    })
}

/** Runs until the client closes standard input. */
async function serve(io: Io, place: ServerPlace | null): Promise<void> {
  const isOver = endOf(process.stdin)
  const { createMcp, readCard, withCode } = await import('@countersign/server/mcp')
  const { serveStdio, StdioServerTransport } = await import('@modelcontextprotocol/server/stdio')
  const host =
    place === null
      ? (await import('./mcp/localTools.ts')).localTools(io.env)
      : (await import('./mcp/remoteTools.ts')).remoteTools(place)
  class Transport extends StdioServerTransport {
    override send(message: Parameters<InstanceType<typeof StdioServerTransport>['send']>[0]): Promise<void> {
      return super.send(withCode(message) as typeof message)
    }
  }
  const handle = serveStdio(
    createMcp({
      version: version(),
      card: readCard(findWebRoot()),
      // One process asks and is answered.
      stateKey: randomBytes(32),
      call: (name, args) => host.call(name, args),
    }),
    {
      transport: new Transport(),
      // Standard output belongs to the protocol.
      onerror: (error) => io.err(error.message),
    },
  )
  await isOver
  await handle.close()
  await host.close()
}

function endOf(input: NodeJS.ReadStream): Promise<void> {
  return new Promise((resolve) => {
    input.once('end', resolve)
    input.once('close', resolve)
  })
}
