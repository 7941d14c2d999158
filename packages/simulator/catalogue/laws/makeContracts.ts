/**
 * Writes and compiles the generated contracts: every act of two families of contracts, once for each layout.
 * `npx node packages/simulator/catalogue/laws/makeContracts.ts` writes `Generated.sol` and `contracts.json` beside this file.
 */
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { accessors, LAYOUTS, type Variable } from './layouts.ts'

const BOOK: readonly Variable[] = [
  { name: 'right', keys: ['address', 'address'], value: 'uint128' },
  { name: 'kept', keys: ['address'], value: 'uint128' },
  { name: 'heir', keys: ['address'], value: 'address' },
  { name: 'holder', keys: ['uint256'], value: 'address' },
  { name: 'role', keys: ['bytes32', 'address'], value: 'bool' },
]
const TOKEN: readonly Variable[] = [
  { name: 'held', keys: ['address'], value: 'uint128' },
  { name: 'allowed', keys: ['address', 'address'], value: 'uint128' },
]

/** A function by its name and by another one, with the same body. */
interface Act {
  readonly names: readonly [string, string]
  readonly args: string
  readonly body: string
  readonly isPayable?: true
}
const tells = (other: string, amount: string) => `tell(msg.sender, ${other}, ${amount});`
const BOOK_ACTS: readonly Act[] = [
  { names: ['appoint', 'flag'], args: 'address other', body: `setRight(msg.sender, other, 1); ${tells('other', '1')}` },
  {
    names: ['allow', 'mark'],
    args: 'address other, uint128 amount',
    body: `setRight(msg.sender, other, amount); ${tells('other', 'amount')}`,
  },
  { names: ['nameHeir', 'note'], args: 'address other', body: `setHeir(msg.sender, other); ${tells('other', '0')}` },
  {
    names: ['move', 'shift'],
    args: 'address other, uint128 amount',
    body: `setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); ${tells('other', 'amount')}`,
  },
  {
    names: ['burn', 'fold'],
    args: 'uint128 amount',
    body: `setKept(msg.sender, keptOf(msg.sender) - amount); ${tells('address(0)', 'amount')}`,
  },
  {
    names: ['handOver', 'relabel'],
    args: 'uint256 id, address other',
    body: `require(holderOf(id) == msg.sender); setHolder(id, other); ${tells('other', 'id')}`,
  },
  {
    names: ['grantRole', 'enlist'],
    args: 'bytes32 kind, address other',
    body: `require(roleOf(0, msg.sender)); setRole(kind, other, true); ${tells('other', 'uint256(kind)')}`,
  },
  {
    names: ['depositFor', 'putFor'],
    args: 'address other, uint128 amount',
    body: `coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); ${tells('other', 'amount')}`,
  },
  {
    names: ['withdrawTo', 'drawTo'],
    args: 'address other, uint128 amount',
    body: `setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); ${tells('other', 'amount')}`,
  },
  {
    names: ['payOn', 'carry'],
    args: 'address other',
    isPayable: true,
    body: `(bool ok, ) = other.call{value: msg.value}(""); require(ok); ${tells('other', 'msg.value')}`,
  },
  {
    names: ['visit', 'touch'],
    args: '',
    body: `seenS = uint64(block.timestamp); visits += 1; ${tells('address(0)', '0')}`,
  },
  // What makes the rights above worth something, and the scenes possible.
  {
    names: ['drawFrom', 'lift'],
    args: 'address owner, uint128 amount',
    body: `uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount);`,
  },
  {
    names: ['open', 'begin'],
    args: 'uint256 id',
    body: `require(holderOf(id) == address(0)); setHolder(id, msg.sender);`,
  },
]
const TOKEN_ACTS: readonly Act[] = [
  {
    names: ['skim', 'sync'],
    args: 'address other, uint128 amount',
    body: `setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount);`,
  },
  {
    names: ['entrust', 'link'],
    args: 'address other, uint128 amount',
    body: `setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount);`,
  },
]

const functions = (acts: readonly Act[]) =>
  acts
    .flatMap(({ names, args, body, isPayable }) =>
      names.map((name) => `function ${name}(${args}) external ${isPayable === true ? 'payable ' : ''}{ ${body} }`),
    )
    .join('\n    ')
const MULTICALL = `function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }`
const storage = (layout: string, variables: readonly Variable[]) =>
  [
    ...(layout === 'shifted' ? ['uint256[300] private gap;'] : []),
    ...(layout === 'elsewhere' ? ['Store private immutable store = new Store();'] : []),
    ...variables.map((variable, index) => accessors(layout, variable, index)),
  ].join('\n    ')

const nameOf = (family: string, layout: string) => `${family}_${layout.replaceAll('-', '_')}`

const book = (layout: string) => `contract ${nameOf('Book', layout)} {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    ${storage(layout, BOOK)}
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    ${functions(BOOK_ACTS)}
    ${MULTICALL}
}`
const token = (layout: string) => `contract ${nameOf('Token', layout)} {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    ${storage(layout, TOKEN)}
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    ${functions(TOKEN_ACTS)}
    ${MULTICALL}
}`

/** The whole source. */
export function source(): string {
  return `// SPDX-License-Identifier: Apache-2.0
// Written by makeContracts.ts, which also compiles it: change that, not this.
pragma solidity 0.8.30;

interface Coin {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

contract Store {
    address private immutable user = msg.sender;
    mapping(bytes32 => uint256) public entries;
    function set(bytes32 key, uint256 value) external { require(msg.sender == user); entries[key] = value; }
}

${Object.keys(LAYOUTS)
  .flatMap((layout) => [book(layout), token(layout)])
  .join('\n\n')}
`
}

interface Solc {
  compile(input: string): string
  version(): string
}
interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[]
  readonly contracts: Readonly<
    Record<string, Readonly<Record<string, { abi: unknown[]; evm: { bytecode: { object: string } } }>>>
  >
}

/** What `contracts.json` holds: one interface a family, since layouts change none. */
export function compile(): unknown {
  const solc = createRequire(join(import.meta.dirname, '../../../../chain/package.json'))('solc') as Solc
  const settings = {
    optimizer: { enabled: true, runs: 200 },
    evmVersion: 'cancun',
    metadata: { bytecodeHash: 'none' },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
  }
  const input = { language: 'Solidity', sources: { 'Generated.sol': { content: source() } }, settings }
  const { errors = [], contracts } = JSON.parse(solc.compile(JSON.stringify(input))) as Output
  const wrong = errors.filter(({ severity }) => severity === 'error')
  if (wrong.length > 0) throw new Error(wrong.map(({ formattedMessage }) => formattedMessage).join('\n'))
  const made = contracts['Generated.sol'] ?? {}
  const { optimizer, evmVersion } = settings
  return {
    compiler: { name: 'solc', version: solc.version(), optimizer, evmVersion },
    source: 'Generated.sol',
    abi: { Book: made['Book_plain']?.abi, Token: made['Token_plain']?.abi },
    bytecode: Object.fromEntries(
      Object.entries(made)
        .filter(([name]) => name.includes('_'))
        .map(([name, { evm }]) => [name, `0x${evm.bytecode.object}`]),
    ),
  }
}

if (import.meta.main) {
  writeFileSync(join(import.meta.dirname, 'Generated.sol'), source())
  writeFileSync(join(import.meta.dirname, 'contracts.json'), `${JSON.stringify(compile(), null, 2)}\n`)
}
