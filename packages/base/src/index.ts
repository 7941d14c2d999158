/** `@countersign/base`: pure nouns that everyone stands on. Nothing here reads, writes or waits. */
export * as Address from './Address.ts'
export * as Clock from './Clock.ts'
export * as Digest from './Digest.ts'
export * as Hex from './Hex.ts'
export * as Redacted from './Redacted.ts'
export * as Wei from './Wei.ts'
export { assert, BugError } from './assert.ts'
export { BaseError, EXIT_CODE, HTTP_STATUS, type ErrorKind } from './BaseError.ts'
