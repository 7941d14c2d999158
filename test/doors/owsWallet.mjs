// A wallet of the Open Wallet Standard, in a process of its own: its calls block, and the policy program asks the test's server.
import { createRequire } from 'node:module'

const ows = createRequire(import.meta.url)('@open-wallet-standard/core')
const pieces = []
for await (const piece of process.stdin) pieces.push(piece)
const { key, vault, chain, executable, config, good, bad } = JSON.parse(Buffer.concat(pieces).toString())
const wallet = ows.importWalletPrivateKey('agent', key, 'pass', vault)
const policy = { id: 'countersign', name: 'Countersign', version: 1, created_at: '2026-01-01T00:00:00Z', rules: [] }
ows.createPolicy(JSON.stringify({ ...policy, executable, config, action: 'deny' }), vault)
const { token } = ows.createApiKey('agent', [wallet.id], ['countersign'], 'pass', null, vault)
const attempt = (work) => {
  try {
    return work()
  } catch {
    return null
  }
}
const sign = (hex) => attempt(() => ows.signTransaction('agent', chain, hex, token, null, vault).signature)
const message = attempt(() => ows.signMessage('agent', chain, 'hi', token, null, null, vault))
process.stdout.write(JSON.stringify({ bad: bad.map(sign), message, good: sign(good) }))
