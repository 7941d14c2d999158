// SPDX-License-Identifier: Apache-2.0
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

contract Book_plain {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    mapping(address => mapping(address => uint128)) private right;
    function rightOf(address a, address b) internal view returns (uint128 found) { return right[a][b]; }
    function setRight(address a, address b, uint128 value) internal { right[a][b] = value; }
    mapping(address => uint128) private kept;
    function keptOf(address a) internal view returns (uint128 found) { return kept[a]; }
    function setKept(address a, uint128 value) internal { kept[a] = value; }
    mapping(address => address) private heir;
    function heirOf(address a) internal view returns (address found) { return heir[a]; }
    function setHeir(address a, address value) internal { heir[a] = value; }
    mapping(uint256 => address) private holder;
    function holderOf(uint256 a) internal view returns (address found) { return holder[a]; }
    function setHolder(uint256 a, address value) internal { holder[a] = value; }
    mapping(bytes32 => mapping(address => bool)) private role;
    function roleOf(bytes32 a, address b) internal view returns (bool found) { return role[a][b]; }
    function setRole(bytes32 a, address b, bool value) internal { role[a][b] = value; }
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    function appoint(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function flag(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function allow(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function mark(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function nameHeir(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function note(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function move(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function shift(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function burn(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function fold(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function handOver(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function relabel(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function grantRole(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function enlist(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function depositFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function putFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function withdrawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function drawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function payOn(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function carry(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function visit() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function touch() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function drawFrom(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function lift(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function open(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function begin(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Token_plain {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    mapping(address => uint128) private held;
    function heldOf(address a) internal view returns (uint128 found) { return held[a]; }
    function setHeld(address a, uint128 value) internal { held[a] = value; }
    mapping(address => mapping(address => uint128)) private allowed;
    function allowedOf(address a, address b) internal view returns (uint128 found) { return allowed[a][b]; }
    function setAllowed(address a, address b, uint128 value) internal { allowed[a][b] = value; }
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    function skim(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function sync(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function entrust(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function link(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Book_shifted {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    uint256[300] private gap;
    mapping(address => mapping(address => uint128)) private right;
    function rightOf(address a, address b) internal view returns (uint128 found) { return right[a][b]; }
    function setRight(address a, address b, uint128 value) internal { right[a][b] = value; }
    mapping(address => uint128) private kept;
    function keptOf(address a) internal view returns (uint128 found) { return kept[a]; }
    function setKept(address a, uint128 value) internal { kept[a] = value; }
    mapping(address => address) private heir;
    function heirOf(address a) internal view returns (address found) { return heir[a]; }
    function setHeir(address a, address value) internal { heir[a] = value; }
    mapping(uint256 => address) private holder;
    function holderOf(uint256 a) internal view returns (address found) { return holder[a]; }
    function setHolder(uint256 a, address value) internal { holder[a] = value; }
    mapping(bytes32 => mapping(address => bool)) private role;
    function roleOf(bytes32 a, address b) internal view returns (bool found) { return role[a][b]; }
    function setRole(bytes32 a, address b, bool value) internal { role[a][b] = value; }
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    function appoint(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function flag(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function allow(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function mark(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function nameHeir(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function note(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function move(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function shift(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function burn(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function fold(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function handOver(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function relabel(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function grantRole(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function enlist(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function depositFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function putFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function withdrawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function drawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function payOn(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function carry(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function visit() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function touch() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function drawFrom(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function lift(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function open(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function begin(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Token_shifted {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    uint256[300] private gap;
    mapping(address => uint128) private held;
    function heldOf(address a) internal view returns (uint128 found) { return held[a]; }
    function setHeld(address a, uint128 value) internal { held[a] = value; }
    mapping(address => mapping(address => uint128)) private allowed;
    function allowedOf(address a, address b) internal view returns (uint128 found) { return allowed[a][b]; }
    function setAllowed(address a, address b, uint128 value) internal { allowed[a][b] = value; }
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    function skim(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function sync(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function entrust(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function link(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Book_swapped {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    mapping(address => mapping(address => uint128)) private right;
    function rightOf(address a, address b) internal view returns (uint128 found) { return right[b][a]; }
    function setRight(address a, address b, uint128 value) internal { right[b][a] = value; }
    mapping(address => uint128) private kept;
    function keptOf(address a) internal view returns (uint128 found) { return kept[a]; }
    function setKept(address a, uint128 value) internal { kept[a] = value; }
    mapping(address => address) private heir;
    function heirOf(address a) internal view returns (address found) { return heir[a]; }
    function setHeir(address a, address value) internal { heir[a] = value; }
    mapping(uint256 => address) private holder;
    function holderOf(uint256 a) internal view returns (address found) { return holder[a]; }
    function setHolder(uint256 a, address value) internal { holder[a] = value; }
    mapping(address => mapping(bytes32 => bool)) private role;
    function roleOf(bytes32 a, address b) internal view returns (bool found) { return role[b][a]; }
    function setRole(bytes32 a, address b, bool value) internal { role[b][a] = value; }
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    function appoint(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function flag(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function allow(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function mark(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function nameHeir(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function note(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function move(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function shift(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function burn(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function fold(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function handOver(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function relabel(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function grantRole(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function enlist(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function depositFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function putFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function withdrawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function drawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function payOn(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function carry(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function visit() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function touch() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function drawFrom(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function lift(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function open(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function begin(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Token_swapped {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    mapping(address => uint128) private held;
    function heldOf(address a) internal view returns (uint128 found) { return held[a]; }
    function setHeld(address a, uint128 value) internal { held[a] = value; }
    mapping(address => mapping(address => uint128)) private allowed;
    function allowedOf(address a, address b) internal view returns (uint128 found) { return allowed[b][a]; }
    function setAllowed(address a, address b, uint128 value) internal { allowed[b][a] = value; }
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    function skim(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function sync(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function entrust(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function link(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Book_record {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    struct RightRecord { uint40 sinceS; uint128 value; bool isOpen; } mapping(address => mapping(address => RightRecord)) private right;
    function rightOf(address a, address b) internal view returns (uint128 found) { return right[a][b].value; }
    function setRight(address a, address b, uint128 value) internal { right[a][b] = RightRecord(uint40(block.timestamp), value, true); }
    struct KeptRecord { uint40 sinceS; uint128 value; bool isOpen; } mapping(address => KeptRecord) private kept;
    function keptOf(address a) internal view returns (uint128 found) { return kept[a].value; }
    function setKept(address a, uint128 value) internal { kept[a] = KeptRecord(uint40(block.timestamp), value, true); }
    struct HeirRecord { uint40 sinceS; address value; bool isOpen; } mapping(address => HeirRecord) private heir;
    function heirOf(address a) internal view returns (address found) { return heir[a].value; }
    function setHeir(address a, address value) internal { heir[a] = HeirRecord(uint40(block.timestamp), value, true); }
    struct HolderRecord { uint40 sinceS; address value; bool isOpen; } mapping(uint256 => HolderRecord) private holder;
    function holderOf(uint256 a) internal view returns (address found) { return holder[a].value; }
    function setHolder(uint256 a, address value) internal { holder[a] = HolderRecord(uint40(block.timestamp), value, true); }
    struct RoleRecord { uint40 sinceS; bool value; bool isOpen; } mapping(bytes32 => mapping(address => RoleRecord)) private role;
    function roleOf(bytes32 a, address b) internal view returns (bool found) { return role[a][b].value; }
    function setRole(bytes32 a, address b, bool value) internal { role[a][b] = RoleRecord(uint40(block.timestamp), value, true); }
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    function appoint(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function flag(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function allow(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function mark(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function nameHeir(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function note(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function move(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function shift(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function burn(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function fold(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function handOver(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function relabel(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function grantRole(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function enlist(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function depositFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function putFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function withdrawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function drawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function payOn(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function carry(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function visit() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function touch() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function drawFrom(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function lift(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function open(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function begin(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Token_record {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    struct HeldRecord { uint40 sinceS; uint128 value; bool isOpen; } mapping(address => HeldRecord) private held;
    function heldOf(address a) internal view returns (uint128 found) { return held[a].value; }
    function setHeld(address a, uint128 value) internal { held[a] = HeldRecord(uint40(block.timestamp), value, true); }
    struct AllowedRecord { uint40 sinceS; uint128 value; bool isOpen; } mapping(address => mapping(address => AllowedRecord)) private allowed;
    function allowedOf(address a, address b) internal view returns (uint128 found) { return allowed[a][b].value; }
    function setAllowed(address a, address b, uint128 value) internal { allowed[a][b] = AllowedRecord(uint40(block.timestamp), value, true); }
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    function skim(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function sync(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function entrust(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function link(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Book_high {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    mapping(address => mapping(address => uint256)) private right;
    function rightOf(address a, address b) internal view returns (uint128 found) { return uint128(right[a][b] >> 96); }
    function setRight(address a, address b, uint128 value) internal { uint256 count = (right[a][b] + 1) & 0xffff; right[a][b] = (uint256(value) << 96) | count; }
    mapping(address => uint256) private kept;
    function keptOf(address a) internal view returns (uint128 found) { return uint128(kept[a] >> 96); }
    function setKept(address a, uint128 value) internal { uint256 count = (kept[a] + 1) & 0xffff; kept[a] = (uint256(value) << 96) | count; }
    mapping(address => uint256) private heir;
    function heirOf(address a) internal view returns (address found) { return address(uint160(heir[a] >> 96)); }
    function setHeir(address a, address value) internal { uint256 count = (heir[a] + 1) & 0xffff; heir[a] = (uint256(uint160(value)) << 96) | count; }
    mapping(uint256 => uint256) private holder;
    function holderOf(uint256 a) internal view returns (address found) { return address(uint160(holder[a] >> 96)); }
    function setHolder(uint256 a, address value) internal { uint256 count = (holder[a] + 1) & 0xffff; holder[a] = (uint256(uint160(value)) << 96) | count; }
    mapping(bytes32 => mapping(address => uint256)) private role;
    function roleOf(bytes32 a, address b) internal view returns (bool found) { return (role[a][b] >> 96) & 1 == 1; }
    function setRole(bytes32 a, address b, bool value) internal { uint256 count = (role[a][b] + 1) & 0xffff; role[a][b] = (uint256(value ? 1 : 0) << 96) | count; }
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    function appoint(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function flag(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function allow(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function mark(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function nameHeir(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function note(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function move(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function shift(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function burn(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function fold(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function handOver(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function relabel(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function grantRole(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function enlist(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function depositFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function putFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function withdrawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function drawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function payOn(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function carry(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function visit() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function touch() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function drawFrom(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function lift(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function open(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function begin(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Token_high {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    mapping(address => uint256) private held;
    function heldOf(address a) internal view returns (uint128 found) { return uint128(held[a] >> 96); }
    function setHeld(address a, uint128 value) internal { uint256 count = (held[a] + 1) & 0xffff; held[a] = (uint256(value) << 96) | count; }
    mapping(address => mapping(address => uint256)) private allowed;
    function allowedOf(address a, address b) internal view returns (uint128 found) { return uint128(allowed[a][b] >> 96); }
    function setAllowed(address a, address b, uint128 value) internal { uint256 count = (allowed[a][b] + 1) & 0xffff; allowed[a][b] = (uint256(value) << 96) | count; }
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    function skim(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function sync(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function entrust(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function link(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Book_hashed {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    mapping(bytes32 => uint128) private right;
    function rightOf(address a, address b) internal view returns (uint128 found) { return right[keccak256(abi.encode("right", a, b))]; }
    function setRight(address a, address b, uint128 value) internal { right[keccak256(abi.encode("right", a, b))] = value; }
    mapping(bytes32 => uint128) private kept;
    function keptOf(address a) internal view returns (uint128 found) { return kept[keccak256(abi.encode("kept", a))]; }
    function setKept(address a, uint128 value) internal { kept[keccak256(abi.encode("kept", a))] = value; }
    mapping(bytes32 => address) private heir;
    function heirOf(address a) internal view returns (address found) { return heir[keccak256(abi.encode("heir", a))]; }
    function setHeir(address a, address value) internal { heir[keccak256(abi.encode("heir", a))] = value; }
    mapping(bytes32 => address) private holder;
    function holderOf(uint256 a) internal view returns (address found) { return holder[keccak256(abi.encode("holder", a))]; }
    function setHolder(uint256 a, address value) internal { holder[keccak256(abi.encode("holder", a))] = value; }
    mapping(bytes32 => bool) private role;
    function roleOf(bytes32 a, address b) internal view returns (bool found) { return role[keccak256(abi.encode("role", a, b))]; }
    function setRole(bytes32 a, address b, bool value) internal { role[keccak256(abi.encode("role", a, b))] = value; }
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    function appoint(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function flag(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function allow(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function mark(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function nameHeir(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function note(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function move(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function shift(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function burn(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function fold(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function handOver(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function relabel(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function grantRole(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function enlist(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function depositFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function putFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function withdrawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function drawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function payOn(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function carry(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function visit() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function touch() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function drawFrom(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function lift(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function open(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function begin(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Token_hashed {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    mapping(bytes32 => uint128) private held;
    function heldOf(address a) internal view returns (uint128 found) { return held[keccak256(abi.encode("held", a))]; }
    function setHeld(address a, uint128 value) internal { held[keccak256(abi.encode("held", a))] = value; }
    mapping(bytes32 => uint128) private allowed;
    function allowedOf(address a, address b) internal view returns (uint128 found) { return allowed[keccak256(abi.encode("allowed", a, b))]; }
    function setAllowed(address a, address b, uint128 value) internal { allowed[keccak256(abi.encode("allowed", a, b))] = value; }
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    function skim(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function sync(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function entrust(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function link(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Book_joined {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    mapping(bytes32 => uint128) private right;
    function rightOf(address a, address b) internal view returns (uint128 found) { return right[keccak256(abi.encodePacked(a, b))]; }
    function setRight(address a, address b, uint128 value) internal { right[keccak256(abi.encodePacked(a, b))] = value; }
    mapping(bytes32 => uint128) private kept;
    function keptOf(address a) internal view returns (uint128 found) { return kept[keccak256(abi.encodePacked(a))]; }
    function setKept(address a, uint128 value) internal { kept[keccak256(abi.encodePacked(a))] = value; }
    mapping(bytes32 => address) private heir;
    function heirOf(address a) internal view returns (address found) { return heir[keccak256(abi.encodePacked(a))]; }
    function setHeir(address a, address value) internal { heir[keccak256(abi.encodePacked(a))] = value; }
    mapping(bytes32 => address) private holder;
    function holderOf(uint256 a) internal view returns (address found) { return holder[keccak256(abi.encodePacked(a))]; }
    function setHolder(uint256 a, address value) internal { holder[keccak256(abi.encodePacked(a))] = value; }
    mapping(bytes32 => bool) private role;
    function roleOf(bytes32 a, address b) internal view returns (bool found) { return role[keccak256(abi.encodePacked(a, b))]; }
    function setRole(bytes32 a, address b, bool value) internal { role[keccak256(abi.encodePacked(a, b))] = value; }
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    function appoint(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function flag(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function allow(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function mark(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function nameHeir(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function note(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function move(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function shift(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function burn(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function fold(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function handOver(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function relabel(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function grantRole(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function enlist(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function depositFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function putFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function withdrawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function drawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function payOn(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function carry(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function visit() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function touch() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function drawFrom(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function lift(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function open(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function begin(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Token_joined {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    mapping(bytes32 => uint128) private held;
    function heldOf(address a) internal view returns (uint128 found) { return held[keccak256(abi.encodePacked(a))]; }
    function setHeld(address a, uint128 value) internal { held[keccak256(abi.encodePacked(a))] = value; }
    mapping(bytes32 => uint128) private allowed;
    function allowedOf(address a, address b) internal view returns (uint128 found) { return allowed[keccak256(abi.encodePacked(a, b))]; }
    function setAllowed(address a, address b, uint128 value) internal { allowed[keccak256(abi.encodePacked(a, b))] = value; }
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    function skim(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function sync(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function entrust(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function link(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Book_person {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    mapping(bytes32 => uint128) private right;
    function rightOf(address a, address b) internal view returns (uint128 found) { return right[keccak256(abi.encode(keccak256(abi.encodePacked(a)), b))]; }
    function setRight(address a, address b, uint128 value) internal { right[keccak256(abi.encode(keccak256(abi.encodePacked(a)), b))] = value; }
    mapping(bytes32 => uint128) private kept;
    function keptOf(address a) internal view returns (uint128 found) { return kept[keccak256(abi.encodePacked(a))]; }
    function setKept(address a, uint128 value) internal { kept[keccak256(abi.encodePacked(a))] = value; }
    mapping(bytes32 => address) private heir;
    function heirOf(address a) internal view returns (address found) { return heir[keccak256(abi.encodePacked(a))]; }
    function setHeir(address a, address value) internal { heir[keccak256(abi.encodePacked(a))] = value; }
    mapping(bytes32 => address) private holder;
    function holderOf(uint256 a) internal view returns (address found) { return holder[keccak256(abi.encodePacked(a))]; }
    function setHolder(uint256 a, address value) internal { holder[keccak256(abi.encodePacked(a))] = value; }
    mapping(bytes32 => bool) private role;
    function roleOf(bytes32 a, address b) internal view returns (bool found) { return role[keccak256(abi.encode(keccak256(abi.encodePacked(a)), b))]; }
    function setRole(bytes32 a, address b, bool value) internal { role[keccak256(abi.encode(keccak256(abi.encodePacked(a)), b))] = value; }
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    function appoint(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function flag(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function allow(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function mark(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function nameHeir(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function note(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function move(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function shift(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function burn(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function fold(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function handOver(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function relabel(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function grantRole(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function enlist(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function depositFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function putFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function withdrawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function drawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function payOn(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function carry(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function visit() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function touch() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function drawFrom(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function lift(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function open(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function begin(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Token_person {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    mapping(bytes32 => uint128) private held;
    function heldOf(address a) internal view returns (uint128 found) { return held[keccak256(abi.encodePacked(a))]; }
    function setHeld(address a, uint128 value) internal { held[keccak256(abi.encodePacked(a))] = value; }
    mapping(bytes32 => uint128) private allowed;
    function allowedOf(address a, address b) internal view returns (uint128 found) { return allowed[keccak256(abi.encode(keccak256(abi.encodePacked(a)), b))]; }
    function setAllowed(address a, address b, uint128 value) internal { allowed[keccak256(abi.encode(keccak256(abi.encodePacked(a)), b))] = value; }
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    function skim(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function sync(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function entrust(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function link(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Book_seeded {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    function rightOf(address a, address b) internal view returns (uint128 found) { bytes32 slot = keccak256(abi.encodePacked(uint32(40255), a, b)); uint256 word; assembly { word := sload(slot) } return uint128(word >> 8); }
    function setRight(address a, address b, uint128 value) internal { bytes32 slot = keccak256(abi.encodePacked(uint32(40255), a, b)); uint256 word = (uint256(value) << 8) | 1; assembly { sstore(slot, word) } }
    function keptOf(address a) internal view returns (uint128 found) { bytes32 slot = keccak256(abi.encodePacked(uint32(40256), a)); uint256 word; assembly { word := sload(slot) } return uint128(word >> 8); }
    function setKept(address a, uint128 value) internal { bytes32 slot = keccak256(abi.encodePacked(uint32(40256), a)); uint256 word = (uint256(value) << 8) | 1; assembly { sstore(slot, word) } }
    function heirOf(address a) internal view returns (address found) { bytes32 slot = keccak256(abi.encodePacked(uint32(40257), a)); uint256 word; assembly { word := sload(slot) } return address(uint160(word >> 8)); }
    function setHeir(address a, address value) internal { bytes32 slot = keccak256(abi.encodePacked(uint32(40257), a)); uint256 word = (uint256(uint160(value)) << 8) | 1; assembly { sstore(slot, word) } }
    function holderOf(uint256 a) internal view returns (address found) { bytes32 slot = keccak256(abi.encodePacked(uint32(40258), a)); uint256 word; assembly { word := sload(slot) } return address(uint160(word >> 8)); }
    function setHolder(uint256 a, address value) internal { bytes32 slot = keccak256(abi.encodePacked(uint32(40258), a)); uint256 word = (uint256(uint160(value)) << 8) | 1; assembly { sstore(slot, word) } }
    function roleOf(bytes32 a, address b) internal view returns (bool found) { bytes32 slot = keccak256(abi.encodePacked(uint32(40259), a, b)); uint256 word; assembly { word := sload(slot) } return (word >> 8) & 1 == 1; }
    function setRole(bytes32 a, address b, bool value) internal { bytes32 slot = keccak256(abi.encodePacked(uint32(40259), a, b)); uint256 word = (uint256(value ? 1 : 0) << 8) | 1; assembly { sstore(slot, word) } }
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    function appoint(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function flag(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function allow(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function mark(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function nameHeir(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function note(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function move(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function shift(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function burn(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function fold(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function handOver(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function relabel(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function grantRole(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function enlist(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function depositFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function putFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function withdrawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function drawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function payOn(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function carry(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function visit() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function touch() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function drawFrom(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function lift(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function open(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function begin(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Token_seeded {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    function heldOf(address a) internal view returns (uint128 found) { bytes32 slot = keccak256(abi.encodePacked(uint32(40255), a)); uint256 word; assembly { word := sload(slot) } return uint128(word >> 8); }
    function setHeld(address a, uint128 value) internal { bytes32 slot = keccak256(abi.encodePacked(uint32(40255), a)); uint256 word = (uint256(value) << 8) | 1; assembly { sstore(slot, word) } }
    function allowedOf(address a, address b) internal view returns (uint128 found) { bytes32 slot = keccak256(abi.encodePacked(uint32(40256), a, b)); uint256 word; assembly { word := sload(slot) } return uint128(word >> 8); }
    function setAllowed(address a, address b, uint128 value) internal { bytes32 slot = keccak256(abi.encodePacked(uint32(40256), a, b)); uint256 word = (uint256(value) << 8) | 1; assembly { sstore(slot, word) } }
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    function skim(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function sync(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function entrust(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function link(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Book_slot_first {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    function rightOf(address a, address b) internal view returns (uint128 found) { bytes32 slot = keccak256(abi.encode(keccak256(abi.encode(uint256(0), a)), b)); uint256 word; assembly { word := sload(slot) } return uint128(word >> 8); }
    function setRight(address a, address b, uint128 value) internal { bytes32 slot = keccak256(abi.encode(keccak256(abi.encode(uint256(0), a)), b)); uint256 word = (uint256(value) << 8) | 1; assembly { sstore(slot, word) } }
    function keptOf(address a) internal view returns (uint128 found) { bytes32 slot = keccak256(abi.encode(uint256(1), a)); uint256 word; assembly { word := sload(slot) } return uint128(word >> 8); }
    function setKept(address a, uint128 value) internal { bytes32 slot = keccak256(abi.encode(uint256(1), a)); uint256 word = (uint256(value) << 8) | 1; assembly { sstore(slot, word) } }
    function heirOf(address a) internal view returns (address found) { bytes32 slot = keccak256(abi.encode(uint256(2), a)); uint256 word; assembly { word := sload(slot) } return address(uint160(word >> 8)); }
    function setHeir(address a, address value) internal { bytes32 slot = keccak256(abi.encode(uint256(2), a)); uint256 word = (uint256(uint160(value)) << 8) | 1; assembly { sstore(slot, word) } }
    function holderOf(uint256 a) internal view returns (address found) { bytes32 slot = keccak256(abi.encode(uint256(3), a)); uint256 word; assembly { word := sload(slot) } return address(uint160(word >> 8)); }
    function setHolder(uint256 a, address value) internal { bytes32 slot = keccak256(abi.encode(uint256(3), a)); uint256 word = (uint256(uint160(value)) << 8) | 1; assembly { sstore(slot, word) } }
    function roleOf(bytes32 a, address b) internal view returns (bool found) { bytes32 slot = keccak256(abi.encode(keccak256(abi.encode(uint256(4), a)), b)); uint256 word; assembly { word := sload(slot) } return (word >> 8) & 1 == 1; }
    function setRole(bytes32 a, address b, bool value) internal { bytes32 slot = keccak256(abi.encode(keccak256(abi.encode(uint256(4), a)), b)); uint256 word = (uint256(value ? 1 : 0) << 8) | 1; assembly { sstore(slot, word) } }
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    function appoint(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function flag(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function allow(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function mark(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function nameHeir(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function note(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function move(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function shift(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function burn(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function fold(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function handOver(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function relabel(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function grantRole(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function enlist(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function depositFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function putFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function withdrawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function drawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function payOn(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function carry(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function visit() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function touch() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function drawFrom(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function lift(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function open(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function begin(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Token_slot_first {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    function heldOf(address a) internal view returns (uint128 found) { bytes32 slot = keccak256(abi.encode(uint256(0), a)); uint256 word; assembly { word := sload(slot) } return uint128(word >> 8); }
    function setHeld(address a, uint128 value) internal { bytes32 slot = keccak256(abi.encode(uint256(0), a)); uint256 word = (uint256(value) << 8) | 1; assembly { sstore(slot, word) } }
    function allowedOf(address a, address b) internal view returns (uint128 found) { bytes32 slot = keccak256(abi.encode(keccak256(abi.encode(uint256(1), a)), b)); uint256 word; assembly { word := sload(slot) } return uint128(word >> 8); }
    function setAllowed(address a, address b, uint128 value) internal { bytes32 slot = keccak256(abi.encode(keccak256(abi.encode(uint256(1), a)), b)); uint256 word = (uint256(value) << 8) | 1; assembly { sstore(slot, word) } }
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    function skim(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function sync(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function entrust(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function link(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Book_listed {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    uint128[] private rightList; mapping(address => mapping(address => uint256)) private rightAt;
    function rightOf(address a, address b) internal view returns (uint128 found) { uint256 i = rightAt[a][b]; if (i > 0) return rightList[i - 1]; }
    function setRight(address a, address b, uint128 value) internal { if (rightAt[a][b] == 0) { rightList.push(value); rightAt[a][b] = rightList.length; } else rightList[rightAt[a][b] - 1] = value; }
    uint128[] private keptList; mapping(address => uint256) private keptAt;
    function keptOf(address a) internal view returns (uint128 found) { uint256 i = keptAt[a]; if (i > 0) return keptList[i - 1]; }
    function setKept(address a, uint128 value) internal { if (keptAt[a] == 0) { keptList.push(value); keptAt[a] = keptList.length; } else keptList[keptAt[a] - 1] = value; }
    address[] private heirList; mapping(address => uint256) private heirAt;
    function heirOf(address a) internal view returns (address found) { uint256 i = heirAt[a]; if (i > 0) return heirList[i - 1]; }
    function setHeir(address a, address value) internal { if (heirAt[a] == 0) { heirList.push(value); heirAt[a] = heirList.length; } else heirList[heirAt[a] - 1] = value; }
    address[] private holderList; mapping(uint256 => uint256) private holderAt;
    function holderOf(uint256 a) internal view returns (address found) { uint256 i = holderAt[a]; if (i > 0) return holderList[i - 1]; }
    function setHolder(uint256 a, address value) internal { if (holderAt[a] == 0) { holderList.push(value); holderAt[a] = holderList.length; } else holderList[holderAt[a] - 1] = value; }
    bool[] private roleList; mapping(bytes32 => mapping(address => uint256)) private roleAt;
    function roleOf(bytes32 a, address b) internal view returns (bool found) { uint256 i = roleAt[a][b]; if (i > 0) return roleList[i - 1]; }
    function setRole(bytes32 a, address b, bool value) internal { if (roleAt[a][b] == 0) { roleList.push(value); roleAt[a][b] = roleList.length; } else roleList[roleAt[a][b] - 1] = value; }
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    function appoint(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function flag(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function allow(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function mark(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function nameHeir(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function note(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function move(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function shift(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function burn(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function fold(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function handOver(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function relabel(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function grantRole(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function enlist(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function depositFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function putFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function withdrawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function drawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function payOn(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function carry(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function visit() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function touch() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function drawFrom(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function lift(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function open(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function begin(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Token_listed {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    uint128[] private heldList; mapping(address => uint256) private heldAt;
    function heldOf(address a) internal view returns (uint128 found) { uint256 i = heldAt[a]; if (i > 0) return heldList[i - 1]; }
    function setHeld(address a, uint128 value) internal { if (heldAt[a] == 0) { heldList.push(value); heldAt[a] = heldList.length; } else heldList[heldAt[a] - 1] = value; }
    uint128[] private allowedList; mapping(address => mapping(address => uint256)) private allowedAt;
    function allowedOf(address a, address b) internal view returns (uint128 found) { uint256 i = allowedAt[a][b]; if (i > 0) return allowedList[i - 1]; }
    function setAllowed(address a, address b, uint128 value) internal { if (allowedAt[a][b] == 0) { allowedList.push(value); allowedAt[a][b] = allowedList.length; } else allowedList[allowedAt[a][b] - 1] = value; }
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    function skim(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function sync(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function entrust(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function link(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Book_namespace {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    struct RightSpace { mapping(address => mapping(address => uint128)) entries; } function rightSpace() private pure returns (RightSpace storage found) { assembly { found.slot := 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bac000 } }
    function rightOf(address a, address b) internal view returns (uint128 found) { return rightSpace().entries[a][b]; }
    function setRight(address a, address b, uint128 value) internal { rightSpace().entries[a][b] = value; }
    struct KeptSpace { mapping(address => uint128) entries; } function keptSpace() private pure returns (KeptSpace storage found) { assembly { found.slot := 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bac010 } }
    function keptOf(address a) internal view returns (uint128 found) { return keptSpace().entries[a]; }
    function setKept(address a, uint128 value) internal { keptSpace().entries[a] = value; }
    struct HeirSpace { mapping(address => address) entries; } function heirSpace() private pure returns (HeirSpace storage found) { assembly { found.slot := 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bac020 } }
    function heirOf(address a) internal view returns (address found) { return heirSpace().entries[a]; }
    function setHeir(address a, address value) internal { heirSpace().entries[a] = value; }
    struct HolderSpace { mapping(uint256 => address) entries; } function holderSpace() private pure returns (HolderSpace storage found) { assembly { found.slot := 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bac030 } }
    function holderOf(uint256 a) internal view returns (address found) { return holderSpace().entries[a]; }
    function setHolder(uint256 a, address value) internal { holderSpace().entries[a] = value; }
    struct RoleSpace { mapping(bytes32 => mapping(address => bool)) entries; } function roleSpace() private pure returns (RoleSpace storage found) { assembly { found.slot := 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bac040 } }
    function roleOf(bytes32 a, address b) internal view returns (bool found) { return roleSpace().entries[a][b]; }
    function setRole(bytes32 a, address b, bool value) internal { roleSpace().entries[a][b] = value; }
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    function appoint(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function flag(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function allow(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function mark(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function nameHeir(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function note(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function move(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function shift(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function burn(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function fold(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function handOver(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function relabel(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function grantRole(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function enlist(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function depositFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function putFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function withdrawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function drawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function payOn(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function carry(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function visit() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function touch() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function drawFrom(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function lift(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function open(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function begin(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Token_namespace {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    struct HeldSpace { mapping(address => uint128) entries; } function heldSpace() private pure returns (HeldSpace storage found) { assembly { found.slot := 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bac000 } }
    function heldOf(address a) internal view returns (uint128 found) { return heldSpace().entries[a]; }
    function setHeld(address a, uint128 value) internal { heldSpace().entries[a] = value; }
    struct AllowedSpace { mapping(address => mapping(address => uint128)) entries; } function allowedSpace() private pure returns (AllowedSpace storage found) { assembly { found.slot := 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bac010 } }
    function allowedOf(address a, address b) internal view returns (uint128 found) { return allowedSpace().entries[a][b]; }
    function setAllowed(address a, address b, uint128 value) internal { allowedSpace().entries[a][b] = value; }
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    function skim(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function sync(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function entrust(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function link(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Book_elsewhere {
    event Changed(address indexed who, address indexed other, uint256 amount);
    event Noted(uint256 amount);
    Coin private immutable coin;
    uint256 private immutable tells;
    Store private immutable store = new Store();
    function rightOf(address a, address b) internal view returns (uint128 found) { uint256 word = store.entries(keccak256(abi.encode("right", a, b))); return uint128(word); }
    function setRight(address a, address b, uint128 value) internal { store.set(keccak256(abi.encode("right", a, b)), uint256(value)); }
    function keptOf(address a) internal view returns (uint128 found) { uint256 word = store.entries(keccak256(abi.encode("kept", a))); return uint128(word); }
    function setKept(address a, uint128 value) internal { store.set(keccak256(abi.encode("kept", a)), uint256(value)); }
    function heirOf(address a) internal view returns (address found) { uint256 word = store.entries(keccak256(abi.encode("heir", a))); return address(uint160(word)); }
    function setHeir(address a, address value) internal { store.set(keccak256(abi.encode("heir", a)), uint256(uint160(value))); }
    function holderOf(uint256 a) internal view returns (address found) { uint256 word = store.entries(keccak256(abi.encode("holder", a))); return address(uint160(word)); }
    function setHolder(uint256 a, address value) internal { store.set(keccak256(abi.encode("holder", a)), uint256(uint160(value))); }
    function roleOf(bytes32 a, address b) internal view returns (bool found) { uint256 word = store.entries(keccak256(abi.encode("role", a, b))); return (word) & 1 == 1; }
    function setRole(bytes32 a, address b, bool value) internal { store.set(keccak256(abi.encode("role", a, b)), uint256(value ? 1 : 0)); }
    uint64 private seenS;
    uint64 private visits;
    constructor(Coin held, uint256 events, address user) { coin = held; tells = events; setRole(0, user, true); }
    function tell(address who, address other, uint256 amount) private { if (tells > 0) emit Changed(who, other, amount); if (tells > 1) emit Noted(amount); }
    function keptBy(address who) external view returns (uint128) { return keptOf(who); }
    function appoint(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function flag(address other) external { setRight(msg.sender, other, 1); tell(msg.sender, other, 1); }
    function allow(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function mark(address other, uint128 amount) external { setRight(msg.sender, other, amount); tell(msg.sender, other, amount); }
    function nameHeir(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function note(address other) external { setHeir(msg.sender, other); tell(msg.sender, other, 0); }
    function move(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function shift(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function burn(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function fold(uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); tell(msg.sender, address(0), amount); }
    function handOver(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function relabel(uint256 id, address other) external { require(holderOf(id) == msg.sender); setHolder(id, other); tell(msg.sender, other, id); }
    function grantRole(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function enlist(bytes32 kind, address other) external { require(roleOf(0, msg.sender)); setRole(kind, other, true); tell(msg.sender, other, uint256(kind)); }
    function depositFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function putFor(address other, uint128 amount) external { coin.transferFrom(msg.sender, address(this), amount); setKept(other, keptOf(other) + amount); tell(msg.sender, other, amount); }
    function withdrawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function drawTo(address other, uint128 amount) external { setKept(msg.sender, keptOf(msg.sender) - amount); coin.transfer(other, amount); tell(msg.sender, other, amount); }
    function payOn(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function carry(address other) external payable { (bool ok, ) = other.call{value: msg.value}(""); require(ok); tell(msg.sender, other, msg.value); }
    function visit() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function touch() external { seenS = uint64(block.timestamp); visits += 1; tell(msg.sender, address(0), 0); }
    function drawFrom(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function lift(address owner, uint128 amount) external { uint128 left = rightOf(owner, msg.sender); require(left >= amount || left == 1 || heirOf(owner) == msg.sender); setKept(owner, keptOf(owner) - amount); coin.transfer(msg.sender, amount); }
    function open(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function begin(uint256 id) external { require(holderOf(id) == address(0)); setHolder(id, msg.sender); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}

contract Token_elsewhere {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Noted(uint256 amount);
    string public constant symbol = "GEN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1e15;
    uint256 private immutable tells;
    Store private immutable store = new Store();
    function heldOf(address a) internal view returns (uint128 found) { uint256 word = store.entries(keccak256(abi.encode("held", a))); return uint128(word); }
    function setHeld(address a, uint128 value) internal { store.set(keccak256(abi.encode("held", a)), uint256(value)); }
    function allowedOf(address a, address b) internal view returns (uint128 found) { uint256 word = store.entries(keccak256(abi.encode("allowed", a, b))); return uint128(word); }
    function setAllowed(address a, address b, uint128 value) internal { store.set(keccak256(abi.encode("allowed", a, b)), uint256(value)); }
    constructor(uint256 events, address user) { tells = events; setHeld(user, 1e9); setHeld(msg.sender, 1e15 - 1e9); }
    function balanceOf(address who) external view returns (uint256) { return heldOf(who); }
    function allowance(address owner, address spender) external view returns (uint256) { return allowedOf(owner, spender); }
    function transfer(address to, uint256 amount) external returns (bool) { go(msg.sender, to, uint128(amount)); return true; }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) { setAllowed(from, msg.sender, allowedOf(from, msg.sender) - uint128(amount)); go(from, to, uint128(amount)); return true; }
    function approve(address spender, uint256 amount) external returns (bool) { setAllowed(msg.sender, spender, uint128(amount)); if (tells > 0) emit Approval(msg.sender, spender, amount); if (tells > 1) emit Noted(amount); return true; }
    function go(address from, address to, uint128 amount) private { setHeld(from, heldOf(from) - amount); setHeld(to, heldOf(to) + amount); if (tells > 0) emit Transfer(from, to, amount); if (tells > 1) emit Noted(amount); }
    function skim(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function sync(address other, uint128 amount) external { setHeld(msg.sender, heldOf(msg.sender) - amount); setHeld(other, heldOf(other) + amount); if (tells > 0) emit Transfer(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function entrust(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function link(address other, uint128 amount) external { setAllowed(msg.sender, other, amount); if (tells > 0) emit Approval(msg.sender, other, amount); if (tells > 1) emit Noted(amount); }
    function multicall(bytes[] calldata calls) external payable { for (uint256 i; i < calls.length; i++) { (bool ok, ) = address(this).delegatecall(calls[i]); require(ok); } }
}
