import type { ProviderRequest } from '@countersign/simulator'
import type { Telemetry } from '../telemetry/Telemetry.ts'
import { currentTrace } from './currentRequest.ts'

/** The work of a server that a trace shows, each piece under the request that it is for. */
export function spansOf(telemetry: Telemetry): {
  turn(of: { readonly status: string; readonly app: string; readonly model: string; readonly tookMs: number }): void
  provider(chainId: number, request: Pick<ProviderRequest, 'host' | 'methods' | 'tookMs' | 'fault'>): void
  simulation(of: { readonly chainId: number; readonly verdict: string; readonly tookMs: number }): void
} {
  return {
    turn({ status, app, model, tookMs }) {
      telemetry.note(
        {
          name: 'turn',
          kind: 'internal',
          tookMs,
          attributes: { 'countersign.app': app, 'gen_ai.request.model': model, 'countersign.turn.status': status },
          hasFailed: status === 'failed',
        },
        currentTrace(),
      )
    },
    provider(chainId, { host, methods, tookMs, fault }) {
      const [first = 'none'] = methods
      telemetry.note(
        {
          name: methods.length === 1 ? first : 'batch',
          kind: 'client',
          tookMs,
          attributes: {
            'server.address': host,
            'rpc.system': 'jsonrpc',
            'countersign.chain': chainId,
            'countersign.methods': [...new Set(methods)],
            'countersign.outcome': fault ?? 'ok',
          },
          hasFailed: fault !== null,
        },
        currentTrace(),
      )
    },
    simulation({ chainId, verdict, tookMs }) {
      telemetry.note(
        {
          name: 'simulate',
          kind: 'internal',
          tookMs,
          attributes: { 'countersign.chain': chainId, 'countersign.verdict': verdict },
          hasFailed: verdict === 'failed',
        },
        currentTrace(),
      )
    },
  }
}
