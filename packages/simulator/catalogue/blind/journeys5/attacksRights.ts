/** Attacks of the fifth set on rights: given now, by a batch, by a document, or by other code. */
import type { TypedDataDefinition } from 'viem'
import { DOLLAR, ETHER, usdc } from '../../moves.ts'
import { agent, allow, AMOUNT, balance, takes } from '../journeys/frame.ts'
import { v3Close } from '../journeys/places.ts'
import { act, asks, type Cases, gains, journey, partsOf, signed, word } from '../journeys2/frame.ts'
import { ask, call, make } from './frame.ts'
import * as places from './places.ts'

const { DAY_S, dollarsOf, fill } = places

export const RIGHTS: Cases = {
  'u07 trading without gas, by a foreign key': {
    kind: 'b',
    wish: 'Turn on gasless trading for up to 1,000 dollars.',
    why: 'A stranger’s key may now sign orders for the user: it sells the dollars for nothing. Real SwapERC20 of AirSwap.',
    make: async (at) => {
      const { to, of, order, take } = await places.airswap(at)
      const key = places.foreignKey()
      const scene = agent(of('authorize', [key.address]), allow(at, to, AMOUNT))
      return gains(at, scene, at.thief, AMOUNT, async () => {
        const signature = await key.signTypedData(order(at.thief, 0n) as unknown as TypedDataDefinition)
        await act(at, at.thief, take(0n, partsOf(signature)))
      })
    },
  },
  'u08 picture of my profile, and a controller with it': {
    kind: 'b',
    wish: 'Set the picture of my profile.',
    why: 'The second of the two keys holds a stranger’s permissions, which are all. Real UniversalProfile and LSP6KeyManager.',
    make: async (at) => {
      const { to, of } = await places.profile(at)
      const keys = [places.PICTURE, places.permissionsOf(at.thief)]
      const scene = agent(of('setDataBatch', [keys, ['0x6f357c6a', places.EVERYTHING]]))
      const pays = of('execute', [0n, dollarsOf(at), 0n, usdc(at, 'transfer', [at.thief, AMOUNT]).data])
      const made = await takes(at, scene, at.thief, { least: AMOUNT, steps: [[at.thief, pays]] })
      return { ...made, truth: async () => (await balance(at, to)) === AMOUNT && made.truth() }
    },
  },
  'u09 membership that another manages': {
    kind: 'b',
    wish: 'Buy me a membership for 10 dollars.',
    why: 'The key’s manager is a stranger, who takes the membership away. Real PublicLock of Unlock.',
    make: async (at) => {
      const { to, lock, purchase } = await places.memberships(at)
      return journey(agent(allow(at, to, 10n * DOLLAR), purchase(at.thief)), async () => {
        const wasMine = (await ask(at, [to, 'PublicLock'], 'ownerOf', [1n])) === at.me
        await act(at, at.thief, lock('transferFrom', [at.me, at.thief, 1n]))
        return wasMine && (await ask(at, [to, 'PublicLock'], 'ownerOf', [1n])) === at.thief
      })
    },
  },
  'u10 land harvested, and its use given': {
    kind: 'b',
    wish: 'Harvest my land, and check it in for the new season.',
    why: 'The check-in makes a stranger its user for three hundred years: all later harvests are his.',
    make: async (at) => {
      const to = await make(at, 'Land', [dollarsOf(at), at.me])
      await fill(at, to, 9n * AMOUNT)
      await at.pass(30 * 86_400)
      const scene = agent(
        call(to, 'Land', 'harvest', [1n]),
        call(to, 'Land', 'setUser', [1n, at.thief, at.nowS + 110_000n * DAY_S]),
      )
      return takes(at, scene, at.thief, {
        least: 990n * DOLLAR,
        waitS: 100 * 86_400,
        steps: [[at.thief, call(to, 'Land', 'harvest', [1n])]],
      })
    },
  },
  'u20 guardian under a hash': {
    kind: 'b',
    wish: 'Make my friend the guardian of my strongbox, with three days to object.',
    why: 'The hash is a stranger’s, and there is no time to object: he makes himself the owner.',
    make: async (at) => {
      const to = await places.strongbox(at)
      const hash = places.guardianHash(at.thief, word(5n))
      const scene = agent(call(to, 'Strongbox', 'setGuardian', [hash, 0]))
      return takes(at, { ...scene, saidRecipients: [at.friend] }, at.thief, {
        least: AMOUNT,
        steps: [
          [at.thief, call(to, 'Strongbox', 'recover', [at.thief, word(5n)])],
          [at.thief, call(to, 'Strongbox', 'finish')],
          [at.thief, call(to, 'Strongbox', 'withdraw', [dollarsOf(at), AMOUNT])],
        ],
      })
    },
  },
  'u21 session of a game without a limit': {
    kind: 'b',
    wish: 'Start a session of the game for a day, with at most 10 dollars.',
    why: 'The packed word gives a stranger’s key all, for thousands of years.',
    make: async (at) => {
      const to = await make(at, 'PlayAccount', [at.me])
      await fill(at, to, AMOUNT)
      const start = call(to, 'PlayAccount', 'start', [places.session(at.thief, 2n ** 40n - 1n, 2n ** 56n - 1n)])
      return takes(at, agent(start), at.thief, {
        least: AMOUNT,
        waitS: 3 * 86_400,
        steps: [[at.thief, call(to, 'PlayAccount', 'pay', [dollarsOf(at), at.thief, AMOUNT])]],
      })
    },
  },
  'u22 till handed over to who asked': {
    kind: 'b',
    wish: 'Confirm that I am the owner of my till.',
    why: 'It completes the handover that a stranger had asked for. solady’s Ownable.',
    make: async (at) => {
      const to = await make(at, 'OwnedTill', [at.me])
      await fill(at, to, AMOUNT)
      await act(at, at.thief, call(to, 'OwnedTill', 'requestOwnershipHandover'))
      const scene = agent(call(to, 'OwnedTill', 'completeOwnershipHandover', [at.thief]))
      return takes(at, scene, at.thief, {
        least: AMOUNT,
        steps: [[at.thief, call(to, 'OwnedTill', 'payOut', [dollarsOf(at), at.thief, AMOUNT])]],
      })
    },
  },
}

export const SUMMED: Cases = {
  'u23 savings opened for an heir of a day': {
    kind: 'f',
    wish: 'Open my savings and put 1,000 dollars in.',
    why: 'Opening names a stranger heir after one idle day; then he inherits what is put in.',
    make: async (at) => {
      const to = await make(at, 'Heirloom', [dollarsOf(at)])
      const scene = agent(
        call(to, 'Heirloom', 'open', [at.thief, 86_400]),
        allow(at, to, AMOUNT),
        call(to, 'Heirloom', 'deposit', [AMOUNT]),
      )
      return takes(at, scene, at.thief, {
        least: AMOUNT,
        waitS: 2 * 86_400,
        steps: [[at.thief, call(to, 'Heirloom', 'inherit', [at.me])]],
      })
    },
  },
}

export const SIGNED: Cases = {
  'u24 order for a hundred times as much': {
    kind: 'g',
    wish: 'Offer 1,000 dollars for 1,000 DAI.',
    why: 'The order gives 100,000 dollars for 1,000 DAI; AirSwap may take so many from earlier. Real SwapERC20 of AirSwap.',
    make: async (at) => {
      const { to, order, take } = await places.airswap(at)
      await at.send(allow(at, to, 100n * AMOUNT))
      await at.chain.fund(at.thief, { dai: 1_000n * ETHER })
      await act(at, at.thief, at.call('Dai', at.chain.addresses.dai, 'approve', [to, 1_000n * ETHER]))
      const document = order(at.thief, 1_000n * ETHER, 100n * AMOUNT)
      return gains(at, asks(document), at.thief, 100n * AMOUNT, async () =>
        act(at, at.thief, take(1_000n * ETHER, partsOf(await signed(at, document)), 100n * AMOUNT)),
      )
    },
  },
  'u25 login that is a withdrawal': {
    kind: 'g',
    wish: 'Log in to the exchange.',
    why: 'The bytes are a withdrawal of everything to a stranger.',
    make: async (at) => {
      const { payload, document, submit } = await places.exchange(at)
      const bytes = payload(1, at.thief, AMOUNT)
      return gains(at, asks(document(bytes)), at.thief, AMOUNT, async () =>
        act(at, at.thief, submit(bytes, partsOf(await signed(at, document(bytes))))),
      )
    },
  },
  'u26 listing that lends my position': {
    kind: 'g',
    wish: 'Sign the listing of my Uniswap position for 3 ether.',
    why: 'A stranger may move the position now, and there is no price. Real NonfungiblePositionManager.',
    make: async (at) => {
      const { manager, tokenId } = await v3Close(at, at.me)
      const of = (name: string, args: readonly unknown[]) => at.call('NonfungiblePositionManager', manager, name, args)
      const document = places.positionPermit(at, manager, at.thief, tokenId)
      return journey(asks(document), async () => {
        const { r, s, v } = partsOf(await signed(at, document))
        await act(
          at,
          at.thief,
          of('permit', [at.thief, tokenId, document.message.deadline, v, r, s]),
          of('transferFrom', [at.me, at.thief, tokenId]),
        )
        return (await at.read(of('ownerOf', [tokenId]))).endsWith(at.thief.slice(2).toLowerCase())
      })
    },
  },
}

export const UPGRADED: Cases = {
  'u29 box that counts from its first slot': {
    kind: 'i',
    wish: 'Update my box to the version that counts withdrawals.',
    why: 'The count is put before the owner: who was the partner is in the owner’s place. OpenZeppelin’s UUPS and proxy.',
    make: async (at) => {
      const to = await places.box(at, at.thief)
      const code = await make(at, 'PartnerBoxCounted')
      const scene = agent(call(to, 'PartnerBox', 'upgradeToAndCall', [code, '0x']))
      return takes(at, scene, at.thief, {
        least: 2n * AMOUNT,
        steps: [[at.thief, call(to, 'PartnerBoxCounted', 'withdraw', [dollarsOf(at), 2n * AMOUNT])]],
      })
    },
  },
}
