import { Command } from 'commander'
import { openReceiptKeys, verifyFile } from '@countersign/simulator'
import type { Io } from './io.ts'
import { defaultDataDir } from './defaultDataDir.ts'
import { keysFor } from './recheck.ts'
import { refuseOnPostgres } from './refuseOnPostgres.ts'
import { readJsonFile } from './inputs.ts'

/** `countersign receipt`: the keys that sign receipts, and whether a receipt is genuine. */
export function receiptCommand(io: Io): Command {
  const receipt = new Command('receipt')
  const dataDir = (command: Command): Command =>
    command.option('--data-dir <path>', 'data directory (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))

  dataDir(receipt.command('keys').description('print the public keys as a JSON Web Key Set (RFC 7517)'))
    .option('--json', 'the same: the key set is JSON')
    .action((options: { dataDir: string }) => {
      refuseOnPostgres(io.env, 'Every instance serves the keys at /.well-known/countersign-receipt-keys.json.')
      io.out(JSON.stringify(openReceiptKeys({ ...options, mustExist: true }).jwks()))
    })

  dataDir(
    receipt
      .command('rotate')
      .description('make a new signing key; receipts of the old one stay good until they expire'),
  )
    .option('--json', 'print one JSON object')
    .action((options: { dataDir: string; json?: boolean }) => {
      refuseOnPostgres(io.env, 'Receipt keys that are kept in a database cannot be rotated by a command yet.')
      const { keyId, previous } = openReceiptKeys({ ...options, mustExist: true }).rotate()
      io.out(
        options.json === true
          ? JSON.stringify({ key_id: keyId, previous })
          : `${keyId} signs from now on. ${previous ?? 'The old key'} can only verify, for an hour.`,
      )
    })

  dataDir(receipt.command('verify <file>').description('check signature, digests and expiry; asks no chain'))
    .option('--keys <file>', 'verify with this key set (JWKS) instead of the keys of the data directory')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExit codes: 0 genuine and alive, 2 bad, altered or expired.')
    .action((file: string, options: { dataDir: string; keys?: string; json?: boolean }) => {
      const { digest, keyId, bound } = verifyFile(readJsonFile(file), keysFor(io, options), {
        nowMs: Date.now(),
      })
      io.out(
        options.json === true
          ? JSON.stringify({ digest, key_id: keyId, expires_at: bound.expires_at, verdict: bound.verdict })
          : `Genuine: receipt ${digest}\n  verdict ${bound.verdict}, chain ${bound.chain_id}, from ${bound.from}, nonce ${bound.nonce}, good until ${bound.expires_at}\n  Says nothing of the chain as it is now: \`countersign recheck\` does.`,
      )
    })
  return receipt
}
