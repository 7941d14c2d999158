import { call, make } from '../../../catalogue/blind/keptContracts.ts'
import { abi } from '../../../catalogue/moves.ts'
import { execute, openSafe, safe } from '../../../catalogue/safe.ts'
import type { World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

const HASH = `0x${'7e'.repeat(32)}`
const uid = (world: World) => `${HASH}${world.me.slice(2)}ffffffff`.toLowerCase()

export const cases: RuleCases = {
  flag: {
    'a hash on the user’s Safe': async (world) => ({
      calls: [{ ...world.pay(await openSafe(world), 0n), data: safe('approveHash', [HASH]) }],
    }),
    'an order, signed ahead': async (world) => ({
      calls: [call(await make(world, 'Notary'), 'Notary', 'setPreSignature', [uid(world), true])],
    }),
    'the same by the user’s Safe': async (world) => {
      const at = await openSafe(world)
      return {
        calls: [execute(world, at, call(await make(world, 'Notary'), 'Notary', 'setPreSignature', [uid(world), true]))],
      }
    },
  },
  leave: {
    'a signature is taken back': async (world) => ({
      calls: [call(await make(world, 'Notary'), 'Notary', 'setPreSignature', [uid(world), false])],
    }),
    'a commitment': async (world) => ({
      calls: [call(await make(world, 'Notary'), 'Notary', 'commit', [HASH])],
    }),
    'a Safe pays': async (world) => {
      const at = await openSafe(world)
      return { calls: [execute(world, at, abi(world.friend, 'function hello()'))] }
    },
  },
}
