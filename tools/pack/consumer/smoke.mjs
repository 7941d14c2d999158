// Runs where the tarballs are installed. `portable`: base and sdk alone, which also run on Node 20.
import assert from 'node:assert/strict'
import { Address, Wei } from '@countersign/base'
import { batchDigest, createClient } from '@countersign/sdk'

assert.equal(Wei.fromEther('1.5'), 1500000000000000000n)
const from = Address.parse('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
const to = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
assert.equal(typeof createClient, 'function')
assert.equal(typeof batchDigest, 'function')
if (process.argv[2] === 'portable') process.exit(0)

const { createSimulator, parseCall, requestOf, spawnAnvil } = await import('@countersign/simulator')
const { guard } = await import('@countersign/guard')
const { privateKeyToAccount } = await import('viem/accounts')
const { RULES, readTree } = await import('@countersign/scanner')
assert.ok(RULES.length > 50)
assert.equal(typeof readTree, 'function')
await import('@countersign/scanner/cyclonedx')

const chain = await spawnAnvil({ args: [] })
try {
  for (const engine of ['anvil', 'ethereumjs']) {
    const simulator = await createSimulator({ chainId: 31337, rpcUrls: [chain.url], engine })
    const call = parseCall({ to, value: '1000000000000000000' }, 'the payment')
    const report = await simulator.simulate(requestOf({ chainId: 31337, from, calls: [call], block: 'latest' }))
    assert.equal(report.verdict, 'allow')
    const account = guard(privateKeyToAccount(`0x${'5a'.repeat(32)}`), { simulator })
    await assert.rejects(account.sign({ hash: `0x${'ab'.repeat(32)}` }), { name: 'GuardRefusedError', code: 4200 })
    assert.match(await account.signMessage({ message: 'hi' }), /^0x[0-9a-f]{130}$/)
    await simulator.close()
  }
} finally {
  await chain.close()
}
