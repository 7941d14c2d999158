/** A catalogue of switches: contracts that behave in the preview and do something else once they are turned, one kind of effect each. */
import { join } from 'node:path'
import { Address } from '@countersign/base'
import { contractsOf } from '../../blind/frame.ts'
import { abi, dai, DOLLAR, ETHER, MAX, nft, permit2Approve, usdc } from '../../moves.ts'
import { execute, openSafe, safe } from '../../safe.ts'
import type { Scene, World } from '../../World.ts'
import type { Call } from '../../../src/index.ts'

export const SWITCHES_SET = join(import.meta.dirname, 'contracts.json')
const { make, call } = contractsOf(SWITCHES_SET)

/** A scene that turns. */
export interface Staged extends Scene {
  readonly calls: readonly Call[]
  /** What somebody sends between preview and block; a number: so many seconds pass. */
  readonly turn: Call | number
  /** What would be otherwise afterwards: each is read after the batch. */
  readonly reads: readonly Call[]
}

export interface Switch {
  readonly name: string
  /** Why no bound can name it; absent: it has a getter, and must be prevented. */
  readonly notExpressible?: string
  build(world: World): Promise<Staged>
}

/** Who turns what can be turned, and gets what is taken. */
export const keeperOf = ({ chain }: World): Address.Address => Address.parse(chain.accounts[0]?.address ?? '')

const turned = (at: Address.Address, name: string): Call => call(at, name, 'turn')
const readCoin = async (world: World, account: Address.Address): Promise<Call> =>
  call(await make(world, 'Eye'), 'Eye', 'coin', [account])

/** A visit that takes by a right that has stood for long. */
async function visit(
  world: World,
  {
    token,
    what,
    kind,
    grant,
    read,
  }: { token: Address.Address; what: bigint; kind: number; grant: (to: Address.Address) => Call; read: Call },
): Promise<Staged> {
  const at = await make(world, 'Visits', [keeperOf(world), token, what, kind])
  await world.send(grant(at))
  return {
    calls: [call(at, 'Visits', 'visit', [], ETHER)],
    turn: turned(at, 'Visits'),
    reads: [read],
    isAgentProposed: true,
  }
}

export const SWITCHES: readonly Switch[] = [
  {
    name: 'pays a cent in the place of the price',
    async build(world) {
      const at = await make(world, 'Till', [keeperOf(world), world.chain.addresses.usdc])
      await world.send(usdc(world, 'transfer', [at, 50_000n * DOLLAR]))
      return {
        ...{ calls: [call(at, 'Till', 'buy', [], ETHER)], turn: turned(at, 'Till') },
        reads: [usdc(world, 'balanceOf', [world.me])],
      }
    },
  },
  {
    name: 'pays another payee',
    async build(world) {
      const at = await make(world, 'Post', [keeperOf(world)])
      return {
        calls: [call(at, 'Post', 'pay', [world.friend], ETHER)],
        ...{ turn: turned(at, 'Post'), reads: [await readCoin(world, world.friend)] },
      }
    },
  },
  {
    name: 'leaves an allowance behind',
    async build(world) {
      const at = await make(world, 'Change', [keeperOf(world), world.chain.addresses.usdc])
      await world.enrich(at, 10n * ETHER)
      return {
        calls: [usdc(world, 'approve', [at, 300n * DOLLAR]), call(at, 'Change', 'change', [300n * DOLLAR])],
        ...{ turn: turned(at, 'Change'), reads: [usdc(world, 'allowance', [world.me, at])] },
      }
    },
  },
  {
    name: 'gives an allowance of what was deposited',
    notExpressible: 'whoever gets it is nobody of the preview, and a bound must name the spender',
    async build(world) {
      const at = await make(world, 'Vault', [keeperOf(world)])
      return {
        calls: [call(at, 'Vault', 'deposit', [], ETHER)],
        ...{ turn: turned(at, 'Vault'), reads: [call(at, 'Vault', 'allowance', [world.me, keeperOf(world)])] },
      }
    },
  },
  {
    name: 'takes another token by a standing allowance',
    build: (world) =>
      visit(world, {
        ...{ token: Address.parse(world.chain.addresses.dai), what: 70n * ETHER, kind: 0 },
        ...{ grant: (to) => dai(world, 'approve', [to, MAX]), read: dai(world, 'balanceOf', [world.me]) },
      }),
  },
  {
    name: 'takes an NFT as its operator',
    build: (world) =>
      visit(world, {
        ...{ token: Address.parse(world.chain.addresses.nft), what: 1n, kind: 1 },
        ...{ grant: (to) => nft(world, 'setApprovalForAll', [to, true]), read: nft(world, 'ownerOf', [1n]) },
      }),
  },
  {
    name: 'takes pieces of an ERC-1155 as their operator',
    async build(world) {
      const token = await make(world, 'Many')
      await world.send(call(token, 'Many', 'mint', [world.me, 7n, 20n]))
      return visit(world, {
        ...{ token, what: 7n, kind: 2, grant: (to) => call(token, 'Many', 'setApprovalForAll', [to, true]) },
        read: call(token, 'Many', 'balanceOf', [world.me, 7n]),
      })
    },
  },
  {
    name: 'takes pieces of an ERC-6909 as their operator',
    async build(world) {
      const token = await make(world, 'Kinds')
      await world.send(call(token, 'Kinds', 'mint', [world.me, 7n, 20n]))
      return visit(world, {
        ...{ token, what: 7n, kind: 3, grant: (to) => call(token, 'Kinds', 'setOperator', [to, true]) },
        read: call(token, 'Kinds', 'balanceOf', [world.me, 7n]),
      })
    },
  },
  {
    name: 'takes a token by a standing allowance in Permit2',
    async build(world) {
      const { permit2, usdc: dollar } = world.chain.addresses
      const at = await make(world, 'Puller', [keeperOf(world), permit2, dollar])
      await world.send(usdc(world, 'approve', [permit2, MAX]))
      await world.send(permit2Approve(world, dollar, at))
      return {
        calls: [call(at, 'Puller', 'visit', [], ETHER)],
        ...{ turn: turned(at, 'Puller'), reads: [usdc(world, 'balanceOf', [world.me])] },
      }
    },
  },
  {
    name: 'adds an owner to the user’s Safe as its module',
    async build(world) {
      const own = await openSafe(world)
      const at = await make(world, 'Module', [keeperOf(world)])
      await world.send(execute(world, own, { to: own, value: 0n, data: safe('enableModule', [at]) }))
      return {
        calls: [call(at, 'Module', 'run', [own])],
        turn: turned(at, 'Module'),
        reads: [abi(own, 'function isOwner(address)', [keeperOf(world)])],
      }
    },
  },
  {
    name: 'pays less an hour later',
    async build(world) {
      const at = await make(world, 'Hours')
      await world.enrich(at, 10n * ETHER)
      return { calls: [call(at, 'Hours', 'visit', [], ETHER)], turn: 3_600, reads: [await readCoin(world, at)] }
    },
  },
  {
    name: 'a token whose balance lies',
    notExpressible: 'the reading is the token’s own',
    async build(world) {
      const at = await make(world, 'Liar', [keeperOf(world)])
      return {
        calls: [call(at, 'Liar', 'buy', [], ETHER)],
        ...{ turn: turned(at, 'Liar'), reads: [call(at, 'Liar', 'real', [world.me])] },
      }
    },
  },
  {
    name: 'hands on what the user holds in a registry that nobody knows',
    notExpressible: 'no standard names a getter',
    async build(world) {
      const token = await make(world, 'Registry')
      await world.send(call(token, 'Registry', 'take', [7n]))
      return visit(world, {
        ...{ token, what: 7n, kind: 4, grant: (to) => call(token, 'Registry', 'open', [to]) },
        read: call(token, 'Registry', 'holder', [7n]),
      })
    },
  },
]
