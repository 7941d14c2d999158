import { UNLIMITED_FROM } from '../model/Allowance.ts'
import { Address, type Hex } from '@countersign/base'
import { decodeFunctionData, maxUint256, parseAbi, toFunctionSelector } from 'viem'
import { safeText } from '../decode/safeText.ts'
import { decodeCall } from '../decode/KnownAbi.ts'
import type { Finding, NotChecked } from '../model/Finding.ts'
import type { Grant, Line, Movement } from '../model/Document.ts'
import type { SignatureContext } from './SignatureRequest.ts'
import { amountOf, finding, isVouchedSpender, nameOf } from './wording.ts'

/** A call that an account makes because somebody signed for it. */
export interface InnerCall {
  readonly to: Address.Address
  readonly value: bigint
  readonly data: Hex.Hex
}

export interface InnerMeaning {
  readonly lines: readonly Line[]
  readonly grants: readonly Grant[]
  readonly offers: readonly Movement[]
  readonly findings: readonly Finding[]
  readonly notChecked: readonly NotChecked[]
}

const ABI = parseAbi([
  'function approve(address spender, uint256 amount)',
  'function increaseAllowance(address spender, uint256 amount)',
  'function setApprovalForAll(address operator, bool approved)',
  'function transfer(address to, uint256 amount)',
  'function transferFrom(address from, address to, uint256 amount)',
  'function safeTransferFrom(address from, address to, uint256 tokenId)',
  'function safeTransferFrom(address from, address to, uint256 tokenId, bytes data)',
  'function safeTransferFrom(address from, address to, uint256 id, uint256 amount, bytes data)',
  'function approve(address token, address spender, uint160 amount, uint48 expiration)',
  'function transferOwnership(address newOwner)',
  'function upgradeTo(address newImplementation)',
  'function upgradeToAndCall(address newImplementation, bytes data)',
  'function changeAdmin(address newAdmin)',
])

/**
 * Calls of an account to itself that change who rules it. Safe 1.3.0 to 1.5.0 (OwnerManager, ModuleManager,
 * GuardManager, FallbackManager), ERC-7579 (modules), ERC-1967 accounts (upgrades).
 */
const CONTROL: Readonly<Record<string, Control>> = Object.fromEntries(
  (
    [
      ['enableModule(address)', 'gives a module the power to move everything', 'module', 0],
      ['disableModule(address,address)', 'takes a module away', 'module', null],
      ['setGuard(address)', 'changes the guard that checks transactions', 'module', 0],
      ['setModuleGuard(address)', 'changes the guard that checks modules', 'module', 0],
      ['setFallbackHandler(address)', 'changes who answers for the account, signature checks included', 'module', 0],
      ['addOwnerWithThreshold(address,uint256)', 'adds an owner', 'ownership', 0],
      ['removeOwner(address,address,uint256)', 'removes an owner', 'ownership', null],
      ['swapOwner(address,address,address)', 'replaces an owner', 'ownership', 2],
      ['changeThreshold(uint256)', 'changes how many owners must sign', 'ownership', null],
      ['changeMasterCopy(address)', "replaces the account's code", 'proxy_implementation', 0],
      [
        'setup(address[],uint256,address,bytes,address,address,uint256,address)',
        'sets the account up anew',
        'ownership',
        null,
      ],
      ['installModule(uint256,address,bytes)', 'gives a module power over the account', 'module', 1],
      ['uninstallModule(uint256,address,bytes)', 'takes a module away', 'module', null],
      ['upgradeTo(address)', "replaces the account's code", 'proxy_implementation', 0],
      ['upgradeToAndCall(address,bytes)', "replaces the account's code", 'proxy_implementation', 0],
      ['transferOwnership(address)', 'gives the account away', 'ownership', 0],
      ['addOwnerAddress(address)', 'adds an owner', 'ownership', 0],
      ['addOwnerPublicKey(bytes32,bytes32)', 'adds an owner', 'ownership', null],
      ['removeOwnerAtIndex(uint256,bytes)', 'removes an owner', 'ownership', null],
    ] as const
  ).map(([signature, meaning, kind, gains]) => [
    toFunctionSelector(`function ${signature}`),
    { name: signature.slice(0, signature.indexOf('(')), meaning, kind, gains },
  ]),
)

interface Control {
  readonly name: string
  readonly meaning: string
  readonly kind: Grant['kind']
  /** Which argument gains the power; null where nobody does. */
  readonly gains: number | null
}

/**
 * What one call of an account would mean, as far as its call data says. The simulator runs the call as well; this
 * names the person or power that must not be overlooked.
 */
export function readInnerCall(
  at: SignatureContext,
  account: Address.Address,
  call: InnerCall,
  label: string,
): InnerMeaning {
  const lines = linesOf(at, call, label)
  const grants: Grant[] = []
  const offers: Movement[] = []
  const findings: Finding[] = []
  const notChecked: NotChecked[] = []
  if (call.value > 0n) offers.push({ standard: 'native', token: null, tokenId: null, amount: call.value, to: call.to })

  if (call.to === account && call.data !== '0x') {
    const { finding: found, grant } = readControl(at, account, call.data)
    findings.push(found)
    if (grant !== null) grants.push(grant)
    return { lines, grants, offers, findings, notChecked }
  }

  const spend = (
    subject: Address.Address,
    kind: Grant['kind'],
    amount: bigint,
    token: Address.Address = call.to,
    expiresMs: number | null = null,
  ): void => {
    if (amount === 0n) return
    const isUnlimited = amount >= UNLIMITED_FROM
    const isVouched = isVouchedSpender(at, subject)
    grants.push({
      kind,
      owner: account,
      contract: call.to,
      subject,
      token,
      amount,
      unlimited: isUnlimited,
      expiresMs,
    })
    if (!isVouched || isUnlimited) {
      findings.push(
        finding(
          isUnlimited ? 'signature-unlimited' : 'signature-spender-unknown',
          isUnlimited && !isVouched ? 'block' : 'warn',
          isUnlimited ? 'Unlimited permission' : 'Nobody vouches for the spender',
          `${nameOf(at, subject)} could take ${kind === 'operator' ? 'every token' : amountOf(at, token, amount)} of ${token} from ${account}.`,
          subject,
        ),
      )
    }
  }
  const parsed = decodeOwn(call.data)
  switch (parsed?.functionName) {
    case 'approve': {
      if (parsed.args.length === 4) {
        const [token, spender, amount, expiration] = parsed.args
        spend(spender, 'permit2_allowance', amount, token, expiration * 1000)
        lines.push({ label: `${label}: token`, value: nameOf(at, token) })
      } else spend(parsed.args[0], 'erc20_allowance', parsed.args[1])
      break
    }
    case 'increaseAllowance':
      spend(parsed.args[0], 'erc20_allowance', parsed.args[1])
      break
    case 'setApprovalForAll':
      if (parsed.args[1]) spend(parsed.args[0], 'operator', maxUint256)
      break
    case 'transfer':
      offers.push({ standard: 'erc20', token: call.to, tokenId: null, amount: parsed.args[1], to: parsed.args[0] })
      break
    case 'transferFrom':
    case 'safeTransferFrom': {
      const [from, to, third] = parsed.args
      if (from !== account) break
      // transferFrom's number is an amount or an id; only the token knows, so the simulation decides.
      if (parsed.functionName === 'transferFrom')
        offers.push({ standard: 'erc20', token: call.to, tokenId: null, amount: third, to })
      else if (parsed.args.length === 5)
        offers.push({ standard: 'erc1155', token: call.to, tokenId: third, amount: parsed.args[3], to })
      else offers.push({ standard: 'erc721', token: call.to, tokenId: third, amount: 1n, to })
      break
    }
    case 'transferOwnership':
    case 'upgradeTo':
    case 'upgradeToAndCall':
    case 'changeAdmin':
      grants.push({
        kind: parsed.functionName.startsWith('upgrade') ? 'proxy_implementation' : 'ownership',
        owner: account,
        contract: call.to,
        subject: parsed.args[0],
        token: null,
        amount: 0n,
        unlimited: true,
        expiresMs: null,
      })
      findings.push(
        finding(
          'signature-control-handed-over',
          'block',
          'It hands over control of a contract',
          `${nameOf(at, parsed.args[0])} would gain ${parsed.functionName} of ${nameOf(at, call.to)}.`,
          parsed.args[0],
        ),
      )
      break
    case undefined:
      if (call.data !== '0x') {
        const unread = unreadCall(at, account, call)
        notChecked.push(unread.notChecked)
        findings.push(unread.finding)
      }
  }
  return { lines, grants, offers, findings, notChecked }
}

/** A call whose function nobody here reads: said, and a warning where its contract is not known. */
function unreadCall(
  at: SignatureContext,
  account: Address.Address,
  call: InnerCall,
): { readonly finding: Finding; readonly notChecked: NotChecked } {
  return {
    notChecked: {
      what: `the meaning of the call ${call.data.slice(0, 10)} of ${call.to}`,
      why: 'Its function is not one that this room reads; only the simulated effects speak for it.',
    },
    finding: finding(
      'signature-inner-call-unread',
      at.known?.(call.to) === undefined ? 'warn' : 'info',
      'A call that is not read',
      `${account} would call ${nameOf(at, call.to)} with ${call.data.slice(0, 10)}; look at what the simulation says it does.`,
      call.to,
    ),
  }
}

function linesOf(at: SignatureContext, call: InnerCall, label: string): Line[] {
  const decoded = decodeCall(call.data)
  return [
    { label, value: nameOf(at, call.to) },
    ...(call.value > 0n ? [{ label: `${label}: pays`, value: amountOf(at, null, call.value) }] : []),
    {
      label: `${label}: call`,
      value:
        call.data === '0x'
          ? 'none'
          : decoded === null
            ? call.data
            : `${decoded.signature} ${safeText(
                JSON.stringify(decoded.args, (_, value: unknown) =>
                  typeof value === 'bigint' ? value.toString() : value,
                ),
                2_000,
              )}`,
    },
  ]
}

/** A call of the account to itself: what it changes of who rules the account, and who gains it. */
function readControl(
  at: SignatureContext,
  account: Address.Address,
  data: Hex.Hex,
): { readonly finding: Finding; readonly grant: Grant | null } {
  const control = CONTROL[data.slice(0, 10)]
  const subject = control === undefined ? null : addressIn(data, control.gains)
  const found = finding(
    'signature-account-control',
    'block',
    'It changes who rules the account',
    control === undefined
      ? `${account} would call itself with ${data.slice(0, 10)}, which may change its owners, modules or code.`
      : `${account}: ${control.name} ${control.meaning}${subject === null ? '' : ` (${nameOf(at, subject)})`}.`,
    subject ?? account,
    { selector: data.slice(0, 10) },
  )
  if (control !== undefined && subject !== null && subject !== Address.ZERO) {
    const grant: Grant = {
      kind: control.kind,
      owner: account,
      contract: account,
      subject,
      token: null,
      amount: 0n,
      unlimited: true,
      expiresMs: null,
    }
    return { finding: found, grant }
  }
  return { finding: found, grant: null }
}

/** Puts the meanings of several calls together. */
export function joinMeanings(meanings: readonly InnerMeaning[]): InnerMeaning {
  return {
    lines: meanings.flatMap((meaning) => meaning.lines),
    grants: meanings.flatMap((meaning) => meaning.grants),
    offers: meanings.flatMap((meaning) => meaning.offers),
    findings: meanings.flatMap((meaning) => meaning.findings),
    notChecked: meanings.flatMap((meaning) => meaning.notChecked),
  }
}

function decodeOwn(data: Hex.Hex) {
  try {
    return decodeFunctionData({ abi: ABI, data })
  } catch {
    return undefined
  }
}

/** An argument that is an address; null when the call data ends before it. */
function addressIn(data: Hex.Hex, index: number | null): Address.Address | null {
  if (index === null) return null
  const found = data.slice(10 + 64 * index, 74 + 64 * index)
  return found.length === 64 ? Address.fromWord(found) : null
}
