import { isPostgres, reviewLedger } from '@countersign/server'
import { notChecked, sentenceOf, type Check } from './Check.ts'

/** The ledger of mandates: its sums, proofs and caps. Opened for reading; a server may be running. */
export async function checkLedger(dataDir: string, env: NodeJS.ProcessEnv): Promise<Check> {
  if (isPostgres(env))
    return notChecked('ledger', 'server', 'The ledger is in PostgreSQL: the server checks it when it starts.')
  const at = { id: 'ledger', item: null, about: 'server' } as const
  try {
    const found = await reviewLedger({ dataDir })
    if (found === null) return notChecked('ledger', 'server', `There is no ledger in ${dataDir}.`)
    const [first] = found
    return first === undefined
      ? { ...at, status: 'pass', evidence: 'Every sum, proof and cap of the ledger holds.', remediation: null }
      : {
          ...{ ...at, status: 'fail', evidence: `${found.length} invariants of the ledger do not hold: ${first}` },
          remediation: 'Restart the server: it freezes every mandate. Then compare the store with a backup.',
        }
  } catch (error) {
    return {
      ...{ ...at, status: 'fail', evidence: `The ledger cannot be read: ${sentenceOf(error)}` },
      remediation: 'Check who may read the database, and restore a backup if it is damaged.',
    }
  }
}
