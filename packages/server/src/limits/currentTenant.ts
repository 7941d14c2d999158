import { AsyncLocalStorage } from 'node:async_hooks'

/** For whom work is done, as far as machines are shared out: an app, and within it a key or an address. */
export interface Tenant {
  /** `app:NAME` for callers with a key; all callers without one share `keyless`. Work of the server's own is `server`. */
  readonly app: string
  /** The key's id, or the network that the caller's address counts for. */
  readonly member: string
}

const SERVER: Tenant = { app: 'server', member: 'server' }

const current = new AsyncLocalStorage<Tenant>()

/** Runs what is done for a tenant; everything that it starts and awaits is done for the same. */
export function asTenant<T>(tenant: Tenant, work: () => T): T {
  return current.run(tenant, work)
}

/** For whom the process works now; the server itself where nobody asked. */
export function currentTenant(): Tenant {
  return current.getStore() ?? SERVER
}
