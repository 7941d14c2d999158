import type { Attack } from '../Catalogue.ts'
import { decidedBy, delta, grants, says } from '../facts.ts'
import { batch, delegateTo, DOLLAR, ETHER, FOREVER, openPool, pairOf, router, usdc } from '../moves.ts'
import { hookPays } from '../places.ts'
import type { World } from '../World.ts'

/** A token of the fixtures with 10,000 units of the user's. */
async function held(world: World, name: string) {
  const token = await world.deploy(name)
  await world.send(world.call(name, token, 'mint', [world.me, 10_000n]))
  return token
}

export const tokens: readonly Attack[] = [
  {
    id: 'E01',
    title: 'a token takes and says nothing',
    verdict: 'block',
    rules: ['debit-unannounced'],
    async stage(world) {
      const token = await held(world, 'SilentToken')
      return {
        calls: [world.call('SilentToken', token, 'claim')],
        harm: { loses: [[token, 1_000n]] },
        shows: (report, card) => ({
          'what leaves': delta(report, world.me, token) === -1_000n,
          'on the card': card.includes('-0.000000000000001 FIX'),
        }),
      }
    },
  },
  {
    id: 'E02',
    title: 'the same inside a batch of the user’s account',
    verdict: 'block',
    rules: ['debit-unannounced'],
    async stage(world) {
      const token = await held(world, 'SilentToken')
      await delegateTo(world, world.me, await world.deploy('Batch'))
      return {
        calls: [batch(world, [world.call('SilentToken', token, 'claim')])],
        harm: { loses: [[token, 1_000n]] },
        shows: (report) => ({ 'what leaves': delta(report, world.me, token) === -1_000n }),
      }
    },
  },
  {
    id: 'E03',
    title: 'an airdrop that is only announced',
    verdict: 'block',
    rules: ['event-unbacked'],
    async stage(world) {
      const token = await world.deploy('FakeEventToken')
      return {
        calls: [world.call('FakeEventToken', token, 'airdrop')],
        harm: { neverArrives: token },
        shows: (report) => ({
          'nothing arrives': delta(report, world.me, token) === 0n,
          'that it was announced': says(report, 'event-unbacked', 'your balance does not grow'),
        }),
      }
    },
  },
  {
    id: 'E05',
    title: 'a dollar by name that cannot be sold',
    verdict: 'block',
    rules: ['unsellable', 'token-impersonates'],
    async stage(world) {
      const token = await world.deploy('FakeDollar')
      return {
        calls: [world.call('FakeDollar', token, 'buy', [], { value: ETHER })],
        harm: { hidden: 'what arrives is no dollar and cannot be sold' },
        shows: (report) => ({
          'the ether leaves': delta(report, world.me, null) === -ETHER,
          'it is not the dollar that you hold': delta(report, world.me, world.chain.addresses.usdc) === 0n,
          'not the dollar it is named after': says(report, 'token-impersonates', 'but that is USD Coin'),
          'it cannot be sold': says(report, 'unsellable', 'the sale was tried and fails'),
        }),
      }
    },
  },
  {
    id: 'E06',
    title: 'everybody may buy, nobody may sell',
    verdict: 'block',
    rules: ['unsellable'],
    async stage(world) {
      const token = await world.deploy('Honeypot')
      const { weth } = world.chain.addresses
      await openPool(world, token, 1_000_000n * ETHER, 100n * ETHER)
      await world.send(world.call('Honeypot', token, 'setPair', [await pairOf(world, token, weth)]))
      return {
        calls: [router(world, 'swapExactETHForTokens', [9_800n * ETHER, [weth, token], world.me, FOREVER], ETHER)],
        harm: { hidden: 'it can never be sold' },
        shows: (report) => ({
          'what arrives': delta(report, world.me, token) > 9_000n * ETHER,
          'that it cannot be sold': says(report, 'unsellable', 'the sale was tried and fails'),
        }),
      }
    },
  },
  {
    id: 'E08',
    title: 'thirty percent stay on the way',
    verdict: 'warn',
    rules: ['transfer-fee'],
    async stage(world) {
      const token = await held(world, 'FeeToken')
      return {
        calls: [world.call('FeeToken', token, 'transfer', [world.friend, 1_000n])],
        harm: { shortfall: { account: world.friend, token, received: 700n } },
        shows: (report) => ({
          'what the recipient gets': delta(report, world.friend, token) === 700n,
          'and what was sent': says(report, 'transfer-fee', /receives 700 .* 1000 were sent/),
        }),
      }
    },
  },
  {
    id: 'E09a',
    title: 'gas is burnt for nobody’s benefit',
    verdict: 'warn',
    rules: ['gas-high'],
    async stage(world) {
      const burner = await world.deploy('GasBurner')
      return {
        calls: [world.call('GasBurner', burner, 'burn', [200n])],
        harm: { gas: 4_000_000n },
        shows: (report, card) => ({
          'how much': says(report, 'gas-high', /uses 4\d{6} gas/),
          'what it costs': card.includes('Network fee'),
        }),
      }
    },
  },
  {
    id: 'E09b',
    title: 'the same above the fee that was meant',
    verdict: 'block',
    rules: ['gas-high', 'intent-violated'],
    async stage(world) {
      const burner = await world.deploy('GasBurner')
      return {
        calls: [world.call('GasBurner', burner, 'burn', [200n])],
        intent: [{ name: 'max_fee', amount: '1000000000000000' }],
        harm: { gas: 4_000_000n },
        shows: (report) => ({ 'the cap': says(report, 'intent-violated', 'the cap is 0.001') }),
      }
    },
  },
  {
    id: 'E10',
    title: 'ether is kept when an inner call runs out of gas',
    verdict: 'block',
    rules: ['environment-dependent'],
    async stage(world) {
      const shop = await world.deploy('TryCatch')
      return {
        calls: [world.call('TryCatch', shop, 'claim', [], { value: ETHER, gasLimit: 700_000n })],
        harm: { loses: [[null, ETHER]] },
        shows: (report) => ({
          'the loss at the signed limit': delta(report, world.me, null) === -ETHER,
          'gas decides': report.environments.some(({ name }) => decidedBy(report, name).includes('GAS')),
        }),
      }
    },
  },
  {
    id: 'E12',
    title: 'a token that returns nothing, sent to somebody new',
    verdict: 'allow',
    rules: [],
    async stage(world) {
      const token = await world.deploy('DummyNoReturnERC20Token', ['Tether', 'USDT', 6n, 0n])
      await world.send(world.call('DummyNoReturnERC20Token', token, 'mint', [1_000n]))
      return {
        calls: [world.call('DummyNoReturnERC20Token', token, 'transfer', [world.friend, 400n])],
        harm: { loses: [[token, 400n]] },
        shows: (report) => ({
          'what leaves': delta(report, world.me, token) === -400n,
          'what arrives': delta(report, world.friend, token) === 400n,
        }),
      }
    },
  },
  {
    id: 'E12b',
    title: 'a token that says false instead of failing',
    verdict: 'allow',
    rules: [],
    async stage(world) {
      const token = await held(world, 'FalseReturnToken')
      return {
        calls: [world.call('FalseReturnToken', token, 'transfer', [world.friend, 99_999n])],
        harm: { neverArrives: token },
        shows: (report) => ({ 'nothing moves': report.tokenChanges.every((change) => change.token !== token) }),
      }
    },
  },
  {
    id: 'E13a',
    title: 'an ERC-777 hook in the user’s own code pays out',
    verdict: 'block',
    rules: ['debit-by-callback'],
    async stage(world) {
      const call = await hookPays(world)
      return {
        calls: [call],
        harm: { loses: [[null, ETHER]] },
        shows: (report) => ({
          'the ether that the hook pays': delta(report, world.me, null) === -ETHER,
          'to whom': delta(report, world.thief, null) === ETHER,
        }),
      }
    },
  },
  {
    id: 'E14',
    title: 'a function that shares its selector with a transfer',
    verdict: 'block',
    rules: ['approval-unlimited'],
    async stage(world) {
      const at = await world.deploy('Collision')
      return {
        calls: [world.call('PlainToken', at, 'transfer', [world.thief, 1n])],
        harm: { grants: [{ contract: at, subject: world.thief }] },
        shows: (report) => ({
          'what it really does': grants(report, 'erc20_allowance', world.thief, { unlimited: true }),
          'nothing is sent': delta(report, world.thief, at) === 0n,
        }),
      }
    },
  },
  {
    id: 'E17',
    title: 'the balance is hidden once it was taken',
    verdict: 'block',
    rules: ['effects-unreadable'],
    async stage(world) {
      const token = await held(world, 'MuteToken')
      return {
        calls: [world.call('MuteToken', token, 'claim')],
        harm: { loses: [[token, 1_000n]] },
        shows: (report) => ({ 'that it cannot be read': says(report, 'effects-unreadable', 'is not known') }),
      }
    },
  },
  {
    id: 'E18',
    title: 'selling stops half an hour after buying',
    verdict: 'block',
    rules: ['unsellable'],
    async stage(world) {
      const token = await world.deploy('LateHoneypot')
      const { weth } = world.chain.addresses
      await openPool(world, token, 1_000_000n * ETHER, 100n * ETHER)
      await world.send(world.call('LateHoneypot', token, 'setPair', [await pairOf(world, token, weth)]))
      return {
        calls: [router(world, 'swapExactETHForTokens', [9_800n * ETHER, [weth, token], world.me, FOREVER], ETHER)],
        harm: { hidden: 'in half an hour it cannot be sold any more' },
        shows: (report) => ({ later: says(report, 'unsellable', 'an hour later the sale fails') }),
      }
    },
  },
  {
    id: 'E19',
    title: 'tokens are sent to their own contract',
    verdict: 'block',
    rules: ['recipient-unverified'],
    stage: (world) => ({
      calls: [usdc(world, 'transfer', [world.chain.addresses.usdc, 5n * DOLLAR])],
      harm: { loses: [[world.chain.addresses.usdc, 5n * DOLLAR]] },
      shows: (report) => ({ 'that they are lost': says(report, 'recipient-unverified', 'are lost') }),
    }),
  },
  {
    id: 'E15',
    title: 'an approval with dirt above the spender’s address, which old contracts wipe off',
    verdict: 'block',
    rules: ['approval-unlimited', 'spender-unknown'],
    stage: (world) => {
      const { weth } = world.chain.addresses
      const { data } = world.call('WETH9', weth, 'approve', [world.thief, 2n ** 256n - 1n])
      const dirty = `${data.slice(0, 10)}deadbeefdeadbeefdeadbeef${data.slice(34)}`
      return {
        calls: [{ ...world.pay(weth, 0n), data: dirty as `0x${string}` }],
        harm: { grants: [{ contract: weth, subject: world.thief }] },
        shows: (report) => ({
          'the spender that is meant': grants(report, 'erc20_allowance', world.thief, { unlimited: true }),
        }),
      }
    },
  },
]
