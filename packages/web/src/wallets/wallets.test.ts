/** Optional wallets, with fakes of the few methods that are used of their packages: page and frame speak over a real port. */
import {
  hashMessage,
  keccak256,
  parseTransaction,
  recoverMessageAddress,
  recoverTypedDataAddress,
  type Hex,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterEach, expect, test } from 'vitest'
import { createFrameWallet, type Port } from './createFrameWallet.ts'
import { answerPage, type Adapter, type InnerPort, type Surroundings } from './inside/answerPage.ts'
import { createPara, type AuthState, type Para } from './inside/para.ts'
import { createWalletConnect, type Session, type SignClient } from './inside/walletConnect.ts'
import type { Opening } from './OptionalWallet.ts'

const ALICE = privateKeyToAccount(generatePrivateKey())
const BOB = privateKeyToAccount(generatePrivateKey())
const opening: Opening = {
  kind: 'open',
  settings: { key: 'project', environment: null },
  chainIds: [1, 8453],
  chainId: 1,
  language: 'en',
  page: { name: 'Countersign', url: 'https://page.invalid' },
}

const ports: MessagePort[] = []
afterEach(() => ports.splice(0).forEach((port) => port.close()))

/** A page and a frame, joined by a port; what the page shows and reads stands in `shown` and `reads`. */
function joined(start: (surroundings: Surroundings) => Promise<Adapter>, reads: Record<string, unknown> = {}) {
  const shown: boolean[] = []
  const asked: string[] = []
  let opened = 0
  const wallet = createFrameWallet({
    open: () => {
      opened += 1
      const { port1, port2 } = new MessageChannel()
      ports.push(port1, port2)
      answerPage(port2 as InnerPort, start)
      return Promise.resolve(port1 as Port)
    },
    close: () => undefined,
    show: (isShown) => shown.push(isShown),
    opening,
    rpc: (chainId, method) => {
      asked.push(`${chainId} ${method}`)
      return Promise.resolve(reads[method])
    },
  })
  const ask = (method: string, ...params: unknown[]) => wallet.request({ method, params })
  return { wallet, ask, shown, asked, opened: () => opened }
}

/** A paired wallet on chain 1 and 8453, which notes what it is asked. */
function fakeSignClient({ agrees = true, answer = `0x${'ab'.repeat(32)}` } = {}) {
  const requests: unknown[] = []
  const proposals: Parameters<SignClient['connect']>[0][] = []
  const listeners = new Map<string, (event: never) => void>()
  const session: Session = {
    topic: 'topic',
    namespaces: { eip155: { accounts: [`eip155:1:${ALICE.address}`, `eip155:8453:${ALICE.address}`] } },
  }
  const client: SignClient = {
    connect: (proposal) => {
      proposals.push(proposal)
      return Promise.resolve({
        uri: 'wc:code',
        approval: () => (agrees ? Promise.resolve(session) : Promise.reject(new TypeError('no'))),
      })
    },
    request: (asked) => {
      requests.push(asked)
      return Promise.resolve(answer)
    },
    on: (event, listener) => listeners.set(event, listener),
  }
  return { client, requests, proposals, end: () => listeners.get('session_delete')?.({ topic: 'topic' } as never) }
}

test('promise: nothing of a wallet is loaded before its owner connects it', async () => {
  const { ask, opened } = joined(() => Promise.reject(new TypeError('never')))
  expect(await ask('eth_accounts')).toEqual([])
  expect(await ask('eth_chainId')).toBe('0x1')
  await ask('wallet_revokePermissions')
  expect(opened()).toBe(0)
})

test('WalletConnect: pairs by a code, signs, follows a switched chain, and ends', async () => {
  const codes: (string | null)[] = []
  const { client, requests, proposals, end } = fakeSignClient()
  const { wallet, ask, shown } = joined((around) =>
    createWalletConnect(client, around, (uri) => {
      codes.push(uri)
    }),
  )
  const changes: unknown[] = []
  wallet.on('accountsChanged', (value) => changes.push(value))
  expect(await ask('eth_requestAccounts')).toEqual([ALICE.address])
  expect([codes, shown]).toEqual([
    ['wc:code', null],
    [true, false],
  ])
  expect(proposals[0]?.optionalNamespaces['eip155']?.chains).toEqual(['eip155:1', 'eip155:8453'])
  await ask('personal_sign', '0x00', ALICE.address)
  await ask('wallet_switchEthereumChain', { chainId: '0x2105' })
  expect(await ask('eth_chainId')).toBe('0x2105')
  await ask('eth_sendTransaction', { to: BOB.address })
  expect(requests).toEqual([
    { topic: 'topic', chainId: 'eip155:1', request: { method: 'personal_sign', params: ['0x00', ALICE.address] } },
    {
      topic: 'topic',
      chainId: 'eip155:8453',
      request: { method: 'eth_sendTransaction', params: [{ to: BOB.address }] },
    },
  ])
  await expect(ask('wallet_switchEthereumChain', { chainId: '0xa' })).rejects.toMatchObject({ code: 4902 })
  end()
  await expect.poll(() => changes.at(-1)).toEqual([])
  expect(await ask('eth_accounts')).toEqual([])
})

test('promise: what signs blindly is asked of no wallet, and what is no signature is not handed on', async () => {
  const { client, requests, proposals } = fakeSignClient({ answer: 'a signature, honestly' })
  const { ask } = joined((around) => createWalletConnect(client, around, () => undefined))
  await ask('eth_requestAccounts')
  for (const method of [
    'eth_sign',
    'eth_signTransaction',
    'eth_signTypedData',
    'wallet_sendCalls',
    'wallet_grantPermissions',
  ])
    await expect(ask(method, ALICE.address, '0x00'), method).rejects.toMatchObject({ code: 4200 })
  expect(requests).toEqual([])
  expect(proposals[0]?.optionalNamespaces['eip155']?.methods).toEqual([
    'personal_sign',
    'eth_signTypedData_v4',
    'eth_sendTransaction',
  ])
  await expect(ask('personal_sign', '0x00', ALICE.address)).rejects.toMatchObject({
    message: 'The wallet gave no signature.',
  })
})

test('a wallet that does not agree is a rejection, and can be asked again', async () => {
  const { client } = fakeSignClient({ agrees: false })
  const { ask, opened } = joined((around) => createWalletConnect(client, around, () => undefined))
  await expect(ask('eth_requestAccounts')).rejects.toMatchObject({ code: 4001 })
  await expect(ask('personal_sign', '0x00', ALICE.address)).rejects.toMatchObject({ code: 4100 })
  await expect(ask('eth_requestAccounts')).rejects.toMatchObject({ code: 4001 })
  expect(opened()).toBe(1)
})

test('promise: a frame reads from the chain what completes a transaction, and asks the page for nothing else', async () => {
  const reads: unknown[] = []
  const { ask, asked } = joined(
    (around) =>
      Promise.resolve({
        connect: async () => {
          for (const [chainId, method] of [
            [1, 'eth_getTransactionCount'],
            [5, 'eth_getTransactionCount'],
            [1, 'eth_accounts'],
            [1, 'debug_traceCall'],
          ] as const)
            reads.push(await around.rpc(chainId, method, []).catch((error: { code: number }) => error.code))
          return [ALICE.address]
        },
        switchChain: () => Promise.resolve(),
        request: () => Promise.resolve(null),
      }),
    { eth_getTransactionCount: '0x7' },
  )
  await ask('eth_requestAccounts')
  expect([asked, reads]).toEqual([['1 eth_getTransactionCount'], ['0x7', 4200, 4200, 4200]])
})

test('accounts that are no addresses are no accounts', async () => {
  const { ask } = joined(() =>
    Promise.resolve({
      connect: () => Promise.resolve(['vitalik.eth', `${ALICE.address}00`]),
      switchChain: () => Promise.resolve(),
      request: () => Promise.resolve(null),
    }),
  )
  await expect(ask('eth_requestAccounts')).rejects.toMatchObject({ code: 4001 })
})

/** Para with the key in the test: it signs bare hashes, as Para does. */
function fakePara(by: typeof ALICE, states: readonly AuthState[] = []): Para & { readonly calls: string[] } {
  const calls: string[] = []
  let isIn = states.length === 0
  const bytes = (base64: string): Hex => `0x${Buffer.from(base64, 'base64').toString('hex')}`
  const sign = async (hash: Hex) => ({ signature: (await by.sign({ hash })).slice(2) })
  const next = (name: string): Promise<AuthState> => {
    calls.push(name)
    return Promise.resolve(states[calls.length - 1] ?? { stage: 'done' })
  }
  const wait = (name: string) => () => {
    calls.push(name)
    isIn = true
    return Promise.resolve()
  }
  return {
    calls,
    isFullyLoggedIn: () => Promise.resolve(isIn),
    signUpOrLogIn: ({ auth }) => next(`signUpOrLogIn ${auth.email}`),
    verifyNewAccount: ({ verificationCode }) => next(`verifyNewAccount ${verificationCode}`),
    waitForLogin: wait('waitForLogin'),
    waitForSignup: wait('waitForSignup'),
    waitForWalletCreation: wait('waitForWalletCreation'),
    getWalletsByType: () => [{ id: 'w1', address: ALICE.address }],
    signMessage: ({ messageBase64 }) => sign(bytes(messageBase64)),
    signTransaction: ({ rlpEncodedTxBase64 }) => sign(keccak256(bytes(rlpEncodedTxBase64))),
  }
}

function panel() {
  const seen: string[] = []
  return {
    seen,
    ask: (what: 'email' | 'code') => Promise.resolve(what === 'email' ? 'alice@mail.invalid' : '123456'),
    link: (url: string) => void seen.push(url),
    clear: () => void seen.push('clear'),
  }
}

test('Para: signs texts, documents and transactions of its account', async () => {
  const sent: Hex[] = []
  const { wallet, ask } = joined((around) => createPara(fakePara(ALICE), { ...around, rpc: read }, panel()))
  function read(_chainId: number, method: string, params: unknown): Promise<unknown> {
    if (method === 'eth_sendRawTransaction') sent.push((params as [Hex])[0])
    const answers: Record<string, unknown> = {
      eth_getTransactionCount: '0x7',
      eth_estimateGas: '0x5208',
      eth_gasPrice: '0x3b9aca00',
      eth_maxPriorityFeePerGas: '0x1',
      eth_getBlockByNumber: { baseFeePerGas: '0x7', number: '0x1', timestamp: '0x1', transactions: [] },
      eth_sendRawTransaction: `0x${'cd'.repeat(32)}`,
    }
    return Promise.resolve(answers[method])
  }
  expect(await ask('eth_requestAccounts')).toEqual([ALICE.address])
  const text = (await ask('personal_sign', '0x6869', ALICE.address)) as Hex
  expect(await recoverMessageAddress({ message: 'hi', signature: text })).toBe(ALICE.address)
  const document = {
    domain: { name: 'Test', chainId: 1 },
    types: { Mail: [{ name: 'text', type: 'string' }] },
    primaryType: 'Mail',
    message: { text: 'hi' },
  } as const
  const signed = (await ask('eth_signTypedData_v4', ALICE.address, JSON.stringify(document))) as Hex
  expect(await recoverTypedDataAddress({ ...document, signature: signed })).toBe(ALICE.address)
  expect(await ask('eth_sendTransaction', { from: ALICE.address, to: BOB.address, value: '0x5', data: '0x1234' })).toBe(
    `0x${'cd'.repeat(32)}`,
  )
  const [raw] = sent
  expect(parseTransaction(raw ?? '0x')).toMatchObject({ chainId: 1, nonce: 7, value: 5n, data: '0x1234' })
  expect(wallet).toBeDefined()
})

test('promise: a signature by another key, and a request for another account, leave the frame with an error', async () => {
  const { ask } = joined((around) => createPara(fakePara(BOB), around, panel()))
  await ask('eth_requestAccounts')
  await expect(ask('personal_sign', '0x6869', ALICE.address)).rejects.toMatchObject({
    message: 'Para gave no signature of this account.',
  })
  await expect(ask('personal_sign', '0x6869', BOB.address)).rejects.toMatchObject({ code: 4100 })
  await expect(ask('eth_sendTransaction', { from: BOB.address, to: ALICE.address })).rejects.toMatchObject({
    code: 4100,
  })
  expect(hashMessage('hi')).toMatch(/^0x/)
})

test('Para: a new owner proves the mail address and goes on at Para, and nowhere else', async () => {
  const shownPanel = panel()
  const para = fakePara(ALICE, [
    { stage: 'verify' },
    { stage: 'signup', passkeyUrl: 'https://app.beta.getpara.com/new' },
  ])
  const { ask, shown } = joined((around) => createPara(para, around, shownPanel))
  expect(await ask('eth_requestAccounts')).toEqual([ALICE.address])
  expect(para.calls).toEqual([
    'signUpOrLogIn alice@mail.invalid',
    'verifyNewAccount 123456',
    'waitForSignup',
    'waitForWalletCreation',
  ])
  expect([shownPanel.seen, shown]).toEqual([
    ['https://app.beta.getpara.com/new', 'clear'],
    [true, false],
  ])
  const elsewhere = fakePara(ALICE, [{ stage: 'login', passkeyUrl: 'https://getpara.com.evil.invalid/' }])
  const other = joined((around) => createPara(elsewhere, around, panel()))
  await expect(other.ask('eth_requestAccounts')).rejects.toMatchObject({
    message: 'Para sent an address that is not its own.',
  })
})

test('promise: a frame that its owner closed says nothing any more, and neither does one that it left its port to', async () => {
  const { client } = fakeSignClient()
  const { wallet, ask } = joined((surroundings) => createWalletConnect(client, surroundings, () => undefined))
  await ask('eth_requestAccounts')
  const [, left] = ports
  wallet.cancel()
  const told: unknown[] = []
  wallet.on('accountsChanged', (accounts) => told.push(accounts))
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin
  left?.postMessage({ kind: 'event', event: 'accountsChanged', value: [BOB.address] })
  // What is sent over a port of its own afterwards arrives after it.
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  await new Promise((resolve) => {
    port1.addEventListener('message', resolve)
    port1.start()
    port2.postMessage(null)
  })
  expect(await ask('eth_accounts')).toEqual([])
  expect(told).toEqual([])
})
