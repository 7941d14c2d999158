// Makes a vault's agent key ask Countersign before each signature.
import { createRequire } from 'node:module'

const ows = createRequire(import.meta.url)('@open-wallet-standard/core')
const { VAULT, PASSPHRASE, PRIVATE_KEY, COUNTERSIGN_SERVER, KEY_FILE, POLICY_PROGRAM, OWNER } = process.env

const wallet = ows.importWalletPrivateKey('agent', PRIVATE_KEY, PASSPHRASE, VAULT)
ows.createPolicy(
  JSON.stringify({
    id: 'countersign',
    name: 'Countersign',
    version: 1,
    created_at: '2026-01-01T00:00:00Z',
    rules: [],
    action: 'deny',
    // The bin of @countersign/guard: node_modules/.bin/countersign-ows-policy, as an absolute path.
    executable: POLICY_PROGRAM,
    // No sender reaches the program, so the address stands here. KEY_FILE holds the API key, mode 0600.
    config: { server: COUNTERSIGN_SERVER, from: OWNER, key_file: KEY_FILE },
  }),
  VAULT,
)
const { token } = ows.createApiKey('agent', [wallet.id], ['countersign'], PASSPHRASE, null, VAULT)
// What the agent gets: it signs with this token, and each signature asks the policy.
console.log(JSON.stringify({ token }))
