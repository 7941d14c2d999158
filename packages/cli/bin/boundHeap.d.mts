export const SERVER_FLAGS: readonly string[]
export function boundHeap(): void
