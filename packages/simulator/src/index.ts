export { spawnAnvil } from './engine/spawnAnvil.ts'
export type * as Report from './Report.ts'
