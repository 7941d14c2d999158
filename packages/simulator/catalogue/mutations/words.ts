import { keccak256, toHex } from 'viem'
import { bodyOf, contractsIn, usesOf } from './mappings.ts'
import { insert, replace, spanOf, textOf, type Edit, type File, type Node } from './Source.ts'

type Edits = Map<File, Edit[]>
const into = (edits: Edits, file: File, edit: Edit) => void edits.set(file, [...(edits.get(file) ?? []), edit])

/** No events. The arguments stay: some count. */
export function quiet(files: readonly File[]): Edits {
  const edits: Edits = new Map()
  for (const file of files)
    for (const node of file.nodes)
      if (node.nodeType === 'EmitStatement') {
        const given = (node['eventCall'] as Node)['arguments'] as Node[]
        into(
          edits,
          file,
          replace(node, () => `(${given.length === 0 ? '0' : given.map((each) => textOf(file, each)).join(', ')})`),
        )
      }
  return edits
}

/** One more event in every function that changes something. */
export function noisy(files: readonly File[]): Edits {
  const edits: Edits = new Map()
  for (const file of files)
    for (const contract of contractsIn(file)) {
      const functions = (contract['nodes'] as Node[]).filter(
        (node) =>
          node.nodeType === 'FunctionDefinition' &&
          node['kind'] === 'function' &&
          ['external', 'public'].includes(node['visibility'] as string) &&
          ['payable', 'nonpayable'].includes(node['stateMutability'] as string) &&
          node['body'] != null,
      )
      if (functions.length === 0) continue
      into(
        edits,
        file,
        insert(bodyOf(file, contract), `\n    event Noted${contract.id}(address indexed by, uint256 what);\n`),
      )
      for (const node of functions)
        into(edits, file, insert(spanOf(node['body'] as Node).start + 1, ` emit Noted${contract.id}(msg.sender, 7); `))
    }
  return edits
}

/** Functions of standards, hooks and what other contracts call by name. Everything else may have any name. */
const STANDARD =
  /^(transfer|transferFrom|approve|balanceOf|allowance|totalSupply|name|symbol|decimals|increaseAllowance|decreaseAllowance|ownerOf|getApproved|setApprovalForAll|isApprovedForAll|safe\w*|on[A-Z]\w*|tokens(Received|ToSend)|permit|nonces|DOMAIN_SEPARATOR|domainSeparator|isValidSignature\w*|validate\w*|postOp|execute\w*|getReserves|slot0|token[01]|token|coins|get_dy\w*|asset|convertTo\w*|preview\w*|supportsInterface|uri|tokenURI|owner|extsload|hasRole|delegates|getVotes|implementation|(set|get)InterfaceImplementer|eip712Domain|isOwner|getThreshold|isModuleEnabled|borrowAllowance|approvedDelegators?|authorizations?|userOf|operator\w*)$/

/** The name that a function has in a variant with other names. */
export const otherName = (name: string): string => `ax${keccak256(toHex(name)).slice(2, 12)}`

/** Names that functions of these sets may lose: none that an interface has, or a standard. */
export function renamable(sets: readonly (readonly File[])[]): ReadonlySet<string> {
  const made = new Set<string>()
  const kept = new Set<string>()
  for (const { nodes, parents } of sets.flat())
    for (const node of nodes) {
      if (node.nodeType !== 'FunctionDefinition' || node['kind'] !== 'function') continue
      const holder = parents.get(node)
      if (node['body'] != null && holder?.['contractKind'] === 'contract') made.add(node['name'] as string)
      if (holder?.['contractKind'] !== 'contract') kept.add(node['name'] as string)
    }
  return new Set([...made].filter((name) => !STANDARD.test(name) && !kept.has(name)))
}

/** Other names, and so other selectors, for every function outside the standards. */
export function rename(files: readonly File[], names: ReadonlySet<string>): Edits {
  const edits: Edits = new Map()
  for (const file of files)
    for (const node of file.nodes) {
      if (node.nodeType !== 'FunctionDefinition' || !names.has(node['name'] as string)) continue
      const name = node['name'] as string
      into(
        edits,
        file,
        replace({ src: node['nameLocation'] as string } as Node, () => otherName(name)),
      )
      for (const { file: where, node: use } of usesOf(files, node.id)) {
        const src = use.nodeType === 'MemberAccess' ? (use['memberLocation'] as string) : use.src
        into(
          edits,
          where,
          replace({ src } as Node, () => otherName(name)),
        )
      }
    }
  return edits
}

/** What a contract may take for the sign of a simulator: the left side, and how each looks where nothing is set. */
const SIGNS = [
  'block.coinbase == address(0)',
  'block.basefee == 0',
  'tx.gasprice == 0',
  'block.prevrandao == 0',
  'blockhash(block.number - 1) == 0',
  'block.gaslimit >= 50_000_000',
] as const

/** Each sign of a simulator becomes the one `by` further on. */
export function otherSigns(files: readonly File[], by: number): Edits {
  const edits: Edits = new Map()
  for (const file of files)
    for (const node of file.nodes) {
      if (node.nodeType !== 'BinaryOperation') continue
      const which = SIGNS.indexOf(textOf(file, node) as (typeof SIGNS)[number])
      if (which < 0) continue
      into(
        edits,
        file,
        replace(node, () => `(${SIGNS[(which + by) % SIGNS.length] ?? ''})`),
      )
    }
  return edits
}
