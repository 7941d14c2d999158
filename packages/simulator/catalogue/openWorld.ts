import { Address, Clock, type Hex } from '@countersign/base'
import { startLocalChain } from '@countersign/chain'
import { createSimulator, parseIntent, readSignable, renderReport, type Call, type KnownAddress } from '../src/index.ts'
import { authorize } from './moves.ts'
import { afterDeploy, amount, calldata, creation, FIXTURES } from './variant.ts'
import type { Played, World } from './World.ts'

const ETHER = 10n ** 18n
const DOLLAR = 10n ** 6n
/** 2035-01-01T00:00:00Z: later than any block of the saved chain, so that times in texts are always the same. */
const START_S = 2_051_222_400

/** Opens the catalogue's world. The first start of a checkout deploys the chain (two seconds); later ones load it. */
export async function openWorld({ crossCheckShare = 0 }: { crossCheckShare?: number } = {}): Promise<World> {
  const chain = await startLocalChain()
  const { rpc, addresses } = chain
  const deployer = chain.accounts[0]?.address as Address.Address
  const me = chain.accounts[1]?.address as Address.Address
  const friend = chain.accounts[2]?.address as Address.Address
  const thief = Address.parse('0xbadc0de15afe0ff1ce0ddba11f00d00dcafe0bad')
  const stranger = Address.parse('0x7ac3e0b1d59f42866d0e9b3a81f6c25d90b47e1f')
  let clockMs = START_S * 1000
  const clock: Clock.Clock = { nowMs: () => clockMs } as Clock.Clock
  const simulator = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl], clock, crossCheckShare })
  const known: KnownAddress[] = [
    ...chain.tokens.map((token): KnownAddress => ({ ...token, kind: 'token' })),
    ...chain.contracts,
  ]
  let names = new Map<string, string>()
  let turn: Promise<void> = Promise.resolve()
  let scenes = 0

  const hex = (value: bigint | number) => `0x${value.toString(16)}`
  async function transact(
    from: Address.Address,
    { to, data, value }: { to: Address.Address | null; data: Hex.Hex; value: bigint },
  ): Promise<Address.Address | null> {
    const hash = await rpc<Hex.Hex>('eth_sendTransaction', [
      { from, data, value: hex(value), gas: '0xe00000', ...(to === null ? {} : { to }) },
    ])
    type Mined = { status: Hex.Hex; contractAddress: Address.Address | null } | null
    for (;;) {
      const mined = await rpc<Mined>('eth_getTransactionReceipt', [hash])
      if (mined === null) continue
      if (mined.status !== '0x1') throw new Error(`The set-up call to ${to ?? 'a new contract'} reverted.`)
      return mined.contractAddress
    }
  }
  async function pass(seconds: number): Promise<void> {
    const head = await rpc<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false])
    const atS = Math.max(Number(head.timestamp) + seconds, START_S)
    await rpc('evm_setNextBlockTimestamp', [atS])
    await rpc('anvil_mine', ['0x1'])
    clockMs = atS * 1000
  }
  async function deployCode(name: string, code: Hex.Hex, value = 0n): Promise<Address.Address> {
    const at = Address.parse((await transact(deployer, { to: null, data: code, value })) ?? '')
    names.set(at.toLowerCase(), name)
    return at
  }
  function named(text: string): string {
    return text.replace(/0x[0-9a-fA-F]{40}(?![0-9a-fA-F])/g, (found) => {
      const name = names.get(found.toLowerCase())
      return name === undefined ? found : `<${name}>`
    })
  }

  const world: World = {
    chain,
    known,
    me,
    friend,
    thief,
    stranger,
    get nowS() {
      return BigInt(clockMs / 1000)
    },
    async deploy(name, args, value) {
      const at = await deployCode(name, world.creationOf(name, args), value)
      await afterDeploy(rpc, at)
      return at
    },
    creationOf: (name, args = []) => creation(FIXTURES, name, args),
    deployCode,
    name: (address, name) => void names.set(address.toLowerCase(), name),
    call: (name, to, functionName, args = [], more = {}): Call => ({
      to,
      data: calldata(FIXTURES, { name, functionName, args }),
      gasLimit: null,
      maxFeePerGasWei: null,
      label: null,
      ...more,
      value: amount(more.value ?? 0n),
    }),
    async enrich(account, wei) {
      await rpc('anvil_setBalance', [account, hex(wei)])
    },
    async read(call, from = me) {
      return rpc<Hex.Hex>('eth_call', [{ from, to: call.to, data: call.data }, 'latest'])
    },
    pay: (to, value) => ({ to, value: amount(value), data: '0x', gasLimit: null, maxFeePerGasWei: null, label: null }),
    async send(call, from = me) {
      await transact(from, call)
    },
    pass,
    play: (build) =>
      world.inside(build, async (scene) => {
        const played = await world.simulate(scene)
        return played
      }),
    async inside(build, work) {
      // One scene at a time: the chain is one.
      const before = turn
      let done = (): void => undefined
      turn = new Promise((resolve) => (done = resolve))
      await before
      const snapshot = await rpc<Hex.Hex>('evm_snapshot')
      const [clockWas, namesWere] = [clockMs, names]
      names = new Map(names)
      try {
        // No address is used for two things: what a contract says of itself is remembered by its address.
        scenes += 1
        await rpc('anvil_setNonce', [deployer, hex(1_000 + 100 * scenes)])
        const scene = await build(world)
        // Whatever was set without a block is in this one, so that its hash stands for the state.
        await pass(12)
        return await work(scene)
      } finally {
        await rpc('evm_revert', [snapshot])
        clockMs = clockWas
        names = namesWere
        done()
      }
    },
    open: () => createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl], clock, crossCheckShare }),
    async requestOf(scene) {
      const from = scene.from ?? me
      const all = [...known, ...(scene.known ?? [])]
      const chainId = chain.chainId
      const at = {
        chainId,
        from,
        nowMs: clockMs,
        known: (address: Address.Address) => all.find((entry) => Address.isEqual(entry.address, address)),
      }
      return {
        ...{ chainId, from, known: all, block: 'latest', maxHeadAgeMs: 0 },
        calls: scene.calls ?? [],
        ...(scene.isAgentProposed === undefined ? {} : { isAgentProposed: scene.isAgentProposed }),
        ...(scene.saidRecipients === undefined ? {} : { saidRecipients: scene.saidRecipients }),
        ...(scene.signedBefore === undefined ? {} : { signedBefore: scene.signedBefore }),
        ...(scene.document === undefined ? {} : { signature: await readSignable(textOf(scene.document), at) }),
        ...(scene.intent === undefined
          ? {}
          : { intent: parseIntent({ version: 1, chain_id: chainId, account: from, assertions: scene.intent }) }),
      }
    },
    async simulate(scene): Promise<Played> {
      const report = await simulator.simulate(await world.requestOf(scene))
      const table = new Map(names)
      const own = (text: string) => {
        const were = names
        names = table
        try {
          return named(text)
        } finally {
          names = were
        }
      }
      return { scene, report, card: own(renderReport(report, { nowMs: clockMs, width: 1_000 })), named: own }
    },
    async close() {
      await simulator.close()
      await chain.close()
    },
  }

  // Set-up transactions come one second after the other, not by the machine's clock.
  await rpc('anvil_setBlockTimestampInterval', [1])
  for (const [name, address] of Object.entries(addresses)) world.name(address, name)
  for (const [name, address] of Object.entries({ me, friend, thief, stranger, deployer })) world.name(address, name)
  await pass(0)
  await chain.fund(me, { wei: 10_000n * ETHER, usdc: 100_000n * DOLLAR, dai: 100_000n * ETHER })
  await rpc('anvil_setBalance', [thief, hex(ETHER)])
  await rpc('anvil_setNonce', [thief, '0x7'])
  await rpc('anvil_impersonateAccount', [thief])
  await world.send(world.call('WETH9', addresses.weth, 'deposit', [], { value: 100n * ETHER }))
  for (let i = 0; i < 3; i += 1)
    await world.send(world.call('ERC721PresetMinterPauserAutoId', addresses.nft, 'mint', [me]), deployer)
  await pass(12)
  // Both engines have run before the first scene: a run has little time, and a first one is compiled on the way.
  await world.play(async (at) => {
    const list = [await authorize(at, await at.deploy('Batch'))]
    return { calls: [at.pay(me, 0n), { ...at.pay(friend, 1n), authorizationList: list }] }
  })
  return world
}

/** A document as its file has it. */
function textOf(document: unknown): string {
  return typeof document === 'string' ? document : JSON.stringify(document)
}
