import type { Gate } from './gate/Gate.ts'
import { localGate } from './gate/localGate.ts'
import { serverChain, serverGate } from './gate/serverGate.ts'
import { unpolluted } from './gate/unpolluted.ts'
import { SignerUnknownError } from './OptionsError.ts'
import * as Options from './Options.ts'
import type { AccountShape } from './adapters/AccountShape.ts'
import { guardAccountWith } from './adapters/guardAccount.ts'
import { guardClientWith, type ClientShape } from './adapters/guardClient.ts'
import { guardGoatWith, type GoatShape } from './adapters/guardGoat.ts'
import { guardProviderWith, type ProviderShape } from './adapters/guardProvider.ts'
import { guardSignerWith, type EthersSignerShape } from './adapters/guardSigner.ts'
import { guardWalletProviderWith, type WalletProviderShape } from './adapters/guardWalletProvider.ts'
import {
  guardX402ClientWith,
  guardX402SignerWith,
  type X402ClientShape,
  type X402SignerShape,
} from './adapters/guardX402.ts'
import { openX402Buyer, type X402Buyer } from './adapters/x402Buyer.ts'

interface Opened {
  readonly gate: Gate
  /** Where what names no chain is judged. */
  readonly chainId: () => Promise<number>
}

function open(options: Options.GuardOptions): Opened {
  const settings = Options.parse(options)
  if (settings.kind === 'server')
    return { gate: unpolluted(serverGate(settings)), chainId: () => serverChain(settings) }
  const { simulator } = settings
  return { gate: unpolluted(localGate(settings)), chainId: async () => simulator.chainId }
}

/**
 * Puts the gate in front of a signer: every method that signs or sends is simulated and judged first, and signs exactly
 * what was judged; every other method that could sign is refused by name.
 *
 * It stops a model and mistakes. Code in the same process that keeps the raw signer goes round it.
 *
 * @param signer - A viem `Account` or `WalletClient`, an EIP-1193 provider, an ethers `Signer`, an AgentKit wallet provider,
 *   a GOAT wallet client, or an x402 signer or client, recognised by its shape in this order.
 * @returns the same shape.
 * @throws {SignerUnknownError} `guard:signer:unknown`; {OptionsError} `guard:options:invalid`.
 */
export function guard<S extends object>(signer: S, options: Options.GuardOptions): S {
  const opened = open(options)
  const found = SHAPES.find(({ fits }) => fits(signer))
  if (found === undefined) throw new SignerUnknownError()
  return found.guard(signer as never, opened) as S
}

export const guardAccount = named('a viem Account', isAccount, guardAccountWith)
export const guardClient = named('a viem WalletClient', isClient, guardClientWith)
export const guardProvider = named('an EIP-1193 provider', isProvider, guardProviderWith)
export const guardSigner = named('an ethers Signer', isSigner, guardSignerWith)
export const guardWalletProvider = named('an AgentKit wallet provider', isWalletProvider, guardWalletProviderWith)
export const guardGoat = named('a GOAT wallet client', isGoat, guardGoatWith)
/**
 * An x402 buyer in front of a client: it pays once for each purchase, and what it does not know it asks the chain.
 *
 * @param client - An x402 client; the gate judges each of its payments.
 */
export function x402Buyer(
  client: object,
  options: Options.GuardOptions,
  { fetch: get = fetch }: { readonly fetch?: typeof fetch } = {},
): X402Buyer {
  if (!isX402Client(client)) throw new SignerUnknownError('This object is not an x402 client.')
  const opened = open(options)
  return openX402Buyer(guardX402ClientWith(client, opened), { fetch: get, isSpent: opened.gate.isSpent })
}

export const guardX402 = named(
  'an x402 signer or client',
  (value) => isX402Signer(value) || isX402Client(value),
  guardX402With,
)

function named(
  what: string,
  fits: (value: unknown) => boolean,
  wrap: (signer: never, opened: Opened) => unknown,
): <S extends object>(signer: S, options: Options.GuardOptions) => S {
  return <S extends object>(signer: S, options: Options.GuardOptions): S => {
    const opened = open(options)
    if (!fits(signer)) throw new SignerUnknownError(`This object is not ${what}.`)
    return wrap(signer as never, opened) as S
  }
}

function guardX402With(signer: X402SignerShape | X402ClientShape, opened: Opened): unknown {
  return isX402Client(signer)
    ? guardX402ClientWith(signer as X402ClientShape, opened)
    : guardX402SignerWith(signer as X402SignerShape, opened)
}

const SHAPES: readonly {
  readonly fits: (value: unknown) => boolean
  readonly guard: (signer: never, opened: Opened) => unknown
}[] = [
  { fits: isAccount, guard: guardAccountWith },
  { fits: isClient, guard: guardClientWith },
  { fits: isProvider, guard: guardProviderWith },
  { fits: isSigner, guard: guardSignerWith },
  { fits: isWalletProvider, guard: guardWalletProviderWith },
  { fits: isGoat, guard: guardGoatWith },
  { fits: isX402Signer, guard: guardX402SignerWith },
  { fits: isX402Client, guard: guardX402ClientWith },
]

function has(value: unknown, ...names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}

function isAccount(value: unknown): value is AccountShape {
  const { type, address } = (value ?? {}) as Partial<AccountShape>
  return (
    typeof address === 'string' && (type === 'local' || type === 'smart') && has(value, 'signMessage', 'signTypedData')
  )
}

function isClient(value: unknown): value is ClientShape {
  return has(value, 'request', 'sendTransaction', 'signMessage', 'extend')
}

function isProvider(value: unknown): value is ProviderShape {
  return has(value, 'request') && !has(value, 'extend') && !has(value, 'signMessage')
}

function isSigner(value: unknown): value is EthersSignerShape {
  return has(
    value,
    'getAddress',
    'connect',
    'populateTransaction',
    'signTransaction',
    'signTypedData',
    'sendTransaction',
  )
}

function isWalletProvider(value: unknown): value is WalletProviderShape {
  return has(value, 'getAddress', 'getNetwork', 'nativeTransfer', 'sendTransaction', 'signTransaction', 'signTypedData')
}

function isGoat(value: unknown): value is GoatShape {
  return has(value, 'getAddress', 'getChain', 'getCoreTools', 'sendTransaction', 'signMessage')
}

function isX402Signer(value: unknown): value is X402SignerShape {
  return typeof (value as Partial<X402SignerShape> | null)?.address === 'string' && has(value, 'signTypedData')
}

function isX402Client(value: unknown): value is X402ClientShape {
  return has(value, 'register', 'createPaymentPayload', 'onBeforePaymentCreation', 'onPaymentResponse')
}
