import { hostOf } from '../parse/node.ts'
import type { View } from '../../View.ts'

/**
 * Scopes of the public registry that everybody installs from. Who answers for one of them answers for packages that others wrote, and
 * that other packages ask for by name.
 */
const PUBLIC = new Set(
  'types babel angular vue nuxt react-native react-navigation react-aria emotion mui material-ui tanstack testing-library typescript-eslint eslint rollup swc esbuild vitejs vitest jest storybook nestjs nx sveltejs astrojs remix-run apollo graphql-tools graphql-codegen prisma trpc tailwindcss radix-ui headlessui heroicons fortawesome sentry datadog opentelemetry aws-sdk aws-cdk azure google-cloud googleapis firebase octokit actions github slack stripe shopify supabase vercel cloudflare netlify hapi fastify koa express octokit npmcli yarnpkg pnpm commitlint semantic-release changesets ethersproject ethereumjs openzeppelin nomiclabs nomicfoundation uniswap solana metaplex-foundation coral-xyz project-serum walletconnect web3modal wagmi rainbow-me metamask ledgerhq trezor noble scure safe-global chainlink aave anthropic-ai openai modelcontextprotocol langchain huggingface playwright puppeteer sinonjs istanbuljs jridgewell nodelib isaacs sindresorhus ampproject grpc protobufjs bufbuild'.split(
    ' ',
  ),
)
const SCOPED = /@([\w.-]{1,100}):registry\b/
const NAMED = /@([\w.-]{1,100})\/[\w.-]{1,80}(@(?:npm:)?v?\d{1,9}\.\d{1,9}\.\d{1,9}[\w.+-]{0,40})?/g
const DECLARED = /"@([\w.-]{1,100})\/[\w.-]{1,80}"\s{0,4}:\s{0,4}"([^"\n]{0,80})"/g
/** A registry for all names. */
const FOR_ALL = /(?:^|[\s"'`])registry\s{0,3}[= ]\s{0,3}["']?(https?:\/\/[^\s"'`]{1,300})/gm
/** An account that the user has at a host. */
const ACCOUNT = /\/\/([^\s:/]{1,253})(?:\/[^\s:]{0,80})?:_auth\w{0,10}\s{0,2}=\s{0,2}["']?\$\{?\w/g

/**
 * Whether another registry answers for one scope only, of which the public one has no packages that others ask for. What is then installed from
 * it has an exact version, and asks for an account that the user has there: nobody is handed code of a stranger by it.
 */
export function isPrivateScope(evidence: string, url: string, views: readonly View[]): boolean {
  const scope = SCOPED.exec(evidence)?.[1]?.toLowerCase()
  if (scope === undefined || PUBLIC.has(scope) || !url.startsWith('https://')) return false
  const text = views.map((view) => view.text).join('\n')
  // The name of the scope and of nothing else: a registry for all names besides is another matter.
  const host = hostOf(url)
  if ([...text.matchAll(FOR_ALL)].some(([, other = '']) => hostOf(other) === host)) return false
  const names = named(text, scope)
  const installs = [
    ...text.matchAll(
      /\b(?:npm|pnpm|yarn|bun)\s+(?:i|install|add|exec|dlx|create|x)\b[^\n;&|]{0,300}|\b(?:npx|bunx)\s[^\n;&|]{0,300}/g,
    ),
  ]
    .map(([line]) => line)
    .filter((line) => line.toLowerCase().includes(`@${scope}/`))
  const declared = [...text.matchAll(DECLARED)]
    .filter(([, owner = '']) => owner.toLowerCase() === scope)
    .map(([, , version = '']) => version)
  if (installs.length === 0 && declared.length === 0) return true
  const isExact =
    declared.every((version) => /^\d+\.\d+\.\d+[\w.+-]{0,40}$/.test(version)) &&
    installs.every((line) => named(line, scope).every(({ isPinned }) => isPinned))
  const hasAccount = [...text.matchAll(ACCOUNT)].some(([, other = '']) => other.toLowerCase() === host)
  return names.length > 0 && isExact && hasAccount
}

/** The packages of a scope that a text names, and whether each time with an exact version. */
function named(text: string, scope: string): { readonly isPinned: boolean }[] {
  return [...text.matchAll(NAMED)]
    .filter(([, owner = '']) => owner.toLowerCase() === scope)
    .map(([, , version]) => ({ isPinned: version !== undefined }))
}
