import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BaseError } from '@countersign/base'
import type { PublicConfig } from '@countersign/sdk'

export type OfferedWallet = NonNullable<PublicConfig['wallets']>[number]

/** The frame of an optional wallet: the document, and under which policy it is served. */
export interface WalletFrame {
  readonly offered: OfferedWallet
  readonly html: string
  readonly policy: string
}

type Name = 'COUNTERSIGN_WALLETCONNECT_PROJECT_ID' | 'COUNTERSIGN_PARA_API_KEY' | 'COUNTERSIGN_PARA_ENVIRONMENT'

/** Where each wallet's own service is, and what its frame may do besides. Nothing of it is allowed to the page. */
const SERVICES = {
  walletconnect: {
    setting: 'COUNTERSIGN_WALLETCONNECT_PROJECT_ID',
    script: '',
    connect: 'wss://relay.walletconnect.org wss://relay.walletconnect.com',
    more: '',
    sandbox: 'allow-scripts',
  },
  para: {
    setting: 'COUNTERSIGN_PARA_API_KEY',
    // Its worker is loaded from its own host, and its cryptography is WebAssembly.
    script: " 'wasm-unsafe-eval' https://*.getpara.com https://*.usecapsule.com",
    connect: 'https://*.getpara.com https://*.usecapsule.com wss://*.getpara.com wss://*.usecapsule.com',
    more: '; worker-src blob:; frame-src https://*.getpara.com https://*.usecapsule.com',
    sandbox: 'allow-scripts allow-forms allow-popups',
  },
} as const satisfies Readonly<
  Record<OfferedWallet['id'], { setting: Name; script: string; connect: string; more: string; sandbox: string }>
>

const ENVIRONMENTS: readonly string[] = ['SANDBOX', 'BETA', 'PROD']

/**
 * The wallets that the operator installed (their frame was built beside the page) and gave a key of the wallet's service.
 *
 * @throws {WalletSettingError} `wallets:setting:invalid`, `wallets:frame:absent`.
 */
export function readWallets(webRoot: string | null, env: NodeJS.ProcessEnv): readonly WalletFrame[] {
  const given = (name: Name): string => env[name] ?? ''
  return (['walletconnect', 'para'] as const).flatMap((id) => {
    const { setting, script, connect, more, sandbox } = SERVICES[id]
    const key = given(setting)
    if (key === '' || webRoot === null) return []
    if (!/^[\w-]{8,200}$/.test(key)) throw new WalletSettingError(setting, 'invalid', 'Copy the id from its dashboard.')
    const environment = id === 'para' ? given('COUNTERSIGN_PARA_ENVIRONMENT') || 'BETA' : null
    if (environment !== null && !ENVIRONMENTS.includes(environment))
      throw new WalletSettingError('COUNTERSIGN_PARA_ENVIRONMENT', 'invalid', `Write ${ENVIRONMENTS.join(', ')}.`)
    const path = join(webRoot, 'wallets', `${id}.html`)
    if (!existsSync(path))
      throw new WalletSettingError(
        setting,
        'absent',
        `Run "npm ci --prefix packages/web/wallets/${id}", then "node tools/build-web.ts"; see docs/guide/wallets.md.`,
      )
    const html = readFileSync(path, 'utf8')
    const policy =
      `default-src 'none'; script-src ${hashIn(html, 'script')}${script}; style-src ${hashIn(html, 'style')}; ` +
      `img-src data:; connect-src ${connect}${more}; base-uri 'none'; form-action 'none'; ` +
      `frame-ancestors 'self'; object-src 'none'; sandbox ${sandbox}`
    return [{ offered: { id, key, environment }, html, policy }]
  })
}

/** The hash of the one element of this kind in a document of ours, as a policy names it. */
function hashIn(html: string, tag: 'script' | 'style'): string {
  const start = html.indexOf(`<${tag}>`) + tag.length + 2
  const text = html.slice(start, html.lastIndexOf(`</${tag}>`))
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

/** A setting of an optional wallet does not fit, or the wallet is not there. */
export class WalletSettingError extends BaseError {
  override readonly name = 'http.WalletSettingError'
  constructor(setting: Name, what: 'invalid' | 'absent', hint: string) {
    super(
      what === 'invalid'
        ? `${setting} is not valid.`
        : `${setting} is set, but its wallet was not built with the page.`,
      { code: what === 'invalid' ? 'wallets:setting:invalid' : 'wallets:frame:absent', kind: 'invalid', hint },
    )
  }
}
