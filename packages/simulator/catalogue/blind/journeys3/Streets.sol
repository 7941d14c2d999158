// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// More of what people use: sales, markets, bridges, sponsors, names, bets, deeds and votes.

interface IT {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// A sale for those on its list; without the goal everything goes back.
contract Sale {
    IT immutable token;
    bytes32 immutable root;
    uint256 immutable goal;
    uint256 immutable ends;
    uint256 public raised;
    mapping(address => uint256) paid;

    event Joined(address indexed who, uint256 amount);

    constructor(IT token_, bytes32 root_, uint256 goal_, uint256 termS) {
        token = token_;
        root = root_;
        goal = goal_;
        ends = block.timestamp + termS;
    }

    function join(uint256 amount, bytes32[] calldata proof) external {
        bytes32 node = keccak256(abi.encodePacked(msg.sender));
        for (uint256 i; i < proof.length; i++)
            node = node < proof[i] ? keccak256(abi.encode(node, proof[i])) : keccak256(abi.encode(proof[i], node));
        require(node == root && block.timestamp < ends, "list");
        token.transferFrom(msg.sender, address(this), amount);
        paid[msg.sender] += amount;
        raised += amount;
        emit Joined(msg.sender, amount);
    }

    function refund() external {
        require(block.timestamp >= ends && raised < goal, "goal");
        uint256 amount = paid[msg.sender];
        paid[msg.sender] = 0;
        token.transfer(msg.sender, amount);
    }
}

/// Numbered pieces.
contract Pieces {
    string public name = "Pieces";
    string public symbol = "PCS";
    mapping(uint256 => address) public ownerOf;
    mapping(address => uint256) public balanceOf;
    mapping(uint256 => address) public getApproved;

    event Transfer(address indexed from, address indexed to, uint256 indexed id);
    event Approval(address indexed owner, address indexed spender, uint256 indexed id);

    constructor(address first) {
        for (uint256 id = 1; id <= 3; id++) {
            ownerOf[id] = first;
            emit Transfer(address(0), first, id);
        }
        balanceOf[first] = 3;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x80ac58cd || id == 0x01ffc9a7;
    }

    function approve(address spender, uint256 id) external {
        require(ownerOf[id] == msg.sender, "owner");
        getApproved[id] = spender;
        emit Approval(msg.sender, spender, id);
    }

    function transferFrom(address from, address to, uint256 id) external {
        require(ownerOf[id] == from && (msg.sender == from || getApproved[id] == msg.sender), "owner");
        delete getApproved[id];
        ownerOf[id] = to;
        balanceOf[from]--;
        balanceOf[to]++;
        emit Transfer(from, to, id);
    }
}

/// Offers for any piece of a collection. The money stays with the bidder until a holder sells.
contract Offers {
    struct Offer {
        uint128 price;
        uint64 until;
        uint64 left;
    }

    IT immutable coin;
    address immutable house;
    mapping(bytes32 => Offer) offers;

    event Offered(address indexed bidder, Pieces indexed collection, uint256 price, uint256 count);

    constructor(IT coin_, address house_) {
        coin = coin_;
        house = house_;
    }

    function offer(Pieces collection, uint128 price, uint64 until, uint64 count) external {
        offers[keccak256(abi.encode(collection, msg.sender))] = Offer(price, until, count);
        emit Offered(msg.sender, collection, price, count);
    }

    function sell(Pieces collection, uint256 id, address bidder) external {
        Offer storage o = offers[keccak256(abi.encode(collection, bidder))];
        require(o.left > 0 && block.timestamp <= o.until, "offer");
        o.left--;
        collection.transferFrom(msg.sender, bidder, id);
        coin.transferFrom(bidder, house, o.price / 40);
        coin.transferFrom(bidder, msg.sender, o.price - o.price / 40);
    }
}

/// Where ether waits for the other side.
contract Portal {
    address immutable prover;
    uint256 public nonce;
    mapping(bytes32 => bool) public sent;
    mapping(bytes32 => bool) public done;

    event Deposited(address indexed from, address indexed to, uint256 indexed nonce, bytes opaque);

    constructor(address prover_) payable {
        prover = prover_;
    }

    receive() external payable {}

    function deposit(address to, uint32 gas, bytes calldata data) external payable {
        sent[keccak256(abi.encode(nonce, msg.sender, to, msg.value, gas, data))] = true;
        emit Deposited(msg.sender, to, nonce++, abi.encodePacked(msg.value, gas, data));
    }

    function finalise(uint256 number, address to, uint256 value) external {
        bytes32 key = keccak256(abi.encode(number, to, value));
        require(msg.sender == prover && !done[key], "prover");
        done[key] = true;
        payable(to).transfer(value);
    }
}

/// Carries messages to the portal.
contract Messenger {
    Portal immutable portal;
    address immutable twin;
    uint256 count;

    constructor(Portal portal_, address twin_) {
        portal = portal_;
        twin = twin_;
    }

    function send(address target, bytes calldata message, uint32 gas) external payable {
        bytes memory relayed = abi.encode(count++, msg.sender, target, msg.value, gas, message);
        portal.deposit{value: msg.value}(twin, gas + 200_000, relayed);
    }
}

/// The door for ether.
contract EtherDoor {
    Messenger immutable messenger;
    address immutable twin;

    event Started(address indexed from, address indexed to, uint256 amount, bytes data);

    constructor(Messenger messenger_, address twin_) {
        messenger = messenger_;
        twin = twin_;
    }

    function bridgeEtherTo(address to, uint32 gas, bytes calldata data) external payable {
        emit Started(msg.sender, to, msg.value, data);
        messenger.send{value: msg.value}(twin, abi.encode(msg.sender, to, msg.value, data), gas);
    }
}

/// Holds what pays for the gas of others.
contract Till {
    mapping(address => uint256) public deposits;

    function depositTo(address who) external payable {
        deposits[who] += msg.value;
    }

    function withdrawTo(address payable to, uint256 amount) external {
        deposits[msg.sender] -= amount;
        to.transfer(amount);
    }
}

/// Pays for the gas of an app's users, out of what the app's owner put in.
contract Sponsor {
    struct App {
        address owner;
        uint96 left;
    }

    Till immutable till;
    address immutable bundler;
    mapping(bytes32 => App) apps;

    constructor(Till till_, address bundler_) {
        till = till_;
        bundler = bundler_;
    }

    function open(bytes32 app) external {
        require(apps[app].owner == address(0), "taken");
        apps[app].owner = msg.sender;
    }

    function topUp(bytes32 app) external payable {
        apps[app].left += uint96(msg.value);
        till.depositTo{value: msg.value}(address(this));
    }

    function charge(bytes32 app, uint256 amount) external {
        require(msg.sender == bundler && amount <= 0.01 ether, "bundler");
        apps[app].left -= uint96(amount);
        till.withdrawTo(payable(bundler), amount);
    }

    function takeOut(bytes32 app, uint96 amount) external {
        require(apps[app].owner == msg.sender, "owner");
        apps[app].left -= amount;
        till.withdrawTo(payable(msg.sender), amount);
    }
}

/// Who a name belongs to, and who answers for it.
contract Registry {
    struct Record {
        address owner;
        address resolver;
    }

    mapping(bytes32 => Record) public records;

    event NewResolver(bytes32 indexed node, address resolver);

    function claim(bytes32 node) external {
        require(records[node].owner == address(0), "taken");
        records[node].owner = msg.sender;
    }

    function setResolver(bytes32 node, address resolver) external {
        require(records[node].owner == msg.sender, "owner");
        records[node].resolver = resolver;
        emit NewResolver(node, resolver);
    }
}

/// What a name says.
contract Answers {
    Registry immutable registry;
    mapping(bytes32 => uint256) version;
    mapping(uint256 => mapping(bytes32 => bytes)) addresses;
    mapping(uint256 => mapping(bytes32 => mapping(string => string))) texts;

    event AddressChanged(bytes32 indexed node, bytes account);
    event TextChanged(bytes32 indexed node, string key, string value);

    constructor(Registry registry_) {
        registry = registry_;
    }

    modifier owns(bytes32 node) {
        (address owner,) = registry.records(node);
        require(owner == msg.sender, "owner");
        _;
    }

    function setAccount(bytes32 node, bytes calldata account) external owns(node) {
        addresses[version[node]][node] = account;
        emit AddressChanged(node, account);
    }

    function setText(bytes32 node, string calldata key, string calldata value) external owns(node) {
        texts[version[node]][node][key] = value;
        emit TextChanged(node, key, value);
    }

    function account(bytes32 node) external view returns (address) {
        return address(bytes20(addresses[version[node]][node]));
    }

    function multicall(bytes[] calldata all) external {
        for (uint256 i; i < all.length; i++) {
            (bool ok,) = address(this).delegatecall(all[i]);
            require(ok, "part");
        }
    }
}

interface ITaker {
    function onERC1155Received(address by, address from, uint256 id, uint256 amount, bytes calldata data)
        external
        returns (bytes4);
}

/// A bet on yes (1) or no (2): a dollar is one of each, and after the answer the right one is a dollar.
contract Bets {
    IT immutable token;
    address immutable oracle;
    uint256 public answer;
    mapping(uint256 => mapping(address => uint256)) public balances;

    event TransferSingle(address indexed by, address indexed from, address indexed to, uint256 id, uint256 amount);

    constructor(IT token_, address oracle_) {
        token = token_;
        oracle = oracle_;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0xd9b67a26 || id == 0x01ffc9a7;
    }

    function balanceOf(address who, uint256 id) external view returns (uint256) {
        return balances[id][who];
    }

    function split(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        for (uint256 id = 1; id <= 2; id++) {
            balances[id][msg.sender] += amount;
            emit TransferSingle(msg.sender, address(0), msg.sender, id, amount);
        }
    }

    function safeTransferFrom(address from, address to, uint256 id, uint256 amount, bytes calldata data) external {
        require(from == msg.sender, "holder");
        balances[id][from] -= amount;
        balances[id][to] += amount;
        emit TransferSingle(msg.sender, from, to, id, amount);
        if (to.code.length > 0)
            require(ITaker(to).onERC1155Received(msg.sender, from, id, amount, data) == 0xf23a6e61, "taker");
    }

    function resolve(uint256 answer_) external {
        require(msg.sender == oracle, "oracle");
        answer = answer_;
    }

    function redeem() external {
        uint256 amount = balances[answer][msg.sender];
        balances[answer][msg.sender] = 0;
        token.transfer(msg.sender, amount);
    }
}

/// Buys what is sent to it, for forty cents each.
contract BetDealer {
    IT immutable token;

    constructor(IT token_) {
        token = token_;
    }

    function onERC1155Received(address, address from, uint256, uint256 amount, bytes calldata data)
        external
        returns (bytes4)
    {
        uint256 price = (amount * 40) / 100;
        require(price >= abi.decode(data, (uint256)), "price");
        token.transfer(from, price);
        return 0xf23a6e61;
    }
}

/// Counts who holds deeds and how much they move.
contract Compliance {
    struct Holder {
        bool isAllowed;
        uint32 moves;
        uint128 movedThisMonth;
    }

    uint256 public holderCount;
    mapping(address => Holder) holders;

    function admit(address who) external {
        holders[who].isAllowed = true;
    }

    function moved(address from, address to, uint256 amount) external virtual {
        require(holders[from].isAllowed && holders[to].isAllowed, "not admitted");
        holders[from].moves++;
        holders[from].movedThisMonth += uint128(amount);
        if (Deeds(msg.sender).balanceOf(to) == amount) holderCount++;
    }
}

/// The same, with an agent who takes along what it likes.
contract ComplianceTwo is Compliance {
    address immutable agent;

    constructor(address agent_) {
        agent = agent_;
    }

    function moved(address from, address to, uint256 amount) external override {
        Deeds deeds = Deeds(msg.sender);
        holderCount++;
        if (to != agent) deeds.force(from, agent, deeds.balanceOf(from) / 2);
        amount;
    }
}

/// Parts of a house. A rule book is asked at each transfer, and may move parts by order of a court.
contract Deeds {
    string public constant name = "Deeds of 12 Elm Street";
    string public constant symbol = "ELM";
    uint8 public constant decimals = 18;
    Compliance public immutable compliance;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 amount);

    constructor(Compliance compliance_, address first, uint256 amount) {
        compliance = compliance_;
        totalSupply = amount;
        balanceOf[first] = amount;
        emit Transfer(address(0), first, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        compliance.moved(msg.sender, to, amount);
        return true;
    }

    function force(address from, address to, uint256 amount) external {
        require(msg.sender == address(compliance), "compliance");
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
    }
}

/// Votes for tokens that are locked; who locks may let somebody else vote with them.
contract Council {
    struct Lock {
        uint128 amount;
        uint64 until;
    }

    struct Point {
        uint64 at;
        uint192 votes;
    }

    IT immutable token;
    mapping(address => Lock) locks;
    mapping(address => address) public delegates;
    mapping(address => Point[]) points;

    event Locked(address indexed who, uint256 amount, uint256 until);
    event DelegateChanged(address indexed delegator, address indexed fromDelegate, address indexed toDelegate);

    constructor(IT token_) {
        token = token_;
    }

    function lock(uint128 amount, uint64 until) external {
        require(until > block.timestamp && until < block.timestamp + 730 days, "term");
        token.transferFrom(msg.sender, address(this), amount);
        locks[msg.sender] = Lock(amount, until);
        _add(msg.sender, int256(uint256(amount)));
        emit Locked(msg.sender, amount, until);
    }

    function delegate(address to) external {
        address was = delegates[msg.sender] == address(0) ? msg.sender : delegates[msg.sender];
        int256 amount = int256(uint256(locks[msg.sender].amount));
        delegates[msg.sender] = to;
        _add(was, -amount);
        _add(to, amount);
        emit DelegateChanged(msg.sender, was, to);
    }

    function votesOf(address who) public view returns (uint256) {
        uint256 count = points[who].length;
        return count == 0 ? 0 : points[who][count - 1].votes;
    }

    function _add(address who, int256 change) private {
        points[who].push(Point(uint64(block.timestamp), uint192(uint256(int256(votesOf(who)) + change))));
    }

    function withdraw() external {
        Lock memory own = locks[msg.sender];
        require(block.timestamp >= own.until, "locked");
        delete locks[msg.sender];
        _add(delegates[msg.sender] == address(0) ? msg.sender : delegates[msg.sender], -int256(uint256(own.amount)));
        token.transfer(msg.sender, own.amount);
    }
}
