import { createRequire } from 'node:module'

// Loaded when the first file of their kind is read: most skills hold none, and a scan in every commit should not wait
// for parsers that it does not ask.
const load = createRequire(import.meta.url)

/** Loads half of Node's streams, which a scan of plain files never needs. */
export const zlib = () => load('node:zlib') as typeof import('node:zlib')

export const parsers = {
  docker: () => load('dockerfile-ast') as typeof import('dockerfile-ast'),
  json: () => load('jsonc-parser') as typeof import('jsonc-parser'),
  semver: () => load('semver') as typeof import('semver'),
  yaml: () => load('yaml') as typeof import('yaml'),
  toml: () => load('smol-toml') as typeof import('smol-toml'),
} as const
