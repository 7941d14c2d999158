import { BaseError } from '@countersign/base'

/** JSON-RPC 2.0, EIP-1193 and EIP-1474 codes that the door answers with. */
export const CODES = {
  parse: -32_700,
  request: -32_600,
  absent: -32_601,
  params: -32_602,
  waiting: -32_002,
  unjudged: -32_003,
  refused: 4001,
  unauthorized: 4100,
  never: 4200,
} as const

/** What a refusal says beside its sentence. */
export interface RefusalData {
  readonly verdict: string | null
  readonly findings: readonly { readonly rule: string; readonly level: string; readonly title: string }[]
  readonly proposal: string | null
  readonly url: string | null
}

/** An answer of the JSON-RPC door that is an error. */
export class RpcError extends BaseError {
  override readonly name = 'rpc.RpcError'
  readonly rpcCode: number
  readonly data: RefusalData | undefined
  constructor(rpcCode: number, message: string, data?: RefusalData) {
    super(message, { code: 'rpc:request:refused', kind: 'refused', hint: '' })
    this.rpcCode = rpcCode
    this.data = data
  }

  /** ethers knows a refusal by the words "user denied", also of bytes that are signed already. */
  static refused(sentence: string, data: RefusalData = NOTHING): RpcError {
    const url = data.url === null ? '' : ` ${data.url}`
    return new RpcError(CODES.refused, `user denied: Countersign refused: ${sentence}${url}`, data)
  }

  static waiting(url: string, data: RefusalData): RpcError {
    return new RpcError(CODES.waiting, `Waiting for the owner: ${url}`, data)
  }

  /** What went wrong, as the door answers it: what cannot be judged is −32003, never −32603, which clients repeat. */
  static of(error: unknown): RpcError {
    if (error instanceof RpcError) return error
    if (!(error instanceof BaseError)) return new RpcError(CODES.unjudged, 'Something went wrong on the server.')
    switch (error.kind) {
      case 'upstream':
      case 'unavailable':
      case 'spent':
        return new RpcError(CODES.unjudged, error.message)
      case 'invalid':
        return new RpcError(CODES.params, `${error.message} ${error.hint}`.trim())
      default:
        return RpcError.refused(error.message)
    }
  }
}

const NOTHING: RefusalData = { verdict: null, findings: [], proposal: null, url: null }
