import { Address, type Hex } from '@countersign/base'
import { decodeAbiParameters, decodeFunctionData, encodeFunctionData, parseAbi, parseAbiParameters } from 'viem'
import type { Finding } from '../../model/Finding.ts'
import { DUMMY, EMPTY, STRANGER, word, type Draft, type SignatureContext } from '../SignatureRequest.ts'
import type { Line } from '../../model/Document.ts'
import { joinMeanings, readInnerCall, type InnerCall } from '../readInnerCall.ts'
import { domainShape, reader, type Scheme } from '../Scheme.ts'
import type { TypedDocument } from '../TypedDocument.ts'
import { finding, nameOf } from '../wording.ts'

const FIELDS =
  'address sender,uint256 nonce,bytes initCode,bytes callData,bytes32 accountGasLimits,uint256 preVerificationGas,bytes32 gasFees,bytes paymasterAndData'
/** EntryPoint 0.8 and later hash user operations as typed data (ERC-4337, `getUserOpHash`). */
const ENTRY_POINT = `PackedUserOperation(${FIELDS})`
/** MetaMask's smart accounts hash them in their own domain and name the entry point (DeleGatorCore.sol). */
const DELEGATOR = `PackedUserOperation(${FIELDS},address entryPoint)`

/** eth-infinitism/account-abstraction releases: 0.7.0, 0.8.0, 0.9.0. */
export const ENTRY_POINTS: readonly Address.Address[] = [
  '0x0000000071727De22E5E9d8BAf0edAc6f37da032',
  '0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108',
  '0x433709009B8330FDa32311DF1C2AFA402eD8D009',
].map((address) => Address.parse(address))

const ABI = parseAbi([
  'struct PackedUserOperation { address sender; uint256 nonce; bytes initCode; bytes callData; bytes32 accountGasLimits; uint256 preVerificationGas; bytes32 gasFees; bytes paymasterAndData; bytes signature; }',
  'function handleOps(PackedUserOperation[] ops, address beneficiary)',
  'function getNonce(address sender, uint192 key) view returns (uint256 nonce)',
])
/** SimpleAccount, Coinbase Smart Wallet, and ERC-7579 with ERC-7821's batches. */
const EXECUTE = parseAbi([
  'struct Call { address target; uint256 value; bytes data; }',
  'function execute(address dest, uint256 value, bytes func)',
  'function executeBatch(Call[] calls)',
  'function executeBatch(address[] dest, uint256[] value, bytes[] func)',
  'function executeBatch(address[] dest, bytes[] func)',
  'function execute(bytes32 mode, bytes executionCalldata)',
])
const CALLS = parseAbiParameters('(address target, uint256 value, bytes data)[]')

/** ERC-4337 user operations: an account does something when a bundler presents the signature. */
export const userOperation: Scheme = { primaryTypes: ['PackedUserOperation', 'UserOperation'], read }

function read(document: TypedDocument, at: SignatureContext): Draft | null {
  const { domain, encodedType } = document
  if (domainShape(document) !== 'name,version,chainId,verifyingContract') return null
  const message = reader(document.message)
  const isEntryPoint = encodedType === ENTRY_POINT && domain.name === 'ERC4337' && domain.version === '1'
  const isDelegator = encodedType === DELEGATOR
  if (!isEntryPoint && !isDelegator) return null
  const sender = message.address('sender')
  const contract = domain.verifyingContract as Address.Address
  if (isDelegator && contract !== sender) return null
  const entryPoint = isEntryPoint ? contract : message.address('entryPoint')
  const [initCode, callData] = [message.hex('initCode'), message.hex('callData')]
  const paymasterAndData = message.hex('paymasterAndData')
  const nonce = message.uint('nonce')
  const calls = readCallData(callData)
  const meaning = joinMeanings(
    (calls ?? []).map((call, i) => readInnerCall(at, sender, call, `Call ${i + 1} of ${calls?.length ?? 0}`)),
  )
  const fields: Line[] = (['accountGasLimits', 'gasFees'] as const).map((field) => {
    const packed = message.hex(field).slice(2)
    return {
      label: field,
      value: `${BigInt(`0x${packed.slice(0, 32)}`)}, ${BigInt(`0x${packed.slice(32)}`)}`,
    }
  })
  return {
    ...EMPTY,
    kind: 'user-operation',
    title: `Operation of the account ${nameOf(at, sender)}`,
    lines: [
      { label: 'Account', value: nameOf(at, sender) },
      { label: 'Entry point', value: nameOf(at, entryPoint) },
      ...meaning.lines,
      ...(calls === null ? [{ label: 'Call data', value: callData }] : []),
      { label: 'Set-up code', value: initCode === '0x' ? 'none' : initCode },
      { label: 'Paymaster', value: paymasterAndData === '0x' ? 'none' : paymasterAndData },
      { label: 'Nonce', value: nonce.toString() },
      ...fields,
      { label: 'preVerificationGas', value: message.uint('preVerificationGas').toString() },
    ],
    grants: meaning.grants,
    offers: meaning.offers,
    holderCalls: [
      {
        from: STRANGER,
        to: entryPoint,
        value: 0n,
        data: encodeFunctionData({
          abi: ABI,
          functionName: 'handleOps',
          args: [
            [
              {
                sender,
                nonce,
                initCode,
                callData,
                accountGasLimits: message.hex('accountGasLimits'),
                preVerificationGas: message.uint('preVerificationGas'),
                gasFees: message.hex('gasFees'),
                paymasterAndData,
                signature: DUMMY.bytes,
              },
            ],
            STRANGER,
          ],
        }),
        label: 'Hand the operation to the entry point',
        purpose: 'use',
      },
    ],
    withoutSignature: [
      {
        from: entryPoint,
        to: sender,
        value: 0n,
        data: callData,
        label: 'What the entry point has the account do',
        purpose: 'use',
      },
    ],
    expects: [
      {
        to: entryPoint,
        data: encodeFunctionData({ abi: ABI, functionName: 'getNonce', args: [sender, nonce >> 64n] }),
        equals: word(nonce),
        what: `the nonce of the account ${sender}`,
      },
    ],
    findings: [
      ...judgeParts(at, { entryPoint, sender, initCode, callData, paymasterAndData, calls }),
      ...meaning.findings,
    ],
    notChecked: [
      ...meaning.notChecked,
      ...(paymasterAndData === '0x'
        ? []
        : [{ what: 'the paymaster', why: 'Its terms, such as a fee in tokens, are its own.' }]),
    ],
  }
}

function judgeParts(
  at: SignatureContext,
  parts: {
    entryPoint: Address.Address
    sender: Address.Address
    initCode: Hex.Hex
    callData: Hex.Hex
    paymasterAndData: Hex.Hex
    calls: readonly InnerCall[] | null
  },
): Finding[] {
  const findings: Finding[] = []
  if (!ENTRY_POINTS.includes(parts.entryPoint) && at.known?.(parts.entryPoint) === undefined) {
    findings.push(
      finding(
        'signature-unfamiliar-contract',
        'warn',
        'Not a known entry point',
        `${parts.entryPoint} is no published ERC-4337 entry point.`,
        parts.entryPoint,
      ),
    )
  }
  if (parts.initCode !== '0x') {
    findings.push(
      finding(
        'signature-account-setup',
        'warn',
        'It sets an account up',
        `Before the operation, code from ${parts.initCode.slice(0, 42)} decides what the account ${parts.sender} is.`,
        parts.sender,
      ),
    )
  }
  if (parts.calls === null) {
    findings.push(
      finding(
        'signature-operation-unread',
        'block',
        'An operation that is not read',
        `The account would run ${parts.callData.slice(0, 10)}, which is none of the usual ways to make calls.`,
        parts.sender,
        { call_data: parts.callData.slice(0, 74) },
      ),
    )
  }
  return findings
}

/** The calls inside the usual `execute` functions; null for anything else. Empty call data makes no call. */
function readCallData(callData: Hex.Hex): InnerCall[] | null {
  if (callData === '0x') return []
  try {
    const decoded = decodeFunctionData({ abi: EXECUTE, data: callData })
    if (decoded.functionName === 'execute') {
      if (decoded.args.length === 3) {
        const [to, value, data] = decoded.args
        return [{ to, value, data }]
      }
      return readExecution(decoded.args[0], decoded.args[1])
    }
    if (decoded.args.length === 1) {
      return decoded.args[0].map((call) => ({ to: call.target, value: call.value, data: call.data }))
    }
    const [targets, second, third] = decoded.args
    const datas = third ?? (second as readonly Hex.Hex[])
    const values = third === undefined ? [] : (second as readonly bigint[])
    // SimpleAccount takes an empty list of values for "all zero".
    if (targets.length !== datas.length || ![0, targets.length].includes(values.length)) return null
    return targets.map((to, i) => ({ to, value: values[i] ?? 0n, data: datas[i] as Hex.Hex }))
  } catch {
    return null
  }
}

/** ERC-7579: call type 00 is one packed call, 01 a list of calls; everything else, delegatecall first of all, is unread. */
function readExecution(mode: Hex.Hex, execution: Hex.Hex): InnerCall[] | null {
  const callType = mode.slice(2, 4)
  if (callType === '00') {
    if (execution.length < 2 + 2 * 52) return null
    return [
      {
        to: Address.fromWord(execution.slice(2, 42)),
        value: BigInt(`0x${execution.slice(42, 106)}`),
        data: `0x${execution.slice(106)}`,
      },
    ]
  }
  // ERC-7821's batch with extra data (mode 01…78210001) carries a signature of its own and is left unread.
  if (callType !== '01' || mode.slice(12, 20) !== '00000000') return null
  return decodeAbiParameters(CALLS, execution)[0].map((call) => ({
    to: call.target,
    value: call.value,
    data: call.data,
  }))
}
