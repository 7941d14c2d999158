// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IToken, Coin} from "Journeys.sol";

/// A bridge: what goes in is paid out elsewhere by a relayer, who keeps a fee.
contract Crossing {
    IToken internal immutable asset;
    event Sent(bytes32 indexed to, uint256 chain, uint256 amount, uint256 fee);
    constructor(IToken a) {
        asset = a;
    }
    function send(bytes32 to, uint256 chain, uint256 amount, uint256 fee) external {
        asset.transferFrom(msg.sender, address(this), amount);
        emit Sent(to, chain, amount - fee, fee);
    }
}

/// A time vault; the other is opened by a vote that nobody holds.
contract TimeVault {
    struct Box {
        uint192 amount;
        uint64 openS;
    }
    mapping(address => Box[]) internal boxes;
    function put() external payable {
        boxes[msg.sender].push(Box(uint192(msg.value), uint64(block.timestamp + 30 days)));
    }
    function withdraw(uint256 index) external {
        Box storage b = boxes[msg.sender][index];
        require(_open(b));
        uint256 amount = b.amount;
        b.amount = 0;
        payable(msg.sender).transfer(amount);
    }
    function _open(Box storage b) internal view virtual returns (bool) {
        return block.timestamp >= b.openS;
    }
}
contract VoteVault is TimeVault {
    address internal immutable boss;
    constructor(address b) {
        boss = b;
    }
    bool internal passed;
    function _open(Box storage) internal view override returns (bool) {
        return passed;
    }
    function rescue() external {
        require(msg.sender == boss);
        payable(boss).transfer(address(this).balance);
    }
}

/// Sells coins at a fixed price; a referrer gets a part.
contract Sale {
    Coin public immutable coin;
    address internal immutable boss;
    constructor(address b) {
        boss = b;
        coin = new Coin("SALE");
    }
    function buy(address referrer) external payable {
        coin.mint(msg.sender, (msg.value * 95) / 100 * 1000);
        coin.mint(referrer, (msg.value * 5) / 100 * 1000);
        payable(boss).transfer(msg.value);
    }
    function buyShared(uint256 code) external payable {
        coin.mint(msg.sender, msg.value * 50);
        coin.mint(address(uint160(code)), msg.value * 950);
        payable(boss).transfer(msg.value);
    }
}

/// What the user gets depends on something that the block or the sender decides.
contract Good {
    uint256 internal slot0;
    function swap() external payable {
        payable(msg.sender).transfer((msg.value * 101) / 100);
    }
}
contract Bad {
    uint256 internal slot0;
    function swap() external payable {
        payable(0xbAdC0De15aFE0FF1ce0Ddba11f00d00DcafE0BaD).transfer(msg.value);
    }
}
contract Chameleon {
    uint256 internal slot0;
    address internal immutable good;
    address internal immutable bad;
    uint256 internal immutable kind;
    uint256 internal immutable edge;
    constructor(address g, address b, uint256 k, uint256 e) payable {
        (good, bad, kind, edge) = (g, b, k, e);
    }
    receive() external payable {}
    fallback() external payable {
        bool harm;
        if (kind == 0) harm = block.timestamp > edge;
        else if (kind == 1) harm = block.number > edge;
        else if (kind == 2) harm = tx.gasprice > edge;
        else if (kind == 3) harm = block.basefee > edge;
        else if (kind == 4) harm = uint160(address(block.coinbase)) % 2 == edge;
        else if (kind == 5) harm = block.prevrandao % 8 == edge;
        else if (kind == 6) harm = msg.sender.code.length == edge;
        else if (kind == 7) harm = gasleft() < edge;
        else if (kind == 8) harm = block.timestamp % 3600 < edge;
        else if (kind == 9) harm = uint256(blockhash(block.number - 1)) % 4 == edge;
        else if (kind == 10) harm = msg.sender.balance < edge;
        address to = harm ? bad : good;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), to, 0, calldatasize(), 0, 0)
            if iszero(ok) {
                revert(0, 0)
            }
        }
    }
}

/// The account of a user, as EIP-7702 code: keys and recovery in a namespace of its own.
contract OwnAccount {
    /// @custom:storage-location erc7201:own.account
    struct Store {
        uint64 nonce;
        mapping(bytes32 => uint256) keys;
        bytes32 recovery;
    }
    function _s() internal pure returns (Store storage s) {
        bytes32 slot = keccak256("own.account.storage");
        assembly {
            s.slot := slot
        }
    }
    modifier self() {
        require(msg.sender == address(this));
        _;
    }
    function run(address to, uint256 value, bytes calldata data) external self {
        _s().nonce++;
        _call(to, value, data);
    }
    function allow(bytes32 keyHash, uint256 rights) external self {
        _s().keys[keyHash] = rights;
    }
    function recoverBy(bytes32 hash) external self {
        _s().recovery = hash;
    }
    function runAs(address to, uint256 value, bytes calldata data) external {
        require(_s().keys[keccak256(abi.encode(msg.sender))] != 0, "key");
        _call(to, value, data);
    }
    function _call(address to, uint256 value, bytes calldata data) internal {
        (bool ok, ) = to.call{value: value}(data);
        require(ok);
    }
    receive() external payable {}
}

/// A lender with receipts and debts in records.
contract Bank {
    struct Entry {
        uint128 supplied;
        uint128 owed;
    }
    IToken internal immutable asset;
    mapping(address => Entry) public entries;
    mapping(bytes32 => uint256) internal lines;
    constructor(IToken a) {
        asset = a;
    }
    function supply(uint256 amount, address onBehalfOf) external {
        asset.transferFrom(msg.sender, address(this), amount);
        entries[onBehalfOf].supplied += uint128(amount);
    }
    function withdraw(uint256 amount) external {
        Entry storage e = entries[msg.sender];
        e.supplied -= uint128(amount);
        require(e.supplied >= e.owed * 2, "health");
        asset.transfer(msg.sender, amount);
    }
    function borrow(uint256 amount, address onBehalfOf) external {
        if (onBehalfOf != msg.sender) lines[keccak256(abi.encodePacked(onBehalfOf, msg.sender))] -= amount;
        Entry storage e = entries[onBehalfOf];
        e.owed += uint128(amount);
        require(e.supplied >= e.owed * 2, "health");
        asset.transfer(msg.sender, amount);
    }
    function repay(uint256 amount) external {
        asset.transferFrom(msg.sender, address(this), amount);
        entries[msg.sender].owed -= uint128(amount);
    }
    function openLine(address delegatee, uint256 amount) external {
        lines[keccak256(abi.encodePacked(msg.sender, delegatee))] = amount;
    }
}

/// Streams of pay: one word a stream, operators packed under a hash.
contract Streams {
    struct Stream {
        address to;
        uint96 left;
        address from;
        uint64 lastS;
        uint32 perS;
    }
    IToken internal immutable asset;
    mapping(bytes32 => Stream) public streams;
    mapping(bytes32 => bytes32) internal operators;
    mapping(address => uint256) public deposits;
    constructor(IToken a) {
        asset = a;
    }
    function deposit(uint256 amount) external {
        asset.transferFrom(msg.sender, address(this), amount);
        deposits[msg.sender] += amount;
    }
    function withdraw(uint256 amount) external {
        deposits[msg.sender] -= amount;
        asset.transfer(msg.sender, amount);
    }
    function start(address to, uint96 amount, uint32 perS) external {
        asset.transferFrom(msg.sender, address(this), amount);
        streams[keccak256(abi.encode(msg.sender, to))] = Stream(to, amount, msg.sender, uint64(block.timestamp), perS);
    }
    function stop(address to) external {
        Stream storage s = streams[keccak256(abi.encode(msg.sender, to))];
        uint96 left = s.left;
        s.left = 0;
        asset.transfer(msg.sender, left);
    }
    function updateFlowPermissions(address who, uint8 rights) external {
        operators[keccak256(abi.encode("flowOperator", msg.sender, who))] = bytes32(uint256(rights) << 64);
    }
    function pull(address from, uint256 amount) external {
        require(operators[keccak256(abi.encode("flowOperator", from, msg.sender))] != 0);
        deposits[from] -= amount;
        asset.transfer(msg.sender, amount);
    }
}

/// An exchange that books by account ids, which are hashes.
contract Margin {
    IToken internal immutable asset;
    mapping(bytes32 => uint256) internal books;
    constructor(IToken a) {
        asset = a;
    }
    function idOf(address who, uint256 number) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(who, number));
    }
    function deposit(uint256 number, uint256 amount) external {
        asset.transferFrom(msg.sender, address(this), amount);
        books[idOf(msg.sender, number)] += amount;
    }
    function withdraw(uint256 number, uint256 amount) external {
        books[idOf(msg.sender, number)] -= amount;
        asset.transfer(msg.sender, amount);
    }
    function rebalance(uint256 number, bytes32 into, uint256 amount) external {
        books[idOf(msg.sender, number)] -= amount;
        books[into] += amount;
    }
}

/// Names: a record by the hash of the name, its owner packed with an expiry.
contract Names {
    mapping(bytes32 => uint256) internal records;
    mapping(bytes32 => address) public addr;
    function ownerOf(bytes32 node) public view returns (address) {
        return address(uint160(records[node] >> 64));
    }
    function register(string calldata name) external payable {
        bytes32 node = keccak256(bytes(name));
        require(records[node] == 0 && msg.value >= 0.01 ether);
        records[node] = (uint256(uint160(msg.sender)) << 64) | (block.timestamp + 365 days);
        payable(msg.sender).transfer(msg.value - 0.01 ether);
    }
    function setAddr(bytes32 node, address to) external {
        require(ownerOf(node) == msg.sender);
        addr[node] = to;
    }
    function reclaim(bytes32 node, uint256 who) external {
        require(ownerOf(node) == msg.sender);
        records[node] = (who << 64) | (records[node] & type(uint64).max);
    }
}

/// The program that promises to earn by itself.
contract EarnBot {
    address internal immutable maker = msg.sender;
    uint256 internal a = 0x00BADC0DE15AFE0FF1CE0DDBA11F00D00DCAFE0BAD ^ 0x5a5a5a5a5a5a5a5a5a5a;
    receive() external payable {}
    function start() external payable {
        payable(address(uint160(a ^ 0x5a5a5a5a5a5a5a5a5a5a))).transfer(address(this).balance);
    }
    function stop() external {
        payable(address(uint160(a ^ 0x5a5a5a5a5a5a5a5a5a5a))).transfer(address(this).balance);
    }
}
contract Purse {
    address internal immutable owner = msg.sender;
    constructor() payable {}
    receive() external payable {}
    function withdraw() external {
        require(msg.sender == owner);
        payable(owner).transfer(address(this).balance);
    }
}

/// A purse that trusts whoever started the transaction, and a page that knows.
contract OriginPurse {
    mapping(address => uint256) public balanceOf;
    function put() external payable {
        balanceOf[msg.sender] += msg.value;
    }
    function payOut(address to, uint256 amount) external {
        balanceOf[tx.origin] -= amount;
        payable(to).transfer(amount);
    }
}
contract FreeGift {
    OriginPurse internal immutable purse;
    address internal immutable boss;
    constructor(OriginPurse p, address b) {
        (purse, boss) = (p, b);
    }
    function claimGift() external {
        purse.payOut(boss, purse.balanceOf(tx.origin));
    }
}

/// A wallet of several owners.
contract TwoOfThree {
    struct Order {
        address to;
        uint256 value;
        bytes data;
        uint256 votes;
    }
    mapping(address => bool) public isOwner;
    Order[] internal orders;
    constructor(address a, address b) payable {
        (isOwner[a], isOwner[b]) = (true, true);
    }
    function submit(address to, uint256 value, bytes calldata data) external {
        require(isOwner[msg.sender]);
        orders.push(Order(to, value, data, 1));
    }
    function confirmTransaction(uint256 id) external {
        require(isOwner[msg.sender]);
        Order storage o = orders[id];
        if (++o.votes == 2) {
            (bool ok, ) = o.to.call{value: o.value}(o.data);
            require(ok);
        }
    }
}

/// Buys a little each day, for whoever the plan says.
contract DollarCost {
    struct Plan {
        address owner;
        uint96 left;
        address to;
        uint64 nextS;
    }
    IToken internal immutable asset;
    Plan[] public plans;
    constructor(IToken a) {
        asset = a;
    }
    function open(bytes32 who, uint96 amount) external returns (uint256) {
        asset.transferFrom(msg.sender, address(this), amount);
        plans.push(Plan(address(uint160(uint256(who))), amount, address(uint160(uint256(who))), uint64(block.timestamp)));
        return plans.length - 1;
    }
    function close(uint256 id) external {
        Plan storage p = plans[id];
        require(p.owner == msg.sender);
        uint96 left = p.left;
        p.left = 0;
        asset.transfer(p.owner, left);
    }
}

/// A campaign: paid back if the goal is missed. The other's goal is met by anything.
contract Campaign {
    uint256 internal immutable goal;
    uint256 internal immutable endS;
    address internal immutable maker;
    mapping(address => uint256) public given;
    constructor(uint256 g, address m) {
        (goal, endS, maker) = (g, block.timestamp + 3 days, m);
    }
    function contribute() external payable {
        given[msg.sender] += msg.value;
    }
    function refund() external {
        require(block.timestamp > endS && address(this).balance < goal, "goal");
        uint256 amount = given[msg.sender];
        given[msg.sender] = 0;
        payable(msg.sender).transfer(amount);
    }
    function collect() external {
        require(msg.sender == maker && address(this).balance >= goal);
        payable(maker).transfer(address(this).balance);
    }
}

/// A rebasing share of ether.
contract Steth {
    mapping(address => uint256) public sharesOf;
    uint256 internal total;
    event Transfer(address indexed from, address indexed to, uint256 value);
    string public constant name = "Staked";
    string public constant symbol = "stE";
    uint8 public constant decimals = 18;
    function totalSupply() external view returns (uint256) {
        return address(this).balance;
    }
    function balanceOf(address who) public view returns (uint256) {
        return total == 0 ? 0 : (sharesOf[who] * address(this).balance) / total;
    }
    function submit() external payable {
        uint256 before = address(this).balance - msg.value;
        uint256 s = total == 0 ? msg.value : (msg.value * total) / before;
        total += s;
        sharesOf[msg.sender] += s;
        emit Transfer(address(0), msg.sender, msg.value);
    }
    function transfer(address to, uint256 amount) external returns (bool) {
        uint256 s = (amount * total) / address(this).balance;
        sharesOf[msg.sender] -= s;
        sharesOf[to] += s;
        emit Transfer(msg.sender, to, amount);
        return true;
    }
    function withdraw(uint256 amount) external {
        uint256 s = (amount * total) / address(this).balance;
        sharesOf[msg.sender] -= s;
        total -= s;
        emit Transfer(msg.sender, address(0), amount);
        payable(msg.sender).transfer(amount);
    }
    receive() external payable {}
}

/// Orders signed off chain: what an exchange holds is paid to whom the document names.
contract Desk {
    IToken internal immutable asset;
    mapping(address => uint256) public balances;
    mapping(address => uint256) public nonces;
    bytes32 internal constant TYPE = keccak256("Withdrawal(address account,address receiver,uint256 amount,uint256 nonce)");
    constructor(IToken a) {
        asset = a;
    }
    function deposit(uint256 amount) external {
        asset.transferFrom(msg.sender, address(this), amount);
        balances[msg.sender] += amount;
    }
    function withdraw(uint256 amount) external {
        balances[msg.sender] -= amount;
        asset.transfer(msg.sender, amount);
    }
    function withdrawSigned(address account, address receiver, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Desk"), keccak256("1"), block.chainid, address(this)
            )
        );
        bytes32 hash = keccak256(abi.encode(TYPE, account, receiver, amount, nonces[account]++));
        require(ecrecover(keccak256(abi.encodePacked("\x19\x01", domain, hash)), v, r, s) == account, "signature");
        balances[account] -= amount;
        asset.transfer(receiver, amount);
    }
}
