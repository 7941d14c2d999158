import type { Address, Hex } from '@countersign/base'
import type { LocalChain } from '@countersign/chain'
import type { Call, KnownAddress, Report, SimulationRequest, Simulator } from '../src/index.ts'

/** What is put before the simulator: transactions or a document, and what the caller knows and means. */
export interface Scene {
  readonly calls?: readonly Call[]
  /** What is to be signed in the place of transactions, as a file has it: typed data, an authorization, a message, a hash. */
  readonly document?: unknown
  /** What the user meant, as the intent file has it; `version`, `chain_id` and `account` are filled in. */
  readonly intent?: readonly Readonly<Record<string, unknown>>[]
  /** Addresses that the caller vouches for, beside the chain's own tokens and contracts. */
  readonly known?: readonly KnownAddress[]
  /** The user; `world.me` unless given. */
  readonly from?: Address.Address
  readonly isAgentProposed?: boolean
  /** Whom the user named as the recipient in this very request. */
  readonly saidRecipients?: readonly Address.Address[]
  /** How many of the first calls are signed already. */
  readonly signedBefore?: number
}

/** Sets the chain up and says what is to be simulated. What it changes on the chain is undone afterwards. */
export type Build = (world: World) => Scene | Promise<Scene>

/** What came of a scene. */
export interface Played {
  readonly scene: Scene
  readonly report: Report.Report
  /** The card as people read it, addresses by name so that it never changes with the chain. */
  readonly card: string
  /** Any text with its addresses by name. */
  readonly named: (text: string) => string
}

/**
 * The local chain with real contracts, one simulator on it, and the people of the catalogue. Everything is the same at
 * every run: the same addresses, and a clock that stands.
 */
export interface World {
  readonly chain: LocalChain
  readonly known: readonly KnownAddress[]
  /** The user: holds ether, 100,000 USDC, 100,000 DAI, 100 WETH and the tokens 0 to 2 of the local collection. */
  readonly me: Address.Address
  /** Somebody with an ordinary account. Nobody vouches for it. */
  readonly friend: Address.Address
  /** An attacker: an account without code that has sent transactions before. */
  readonly thief: Address.Address
  /** Never used on this chain. */
  readonly stranger: Address.Address
  /** The chain's time: seconds since 1970. */
  readonly nowS: bigint
  /** Deploys a fixture (or a contract of a package) by its artifact's name, and gives the address that name. */
  deploy(name: string, args?: readonly unknown[], value?: bigint): Promise<Address.Address>
  /** Deploys creation code that is no artifact of the chain's. */
  deployCode(name: string, code: Hex.Hex): Promise<Address.Address>
  /** Creation code of an artifact with its arguments, for a call without a recipient. */
  creationOf(name: string, args?: readonly unknown[]): Hex.Hex
  /** Gives an address a name in texts. */
  name(address: string, name: string): void
  /** A call of a contract by its artifact's name. */
  call(name: string, to: Address.Address, functionName: string, args?: readonly unknown[], more?: Partial<Call>): Call
  pay(to: Address.Address, value: bigint): Call
  /** Gives an account so much ether. */
  enrich(account: Address.Address, wei: bigint): Promise<void>
  /** What a call answers on the chain now. */
  read(call: Call, from?: Address.Address): Promise<Hex.Hex>
  /** Really sends a call, from the user or somebody else, and waits until it is mined. A revert throws. */
  send(call: Call, from?: Address.Address): Promise<void>
  /** Lets chain time pass and mines a block. */
  pass(seconds: number): Promise<void>
  /** Builds a scene, simulates it, and puts the chain back as it was. */
  play(build: Build): Promise<Played>
  /** The same, with more done in the scene's chain before it is put back: what a rival says, what is really mined. */
  inside<T>(build: Build, work: (scene: Scene) => Promise<T>): Promise<T>
  simulate(scene: Scene): Promise<Played>
  /** What the scene asks of a simulator. */
  requestOf(scene: Scene): Promise<SimulationRequest>
  /** Another simulator on the same chain, with the same clock, that has simulated nothing. The caller closes it. */
  open(): Promise<Simulator>
  close(): Promise<void>
}
