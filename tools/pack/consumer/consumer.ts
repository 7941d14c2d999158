// Type-checked by `pack:check` with everything strict; never run.
import { Address, BaseError, Wei } from '@countersign/base'
import { guard, type GuardOptions, type GuardRefusedError } from '@countersign/guard'
import { createClient, type Client } from '@countersign/sdk'
import { createSimulator, parseCall, requestOf, type Report, type Simulator } from '@countersign/simulator'
import { RULES, scan, toSarif, type ScanReport } from '@countersign/scanner'
import { toCycloneDx } from '@countersign/scanner/cyclonedx'

export const from: Address.Address = Address.parse('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
export const amount: Wei.Wei = Wei.fromEther('1.5')
export const client: Client = createClient({ baseUrl: 'http://127.0.0.1:8080', sessionId: crypto.randomUUID() })

export async function simulate(): Promise<Report.Report> {
  const simulator: Simulator = await createSimulator({ chainId: 1, rpcUrls: ['http://127.0.0.1:8545'] })
  const calls = [parseCall({ to: from, value: '1' }, 'the call')]
  return simulator.simulate(requestOf({ chainId: 1, from, calls, block: 'latest' }))
}
export const names: readonly string[] = RULES.map((rule) => rule.name)
export const outputs = [scan, toSarif, toCycloneDx]
export type Scanned = ScanReport
export const isOurs = (error: unknown): error is BaseError => error instanceof BaseError

export const options: GuardOptions = { server: 'http://127.0.0.1:8080', key: 'sk-shop-0', allow: [] }
export const guarded: { address: string } = guard({ address: from, signTypedData: async () => '0x' }, options)
export type Refused = GuardRefusedError
