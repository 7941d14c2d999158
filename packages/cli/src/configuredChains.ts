import { BaseError, Redacted } from '@countersign/base'
import type { ChainConfig } from '@countersign/server'
import { chainOf, readChains, type Chain } from '@countersign/simulator'
import { chainConfig } from './chainConfig.ts'

const NAMED = /^COUNTERSIGN_RPC_([1-9]\d{0,14})$/

/**
 * `COUNTERSIGN_RPC_1=https://…,https://…`: one variable a chain, its providers in the order in which they are tried. What
 * is known of each is its shipped record, with the operator's file over it.
 *
 * @throws {BaseError} for settings that cannot be meant: left out, they would take protection away silently.
 */
export function configuredChains(env: NodeJS.ProcessEnv): ChainConfig[] {
  const wrong = Object.entries(env).find(
    ([name, value]) =>
      name.startsWith('COUNTERSIGN_RPC_') && value !== '' && !NAMED.test(name) && name !== 'COUNTERSIGN_RPC_URL',
  )
  if (wrong !== undefined) throw new RpcNameError(wrong[0])
  const quorum = choice(env, 'COUNTERSIGN_QUORUM', { '1': 1, '2': 2 } as const) ?? 1
  const isProofVerified = choice(env, 'COUNTERSIGN_VERIFY_PROOFS', { '0': false, '1': true } as const) ?? false
  const records = chainRecords(env)
  const variables = new Map(
    Object.keys(env).flatMap((name) => {
      const id = Number(NAMED.exec(name)?.[1] ?? 0)
      return id > 0 && isSet(env, name) ? [[id, name] as const] : []
    }),
  )
  // A chain's file may name another variable; the one that bears the chain's id goes first.
  for (const chain of records.values()) {
    const named = chain.rpcEnv.find((name) => isSet(env, name))
    if (named !== undefined && !variables.has(chain.id)) variables.set(chain.id, named)
  }
  const chains = [...variables].map(([id, name]): ChainConfig => {
    const urls = (env[name] ?? '').split(',').map((url) => url.trim())
    if (urls.some((url) => !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))) throw new RpcUrlError(name)
    if (quorum === 2 && urls.length < 2) throw new QuorumError(name, 'one')
    const [rpcUrl, ...fallbackRpcUrls] = urls.map(Redacted.of) as [
      Redacted.Redacted<string>,
      ...Redacted.Redacted<string>[],
    ]
    return {
      ...chainConfig(records.get(id) ?? chainOf(id)),
      rpcUrl,
      fallbackRpcUrls,
      quorum,
      isProofVerified,
      isLocal: false,
      faucet: null,
    }
  })
  // The local chain has one provider: a quorum that nobody forms must not pass for one.
  if (chains.length === 0 && quorum === 2) throw new QuorumError('COUNTERSIGN_RPC_<chainId>', 'none')
  return chains
}

/**
 * The operator's chain files, from the folder that `COUNTERSIGN_CHAINS_DIR` names; none without it.
 *
 * @throws {ChainFileError} `chains:file:invalid`; {ChainFolderError} `chains:folder:unreadable`.
 */
export function chainRecords(env: NodeJS.ProcessEnv): ReadonlyMap<number, Chain.Chain> {
  const folder = env['COUNTERSIGN_CHAINS_DIR'] ?? ''
  return folder === '' ? new Map() : readChains(folder)
}

/** Chains that a file describes and no variable gives an RPC URL for: they are checked, and not served. */
export function unservedChains(env: NodeJS.ProcessEnv): Chain.Chain[] {
  return [...chainRecords(env).values()].filter(
    (chain) => ![`COUNTERSIGN_RPC_${chain.id}`, ...chain.rpcEnv].some((name) => isSet(env, name)),
  )
}

function isSet(env: NodeJS.ProcessEnv, name: string): boolean {
  return (env[name] ?? '') !== ''
}

/** A setting that has few values; null when it is unset. */
function choice<T>(env: NodeJS.ProcessEnv, name: string, values: Readonly<Record<string, T>>): T | null {
  const text = env[name] ?? ''
  if (text === '') return null
  const value = Object.entries(values).find(([key]) => key === text)
  if (value === undefined) throw new SettingError(name, Object.keys(values))
  return value[1]
}

export class QuorumError extends BaseError {
  override readonly name = 'cli.QuorumError'
  constructor(variable: string, count: 'one' | 'none') {
    super(`A quorum of two needs two providers, and ${variable} names ${count}.`, {
      code: 'cli:quorum:impossible',
      kind: 'invalid',
      hint: `Set ${variable}=https://…,https://… or unset COUNTERSIGN_QUORUM.`,
    })
  }
}

export class SettingError extends BaseError {
  override readonly name = 'cli.SettingError'
  constructor(variable: string, values: readonly string[]) {
    super(`${variable} cannot be used.`, {
      code: 'cli:setting:unreadable',
      kind: 'invalid',
      hint: `Set it to ${values.join(' or ')}, or unset it.`,
    })
  }
}

export class RpcNameError extends BaseError {
  override readonly name = 'cli.RpcNameError'
  constructor(variable: string) {
    super(`${variable.slice(0, 60)} does not name a chain.`, {
      code: 'cli:rpc-name:unreadable',
      kind: 'invalid',
      hint: 'Name the chain by its id, such as COUNTERSIGN_RPC_1 for Ethereum, or unset it.',
    })
  }
}

export class RpcUrlError extends BaseError {
  override readonly name = 'cli.RpcUrlError'
  constructor(variable: string) {
    super(`${variable} is not an http(s) URL.`, {
      code: 'cli:rpc-url:unreadable',
      kind: 'invalid',
      hint: `Set ${variable}=https://… or unset it.`,
    })
  }
}
