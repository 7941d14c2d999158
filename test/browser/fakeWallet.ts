/** A wallet of another maker for the browser tests: it announces itself (EIP-6963) and signs with unlocked accounts of the local chain. */
import type { Page } from 'playwright-core'
import { exposeBatches } from './batch/atomicWallet.ts'
import { connect, type Stage } from './harness.ts'

export const ALICE = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
export const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
export const NAME = 'Shim wallet'

/** The page's side of the wallet. Everything it signs goes to the node through `signInNode`; the switches are bad habits. */
const script = (account: string): string => `(() => {
  const listeners = new Map()
  const emit = (event, value) => (listeners.get(event) || []).forEach((listener) => listener(value))
  const state = { accounts: ['${account}'], chainId: '0x7a69', mutateTo: null, hangs: false, rejectsFrom: null, sent: [], isSlow: false, atomic: null, habit: 'honest', refuses: null, asked: 0, batches: [] }
  const rejection = () => Object.assign(new Error('The owner said no.'), { code: 4001 })
  const provider = {
    on: (event, listener) => { listeners.set(event, [...(listeners.get(event) || []), listener]); return provider },
    removeListener: (event, listener) => { listeners.set(event, (listeners.get(event) || []).filter((each) => each !== listener)); return provider },
    request: async ({ method, params }) => {
      switch (method) {
        case 'eth_requestAccounts': state.connected = true; return state.accounts
        case 'eth_accounts': return state.connected ? state.accounts : []
        case 'wallet_requestPermissions': state.connected = true; return [{ parentCapability: 'eth_accounts' }]
        case 'eth_chainId': return state.chainId
        case 'wallet_switchEthereumChain': state.chainId = params[0].chainId; emit('chainChanged', state.chainId); return null
        case 'eth_sendTransaction': {
          if (state.hangs) return new Promise(() => {})
          if (state.rejectsFrom !== null && state.sent.length >= state.rejectsFrom) throw rejection()
          const transaction = { ...params[0], ...(state.mutateTo ? { to: state.mutateTo } : {}) }
          state.sent.push(transaction)
          return window.signInNode(transaction)
        }
        case 'wallet_getCapabilities':
          while (state.isSlow) await new Promise((resolve) => setTimeout(resolve, 20))
          if (state.atomic === null) throw Object.assign(new Error('not here'), { code: 4200 })
          return { [state.chainId]: { atomic: { status: state.atomic } } }
        case 'wallet_sendCalls': {
          state.asked += 1
          if (state.hangs) return new Promise(() => {})
          if (state.refuses !== null) throw Object.assign(new Error('No.'), { code: state.refuses })
          state.batches.push(params[0])
          return { id: await window.sendCallsInNode(params[0], state.habit) }
        }
        case 'wallet_getCallsStatus': return window.callsStatusInNode(params[0])
        default: throw Object.assign(new Error('not here'), { code: 4200 })
      }
    },
  }
  window.shim = {
    state,
    switchAccount: (account) => { state.accounts = [account]; emit('accountsChanged', state.accounts) },
    switchChain: (chainId) => { state.chainId = chainId; emit('chainChanged', chainId) },
  }
  const detail = Object.freeze({ info: Object.freeze({ uuid: '11111111-1111-4111-8111-111111111111', name: '${NAME}', icon: 'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E', rdns: 'invalid.shim' }), provider })
  const announce = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
  window.addEventListener('eip6963:requestProvider', announce)
  announce()
})()`

/** A page whose wallet is the fake one, connected. */
export async function openWithShim(
  stage: Stage,
  options: Parameters<Stage['open']>[0] = {},
): Promise<Awaited<ReturnType<Stage['open']>>> {
  const opened = await stage.open({ ...options, initScript: `${options?.initScript ?? ''};${script(ALICE)}` })
  const chain = stage.server.localChain
  await opened.page.exposeFunction('signInNode', (transaction: Record<string, string>) =>
    chain?.rpc('eth_sendTransaction', [transaction]),
  )
  if (chain !== null) await exposeBatches(opened.page, chain)
  await connect(opened.page, NAME)
  return opened
}

/** Runs `code` on the wallet in the page, such as `state.hangs = true`. */
export const shim = (page: Page, code: string): Promise<unknown> => page.evaluate(`window.shim.${code}`)
