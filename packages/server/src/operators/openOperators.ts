import type { Clock } from '@countersign/base'
import { createAppendAudit } from '../audit/appendAudit.ts'
import { handle, SERVER } from '../audit/Audit.ts'
import { openStore } from '../store/openStore.ts'
import { makeLink } from './links.ts'
import * as Operator from './Operator.ts'
import { listPasskeys, type ListedPasskey } from './passkeys.ts'

/** The operators of a data directory, without a server; one that runs sees every change at the next request. */
export interface Operators {
  link(input: {
    name: string
    apps: readonly string[] | null
  }): Promise<{ readonly token: string; readonly expiresMs: number }>
  list(): Promise<(Operator.Operator & { readonly passkeys: readonly ListedPasskey[] })[]>
  /** Takes an operator away with passkeys and sessions. */
  revoke(input: { id: string }): Promise<void>
  close(): Promise<void>
}

/** Opens the operators in a data directory, for the command line. */
export async function openOperators({
  dataDir,
  env,
  clock,
  mustExist,
}: {
  dataDir: string
  env: NodeJS.ProcessEnv
  clock: Clock.Clock
  mustExist: boolean
}): Promise<Operators> {
  const store = await openStore({ clock }, { dataDir, mustExist, env })
  const tools = { store, clock, audit: createAppendAudit({ clock }) }
  return {
    link: (input) => makeLink(tools, input),
    async list() {
      const rows = await store.read.selectFrom('operators').selectAll().orderBy('created_ms').execute()
      return Promise.all(
        rows.map(async (row) => ({
          ...Operator.fromRow(row),
          passkeys: await listPasskeys(tools, { operatorId: row.id }),
        })),
      )
    },
    async revoke({ id }) {
      await store.write(async (write) => {
        const gone = await write.db.deleteFrom('operators').where('id', '=', id).returning('name').executeTakeFirst()
        if (gone === undefined) throw new Operator.OperatorError('absent')
        await tools.audit(write, {
          app: SERVER,
          event: 'operators.operator.revoked',
          body: { operator: handle(id), name: gone.name },
        })
      })
    },
    close: () => store.close(),
  }
}
