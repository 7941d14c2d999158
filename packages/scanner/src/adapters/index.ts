export { ADAPTERS, type Adapter } from './Adapter.ts'
export type { AdapterFinding, AdapterName, AdapterReport } from './AdapterReport.ts'
export { runAdapter, type AdapterOptions } from './runAdapter.ts'
