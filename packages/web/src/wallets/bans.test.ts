/** What no file of the page may call of the optional wallets, and how they are kept apart from what everybody installs. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const web = join(import.meta.dirname, '..', '..')
const read = (path: string): string => readFileSync(join(web, path), 'utf8')

/**
 * Calls that hand out a key, or sign what nobody can read. `exportSession` of Para sends the owner's share of the key to
 * whoever asks, unless it is told not to.
 */
const BANNED =
  /\b(?:exportSession|waitAndExportSession|importSession|exportPrivateKey|getPrivateKey|getUserShare|userShare|issueJwt|createPregenWallet\w*|eth_sign|eth_signTransaction|eth_signTypedData|wallet_sendCalls)\b/g

function sources(): readonly string[] {
  const own = readdirSync(join(web, 'src'), { recursive: true, encoding: 'utf8' })
    // The built-in test wallet of the local chain is a wallet: it is asked, and asks none.
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts') && file !== 'testWallet.ts')
    .map((file) => join('src', file))
  const frames = readdirSync(join(web, 'wallets')).map((name) => join('wallets', name, 'frame.js'))
  return [...own, ...frames]
}

test('promise: no file of the page calls what hands out a key of Para, or asks a wallet to sign blindly', () => {
  const found = sources().flatMap((file) =>
    read(file)
      .split('\n')
      .filter((line) => !/^\s*(?:\/?\*|\/\/)/.test(line))
      .flatMap((line) => [...line.matchAll(BANNED)].map(([name]) => `${file}: ${name}`)),
  )
  // The page asks wallets by EIP-5792 for all steps as one, where the wallet does that; those in frames are not asked.
  expect(found.filter((each) => !/^src\/batch\/\w+\.ts: wallet_sendCalls$/.test(each))).toEqual([])
})

test('promise: the optional wallets are pinned, under licences that are known, and nobody installs them by installing us', () => {
  const pinned = readdirSync(join(web, 'wallets')).map((name) => {
    const { dependencies, private: isPrivate } = JSON.parse(read(`wallets/${name}/package.json`)) as {
      dependencies: Record<string, string>
      private: boolean
    }
    return [name, isPrivate, dependencies]
  })
  expect(pinned).toEqual([
    ['para', true, { '@getpara/web-sdk': '2.31.0' }],
    // The last line under Apache-2.0: from 2.21.9 on its licence allows only the network of its maker.
    ['walletconnect', true, { '@walletconnect/sign-client': '2.21.8', qr: '0.7.0' }],
  ])
  const lock = readFileSync(join(web, '..', '..', 'package-lock.json'), 'utf8')
  expect(lock).not.toMatch(/node_modules\/@(?:walletconnect|getpara|reown)\//)
})

test('promise: the packages of the optional wallets are named in their own frames alone', () => {
  const named = sources().filter((file) => /from '@(?:walletconnect|getpara|reown)\//.test(read(file)))
  expect(named).toEqual(['wallets/para/frame.js', 'wallets/walletconnect/frame.js'])
})
