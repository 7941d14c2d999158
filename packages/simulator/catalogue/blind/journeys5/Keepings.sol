// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import "./Counters.sol";

// What people own: land, boxes, accounts, cards; and who may do what with it.

/// Pieces of land. Who uses one has its harvest of ten dollars a day; until the end of the use, or the owner.
contract Land {
    event Transfer(address indexed from, address indexed to, uint256 indexed id);
    event UpdateUser(uint256 indexed id, address indexed user, uint64 expires);

    error NotYours();
    error InUse();

    string public constant name = "Land";
    string public constant symbol = "LAND";
    Coin immutable coin;
    mapping(uint256 => address) public ownerOf;
    mapping(address => uint256) public balanceOf;
    mapping(uint256 => uint64) public harvestedAt;
    mapping(uint256 => uint256) used;

    constructor(Coin coin_, address to) {
        coin = coin_;
        ownerOf[1] = to;
        balanceOf[to] = 1;
        harvestedAt[1] = uint64(block.timestamp);
        emit Transfer(address(0), to, 1);
    }

    function userOf(uint256 id) public view returns (address) {
        return used[id] >> 160 >= block.timestamp ? address(uint160(used[id])) : address(0);
    }

    function setUser(uint256 id, address user, uint64 expires) external {
        if (ownerOf[id] != msg.sender) revert NotYours();
        if (userOf(id) != address(0)) revert InUse();
        used[id] = uint256(uint160(user)) | (uint256(expires) << 160);
        emit UpdateUser(id, user, expires);
    }

    function harvest(uint256 id) external {
        address user = userOf(id);
        if (msg.sender != (user == address(0) ? ownerOf[id] : user)) revert NotYours();
        uint256 amount = ((block.timestamp - harvestedAt[id]) * 10e6) / 1 days;
        harvestedAt[id] = uint64(block.timestamp);
        coin.transfer(msg.sender, amount);
    }

    function transferFrom(address from, address to, uint256 id) external {
        if (ownerOf[id] != from || msg.sender != from) revert NotYours();
        ownerOf[id] = to;
        balanceOf[from]--;
        balanceOf[to]++;
        emit Transfer(from, to, id);
    }
}

/// A box for one owner. A guardian, known by a hash only until it acts, can give the box to another owner.
contract Strongbox {
    event GuardianSet(bytes32 guardian, uint32 waitS);
    event Recovering(address to, uint256 readyAt);

    error NotYours();
    error NotNow();

    address public owner;
    bytes32 private guardian;
    uint32 private waitS;
    address private next;
    uint64 private readyAt;

    constructor(address owner_) {
        owner = owner_;
    }

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotYours();
        _;
    }

    function setGuardian(bytes32 guardian_, uint32 waitS_) external onlyOwner {
        (guardian, waitS) = (guardian_, waitS_);
        emit GuardianSet(guardian_, waitS_);
    }

    function recover(address to, bytes32 salt) external {
        if (keccak256(abi.encode(msg.sender, salt)) != guardian) revert NotYours();
        (next, readyAt) = (to, uint64(block.timestamp + waitS));
        emit Recovering(to, readyAt);
    }

    function cancel() external onlyOwner {
        next = address(0);
    }

    function finish() external {
        if (next == address(0) || block.timestamp < readyAt) revert NotNow();
        (owner, next) = (next, address(0));
    }

    function withdraw(Coin coin, uint256 amount) external onlyOwner {
        coin.transfer(msg.sender, amount);
    }
}

/// An account for games. A session is a key (20 bytes), its end (5 bytes) and the most it may pay (7 bytes).
contract PlayAccount {
    event SessionStarted(bytes32 session);

    error NotYours();
    error OverLimit();

    address public immutable owner;
    mapping(bytes20 => uint96) private sessions;

    constructor(address owner_) {
        owner = owner_;
    }

    function start(bytes32 session) external {
        if (msg.sender != owner) revert NotYours();
        sessions[bytes20(session)] = uint96(uint256(session));
        emit SessionStarted(session);
    }

    function pay(Coin coin, address to, uint256 amount) external {
        uint96 session = sessions[bytes20(msg.sender)];
        if (session >> 56 < block.timestamp) revert NotYours();
        if (amount > uint56(session)) revert OverLimit();
        sessions[bytes20(msg.sender)] = session - uint56(amount);
        coin.transfer(to, amount);
    }

    function withdraw(Coin coin, uint256 amount) external {
        if (msg.sender != owner) revert NotYours();
        coin.transfer(owner, amount);
    }
}

/// Savings, and who has them when their owner has not been seen for a time.
contract Heirloom {
    struct Plan {
        address heir;
        uint32 idleS;
        uint64 seenAt;
        uint128 amount;
    }

    error NotNow();

    Coin immutable coin;
    mapping(address => Plan) public plans;

    constructor(Coin coin_) {
        coin = coin_;
    }

    function open(address heir, uint32 idleS) external {
        Plan storage p = plans[msg.sender];
        (p.heir, p.idleS, p.seenAt) = (heir, idleS, uint64(block.timestamp));
    }

    function deposit(uint128 amount) external {
        Plan storage p = plans[msg.sender];
        (p.amount, p.seenAt) = (p.amount + amount, uint64(block.timestamp));
        coin.transferFrom(msg.sender, address(this), amount);
    }

    function withdraw(uint128 amount) external {
        Plan storage p = plans[msg.sender];
        (p.amount, p.seenAt) = (p.amount - amount, uint64(block.timestamp));
        coin.transfer(msg.sender, amount);
    }

    function inherit(address owner) external {
        Plan storage p = plans[owner];
        if (p.heir != msg.sender || block.timestamp < p.seenAt + p.idleS) revert NotNow();
        uint256 amount = p.amount;
        p.amount = 0;
        coin.transfer(msg.sender, amount);
    }
}

/// Pieces by number, of any name.
contract Cards {
    event Transfer(address indexed from, address indexed to, uint256 indexed id);
    event Approval(address indexed owner, address indexed spender, uint256 indexed id);

    string public name;
    string public symbol;
    mapping(uint256 => address) public ownerOf;
    mapping(uint256 => address) public getApproved;
    mapping(address => uint256) public balanceOf;

    constructor(string memory name_, string memory symbol_) {
        (name, symbol) = (name_, symbol_);
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x80ac58cd;
    }

    function mint(uint256 id) external {
        require(ownerOf[id] == address(0), "minted");
        ownerOf[id] = msg.sender;
        balanceOf[msg.sender]++;
        emit Transfer(address(0), msg.sender, id);
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

/// A piece for a piece.
contract PieceSwaps {
    struct Offer {
        address from;
        Cards gives;
        uint256 giveId;
        Cards wants;
        uint256 wantId;
    }

    Offer[] public offers;

    function offer(Cards gives, uint256 giveId, Cards wants, uint256 wantId) external {
        offers.push(Offer(msg.sender, gives, giveId, wants, wantId));
    }

    function accept(uint256 id) external {
        Offer memory o = offers[id];
        delete offers[id];
        o.gives.transferFrom(o.from, msg.sender, o.giveId);
        o.wants.transferFrom(msg.sender, o.from, o.wantId);
    }
}

/// Tokens for those on a list, to wherever they want them.
contract ListDrop {
    event Claimed(address indexed who, uint256 amount);

    error NotOnList();

    Coin immutable coin;
    bytes32 immutable root;
    mapping(address => bool) public hasClaimed;

    constructor(Coin coin_, bytes32 root_) {
        (coin, root) = (coin_, root_);
    }

    function claim(uint256 amount, address to, bytes32[] calldata proof) external {
        bytes32 node = keccak256(bytes.concat(keccak256(abi.encode(msg.sender, amount))));
        for (uint256 i; i < proof.length; i++)
            node = node < proof[i] ? keccak256(bytes.concat(node, proof[i])) : keccak256(bytes.concat(proof[i], node));
        if (node != root || hasClaimed[msg.sender]) revert NotOnList();
        hasClaimed[msg.sender] = true;
        emit Claimed(msg.sender, amount);
        coin.transfer(to, amount);
    }
}

/// Dollars locked for votes. A lock is one word: the amount and its end, in whole weeks.
contract VoteLock {
    error Locked();
    error TooLong();

    Coin immutable coin;
    mapping(address => uint256) private locks;

    constructor(Coin coin_) {
        coin = coin_;
    }

    function lock(uint128 amount, uint64 weeks_) external {
        if (weeks_ > 208 || locks[msg.sender] != 0) revert TooLong();
        uint256 ends = ((block.timestamp + uint256(weeks_) * 1 weeks) / 1 weeks) * 1 weeks;
        locks[msg.sender] = (ends << 128) | amount;
        coin.transferFrom(msg.sender, address(this), amount);
    }

    function votesOf(address who) external view returns (uint256) {
        uint256 ends = locks[who] >> 128;
        return ends <= block.timestamp ? 0 : (uint128(locks[who]) * (ends - block.timestamp)) / (208 weeks);
    }

    function withdraw() external {
        uint256 held = locks[msg.sender];
        if (held >> 128 > block.timestamp) revert Locked();
        locks[msg.sender] = 0;
        coin.transfer(msg.sender, uint128(held));
    }
}

/// Money for goods, held until the buyer has them or the time is over.
contract GoodsEscrow {
    struct Deal {
        address buyer;
        address seller;
        uint96 amount;
        uint64 until;
    }

    error NotNow();

    Coin immutable coin;
    mapping(bytes32 => Deal) public deals;

    constructor(Coin coin_) {
        coin = coin_;
    }

    function open(bytes32 order, address seller, uint96 amount, uint32 days_) external {
        if (deals[order].buyer != address(0)) revert NotNow();
        deals[order] = Deal(msg.sender, seller, amount, uint64(block.timestamp + uint256(days_) * 1 days));
        coin.transferFrom(msg.sender, address(this), amount);
    }

    function received(bytes32 order) external {
        Deal memory d = deals[order];
        if (d.buyer != msg.sender) revert NotNow();
        delete deals[order];
        coin.transfer(d.seller, d.amount);
    }

    function takeBack(bytes32 order) external {
        Deal memory d = deals[order];
        if (d.buyer != msg.sender || block.timestamp < d.until) revert NotNow();
        delete deals[order];
        coin.transfer(d.buyer, d.amount);
    }
}

/// Positions in ether's price, out of margin in dollars. The house pays and is paid.
contract Perps {
    struct Position {
        int128 size;
        uint128 entry;
    }

    error OverLeverage();
    error NotOffice();
    error HasPosition();

    Coin immutable coin;
    address immutable office;
    uint128 public price = 2_500e6;
    mapping(address => uint256) public margin;
    mapping(address => Position) public positions;

    constructor(Coin coin_, address office_) {
        (coin, office) = (coin_, office_);
    }

    function post(uint128 price_) external {
        if (msg.sender != office) revert NotOffice();
        price = price_;
    }

    function deposit(uint256 amount) external {
        margin[msg.sender] += amount;
        coin.transferFrom(msg.sender, address(this), amount);
    }

    function open(int128 size, uint128 worstPrice) external {
        if (positions[msg.sender].size != 0) revert HasPosition();
        uint256 worth = (uint256(int256(size < 0 ? -size : size)) * price) / 1e18;
        if (worth > margin[msg.sender] * 5) revert OverLeverage();
        if (size > 0 ? price > worstPrice : price < worstPrice) revert OverLeverage();
        positions[msg.sender] = Position(size, price);
    }

    function close() external {
        Position memory p = positions[msg.sender];
        delete positions[msg.sender];
        int256 gain = (int256(p.size) * (int256(uint256(price)) - int256(uint256(p.entry)))) / 1e18;
        int256 left = int256(margin[msg.sender]) + gain;
        margin[msg.sender] = left < 0 ? 0 : uint256(left);
    }

    function withdraw(uint256 amount) external {
        if (positions[msg.sender].size != 0) revert HasPosition();
        margin[msg.sender] -= amount;
        coin.transfer(msg.sender, amount);
    }
}

/// Tickets at a dollar. One of them is drawn, from the hash of a later block.
contract Raffle {
    error NotNow();

    Coin immutable coin;
    uint256 public immutable ends;
    address[] public tickets;

    constructor(Coin coin_, uint256 ends_) {
        (coin, ends) = (coin_, ends_);
    }

    function buy(uint256 count) external {
        if (block.timestamp >= ends) revert NotNow();
        coin.transferFrom(msg.sender, address(this), count * 1e6);
        for (uint256 i; i < count; i++) tickets.push(msg.sender);
    }

    function draw() external {
        if (block.timestamp < ends) revert NotNow();
        uint256 which = uint256(keccak256(abi.encode(blockhash(block.number - 1), block.prevrandao))) % tickets.length;
        coin.transfer(tickets[which], coin.balanceOf(address(this)));
    }

    function countOf(address who) external view returns (uint256 count) {
        for (uint256 i; i < tickets.length; i++) if (tickets[i] == who) count++;
    }
}
