import type { Command } from '../Command.ts'
import { isSecretName, isWalletName } from '../../places.ts'

export const command: Command = {
  names: ['env', 'printenv', 'set', 'export'],
  about: 'Prints the environment when it is called alone.',
  run(call) {
    const names = call.own.filter((each) => !each.startsWith('-'))
    const isWhole =
      call.program === 'env' || call.program === 'printenv' || call.own.length === 0 || call.own[0] === '-p'
    if (!isWhole) return null
    if (names.length === 0) return { taint: new Map([['env', 'the whole environment'] as const]), literal: null }
    const name = names[0] ?? ''
    const source = isWalletName(name) ? ('wallet' as const) : ('secret' as const)
    return { taint: isSecretName(name) ? new Map([[source, `$${name}`] as const]) : new Map(), literal: null }
  },
}
