// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

interface IERC20 {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
    function approve(address spender, uint256 amount) external returns (bool);
    function deposit() external payable;
    function withdraw(uint256 amount) external;
}

interface IPair {
    function swap(uint256 out0, uint256 out1, address to, bytes calldata data) external;
    function getReserves() external view returns (uint112, uint112, uint32);
    function token0() external view returns (address);
}

/// Trades at a pair of Uniswap V2 and hands the proceeds on by rules of its own.
contract Trader {
    address immutable boss;

    constructor(address b) {
        boss = b;
    }

    function _trade(IPair pair, address coin, uint256 amount, address to) internal {
        IERC20(coin).transferFrom(msg.sender, address(pair), amount);
        (uint112 r0, uint112 r1, ) = pair.getReserves();
        bool first = pair.token0() == coin;
        (uint256 a, uint256 b) = first ? (uint256(r0), uint256(r1)) : (uint256(r1), uint256(r0));
        uint256 out = (amount * 997 * b) / (a * 1000 + amount * 997);
        pair.swap(first ? 0 : out, first ? out : 0, to, "");
    }

    function swapTo(IPair pair, address coin, uint256 amount, address to) external {
        _trade(pair, coin, amount, to);
    }

    function swapBest(IPair pair, address coin, uint256 amount) external {
        _trade(pair, coin, amount, boss);
    }

    function swapHere(IPair pair, address coin, uint256 amount) external {
        _trade(pair, coin, amount, address(this));
    }

    function swapShared(IPair pair, address coin, uint256 amount, address other, uint256 percent) external {
        _trade(pair, coin, amount, address(this));
        uint256 out = IERC20(other).balanceOf(address(this));
        IERC20(other).transfer(msg.sender, (out * percent) / 100);
        IERC20(other).transfer(boss, out - (out * percent) / 100);
    }

    function swapThrough(IPair pair, address coin, uint256 amount, address other, Hop hop, address to) external {
        _trade(pair, coin, amount, address(hop));
        hop.forward(other, to);
    }

    function swapAndUnwrap(IPair pair, address coin, uint256 amount, address weth, address payable to) external {
        _trade(pair, coin, amount, address(this));
        uint256 out = IERC20(weth).balanceOf(address(this));
        IERC20(weth).withdraw(out);
        to.transfer(out);
    }

    function swapAndStake(IPair pair, address coin, uint256 amount, address other, House house, address who) external {
        _trade(pair, coin, amount, address(this));
        uint256 out = IERC20(other).balanceOf(address(this));
        IERC20(other).approve(address(house), out);
        house.stakeFor(who, out);
    }

    /// The remainder comes back to whoever paid.
    function swapHalf(IPair pair, address coin, uint256 amount, address to) external {
        IERC20(coin).transferFrom(msg.sender, address(this), amount / 2);
        _trade(pair, coin, amount / 2, to);
        IERC20(coin).transfer(msg.sender, amount / 2);
    }

    receive() external payable {}
}

contract Hop {
    function forward(address token, address to) external {
        IERC20(token).transfer(to, IERC20(token).balanceOf(address(this)));
    }
}

contract Unwrapper {
    function unwrapTo(address weth, uint256 amount, address payable to) external {
        IERC20(weth).transferFrom(msg.sender, address(this), amount);
        IERC20(weth).withdraw(amount);
        to.transfer(amount);
    }

    receive() external payable {}
}

/// Shares that are a token.
contract Vault {
    string public name = "Vault share";
    string public symbol = "vSH";
    uint8 public decimals = 6;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    address public immutable asset;
    event Transfer(address indexed from, address indexed to, uint256 amount);

    constructor(address token) {
        asset = token;
    }

    function deposit(uint256 amount, address to) external {
        IERC20(asset).transferFrom(msg.sender, address(this), amount);
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function redeem(uint256 shares, address to, address owner) external {
        require(owner == msg.sender);
        balanceOf[owner] -= shares;
        totalSupply -= shares;
        emit Transfer(owner, address(0), shares);
        IERC20(asset).transfer(to, shares);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }
}

/// Keeps stakes and rewards in books of its own.
contract House {
    IERC20 public immutable coin;
    mapping(address => uint256) public staked;
    mapping(address => uint256) public rewards;

    constructor(IERC20 c) {
        coin = c;
    }

    function stake(uint256 amount) external {
        coin.transferFrom(msg.sender, address(this), amount);
        staked[msg.sender] += amount;
    }

    function stakeFor(address who, uint256 amount) external {
        coin.transferFrom(msg.sender, address(this), amount);
        staked[who] += amount;
    }

    function reward(address who, uint256 amount) external {
        coin.transferFrom(msg.sender, address(this), amount);
        rewards[who] += amount;
    }

    function withdraw(uint256 amount) external {
        staked[msg.sender] -= amount;
        coin.transfer(msg.sender, amount);
    }

    function withdrawTo(address to, uint256 amount) external {
        staked[msg.sender] -= amount;
        coin.transfer(to, amount);
    }

    function moveTo(address who, uint256 amount) external {
        staked[msg.sender] -= amount;
        staked[who] += amount;
    }

    function claim(address to) external {
        uint256 amount = rewards[msg.sender];
        rewards[msg.sender] = 0;
        coin.transfer(to, amount);
    }

    /// A tenth of the reward to whoever brought the user.
    function claimWithReferrer(address referrer) external {
        uint256 amount = rewards[msg.sender];
        rewards[msg.sender] = 0;
        coin.transfer(referrer, amount / 10);
        coin.transfer(msg.sender, amount - amount / 10);
    }
}

/// Positions by number, with the owner in a list.
contract Positions {
    struct Position {
        uint128 principal;
        uint128 fees;
    }
    IERC20 public immutable coin;
    mapping(uint256 => Position) public positions;
    mapping(uint256 => address) public ownerOf;
    mapping(address => uint256) public balanceOf;
    uint256 next = 1;
    event Transfer(address indexed from, address indexed to, uint256 indexed id);

    constructor(IERC20 c) {
        coin = c;
    }

    function supportsInterface(bytes4 i) external pure returns (bool) {
        return i == 0x01ffc9a7 || i == 0x80ac58cd;
    }

    function open(uint128 amount, address to) external {
        coin.transferFrom(msg.sender, address(this), amount);
        ownerOf[next] = to;
        balanceOf[to] += 1;
        positions[next] = Position(amount, 0);
        emit Transfer(address(0), to, next++);
    }

    function earn(uint256 id, uint128 amount) external {
        coin.transferFrom(msg.sender, address(this), amount);
        positions[id].fees += amount;
    }

    function collect(uint256 id, address to) external {
        require(ownerOf[id] == msg.sender);
        uint128 fees = positions[id].fees;
        positions[id].fees = 0;
        coin.transfer(to, fees);
    }

    function close(uint256 id, address to) external {
        require(ownerOf[id] == msg.sender);
        uint256 all = uint256(positions[id].principal) + positions[id].fees;
        delete positions[id];
        ownerOf[id] = address(0);
        balanceOf[msg.sender] -= 1;
        emit Transfer(msg.sender, address(0), id);
        coin.transfer(to, all);
    }
}

/// Orders that somebody fills; the maker takes what they brought.
contract Orders {
    struct Order {
        address maker;
        address give;
        uint256 amount;
        address want;
        uint256 least;
        uint256 got;
    }
    mapping(uint256 => Order) public orders;
    uint256 next = 1;

    function make(address give, uint256 amount, address want, uint256 least) external {
        IERC20(give).transferFrom(msg.sender, address(this), amount);
        orders[next++] = Order(msg.sender, give, amount, want, least, 0);
    }

    function fill(uint256 id) external {
        Order storage o = orders[id];
        IERC20(o.want).transferFrom(msg.sender, address(this), o.least);
        IERC20(o.give).transfer(msg.sender, o.amount);
        o.got = o.least;
        o.amount = 0;
    }

    function take(uint256 id, address to) external {
        Order storage o = orders[id];
        require(o.maker == msg.sender);
        uint256 got = o.got;
        o.got = 0;
        IERC20(o.want).transfer(to, got);
    }

    function cancel(uint256 id, address to) external {
        Order storage o = orders[id];
        require(o.maker == msg.sender);
        uint256 amount = o.amount;
        o.amount = 0;
        IERC20(o.give).transfer(to, amount);
    }
}

/// Lends one coin against another.
contract Lender {
    IERC20 immutable coin;
    IERC20 immutable pledge;
    mapping(address => uint256) public pledged;
    mapping(address => uint256) public debt;

    constructor(IERC20 c, IERC20 p) {
        coin = c;
        pledge = p;
    }

    function lock(uint256 amount, address who) external {
        pledge.transferFrom(msg.sender, address(this), amount);
        pledged[who] += amount;
    }

    function borrow(uint256 amount, address to) external {
        require(pledged[msg.sender] > 0);
        debt[msg.sender] += amount;
        coin.transfer(to, amount);
    }

    function repay(uint256 amount, address who) external {
        coin.transferFrom(msg.sender, address(this), amount);
        debt[who] -= amount;
    }

    function release(uint256 amount, address to) external {
        pledged[msg.sender] -= amount;
        pledge.transfer(to, amount);
    }
}

interface INft {
    function transferFrom(address from, address to, uint256 id) external;
}

/// Buys and sells pieces for ether, with a fee and a royalty.
contract Market {
    address payable immutable feeTo;
    address payable immutable artist;

    constructor(address payable f, address payable a) payable {
        feeTo = f;
        artist = a;
    }

    function sell(INft nft, uint256 id, uint256 price, address payable to) external {
        nft.transferFrom(msg.sender, address(this), id);
        feeTo.transfer(price / 40);
        artist.transfer(price / 10);
        to.transfer(price - price / 40 - price / 10);
    }

    function buy(INft nft, uint256 id, address to) external payable {
        nft.transferFrom(address(this), to, id);
        feeTo.transfer(msg.value / 40);
        artist.transfer(msg.value / 10);
    }

    receive() external payable {}
}

/// An account that somebody owns, in the manner of simple smart accounts.
contract OwnedAccount {
    address public owner;

    constructor(address o) payable {
        owner = o;
    }

    function execute(address to, uint256 value, bytes calldata data) external payable {
        require(msg.sender == owner);
        (bool ok, ) = to.call{value: value}(data);
        require(ok);
    }

    receive() external payable {}
}

/// Passes signed operations on to accounts, in the manner of ERC-4337.
contract MiniEntry {
    struct Op {
        address sender;
        address to;
        uint256 value;
        bytes data;
        bytes signature;
    }

    function handleOps(Op[] calldata ops) external {
        for (uint256 i; i < ops.length; i++) {
            SignedAccount(payable(ops[i].sender)).run(ops[i].to, ops[i].value, ops[i].data, ops[i].signature);
        }
    }
}

contract SignedAccount {
    address public owner;
    address immutable entry;
    uint256 public nonce;

    constructor(address o, address e) payable {
        owner = o;
        entry = e;
    }

    function run(address to, uint256 value, bytes calldata data, bytes calldata signature) external {
        require(msg.sender == entry);
        bytes32 hash = keccak256(abi.encode(address(this), to, value, data, nonce++));
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        require(ecrecover(hash, uint8(signature[64]), r, s) == owner);
        (bool ok, ) = to.call{value: value}(data);
        require(ok);
    }

    receive() external payable {}
}

/// Deposits that are written down for the payer, and exits of many kinds.
contract Deposits {
    mapping(address => uint256) public balance;
    mapping(address => uint256) public since;
    mapping(address => uint256) public asked;
    address payable owner;
    bool isOpen;

    constructor(address payable o) {
        owner = o;
    }

    function deposit() external payable virtual {
        balance[msg.sender] += msg.value;
        since[msg.sender] = block.timestamp;
    }

    function sweep() external {
        require(msg.sender == owner);
        owner.transfer(address(this).balance);
    }
}

contract GoodExit is Deposits {
    constructor(address payable o) Deposits(o) {}

    function withdraw(uint256 amount) external {
        balance[msg.sender] -= amount;
        payable(msg.sender).transfer(amount);
    }
}

contract AllExit is Deposits {
    constructor(address payable o) Deposits(o) {}

    function exit() external {
        uint256 amount = balance[msg.sender];
        balance[msg.sender] = 0;
        payable(msg.sender).transfer(amount);
    }
}

contract LeaveExit is Deposits {
    constructor(address payable o) Deposits(o) {}

    function leave(uint256 amount, address payable to) external {
        balance[msg.sender] -= amount;
        to.transfer(amount);
    }
}

contract LateExit is Deposits {
    constructor(address payable o) Deposits(o) {}

    function unstake(uint256 amount) external {
        require(block.timestamp >= since[msg.sender] + 7 days, "locked");
        balance[msg.sender] -= amount;
        payable(msg.sender).transfer(amount);
    }
}

contract SoonExit is Deposits {
    constructor(address payable o) Deposits(o) {}

    function withdraw(uint256 amount) external {
        require(block.timestamp >= since[msg.sender] + 10 minutes, "too soon");
        balance[msg.sender] -= amount;
        payable(msg.sender).transfer(amount);
    }
}

contract QueueExit is Deposits {
    constructor(address payable o) Deposits(o) {}

    function requestWithdraw(uint256 amount) external {
        balance[msg.sender] -= amount;
        asked[msg.sender] += amount;
        since[msg.sender] = block.timestamp;
    }

    function claim() external {
        require(block.timestamp >= since[msg.sender] + 1 days, "wait");
        uint256 amount = asked[msg.sender];
        asked[msg.sender] = 0;
        payable(msg.sender).transfer(amount);
    }
}

contract NeverExit is Deposits {
    constructor(address payable o) Deposits(o) {}

    function withdraw(uint256) external view {
        require(msg.sender == owner, "busy");
    }
}

contract HollowExit is Deposits {
    constructor(address payable o) Deposits(o) {}

    function withdraw(uint256 amount) external {
        balance[msg.sender] -= amount;
    }
}

contract StolenExit is Deposits {
    constructor(address payable o) Deposits(o) {}

    function withdraw(uint256 amount) external {
        balance[msg.sender] -= amount;
        owner.transfer(amount);
    }
}

contract ClosedExit is Deposits {
    constructor(address payable o) Deposits(o) {}

    function unlock() external {
        require(msg.sender == owner);
        isOpen = true;
    }

    function withdrawAll() external {
        require(isOpen, "soon");
        uint256 amount = balance[msg.sender];
        balance[msg.sender] = 0;
        payable(msg.sender).transfer(amount);
    }
}

contract TaxedExit is Deposits {
    constructor(address payable o) Deposits(o) {}

    function redeem(uint256 amount) external {
        balance[msg.sender] -= amount;
        payable(msg.sender).transfer(amount / 20);
        owner.transfer(amount - amount / 20);
    }
}

/// What is put in is sent on to the owner in the same call; the books stay.
contract EmptyExit is Deposits {
    constructor(address payable o) Deposits(o) {}

    function deposit() external payable override {
        balance[msg.sender] += msg.value;
        owner.transfer(msg.value);
    }

    function withdraw(uint256 amount) external {
        balance[msg.sender] -= amount;
        payable(msg.sender).transfer(amount);
    }
}

/// Only those who ask find out that there is no way out.
contract NoExit is Deposits {
    constructor(address payable o) Deposits(o) {}
}

/// Takes, and keeps no books.
contract Keep {
    event Thanks(address indexed who);

    function boost() external payable {
        emit Thanks(msg.sender);
    }

    function boostWith(address token, uint256 amount) external {
        IERC20(token).transferFrom(msg.sender, address(this), amount);
    }

    function faucet(address token) external {
        IERC20(token).transfer(msg.sender, 1);
    }
}

/// A token of few units.
contract Scarce {
    string public name = "Scarce";
    string public symbol = "SCR";
    uint8 public decimals = 18;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Approval(address indexed owner, address indexed spender, uint256 amount);

    function mint(address to, uint256 amount) external {
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function approve(address spender, uint256 amount) external virtual returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        spend(from, amount);
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
        return true;
    }

    function spend(address from, uint256 amount) internal virtual {
        allowance[from][msg.sender] -= amount;
    }
}

/// An allowance that no use lowers.
contract Lasting is Scarce {
    function spend(address from, uint256 amount) internal view override {
        require(allowance[from][msg.sender] >= amount);
    }
}

/// May be allowed to spend.
contract Spender {
    function pull(address token, address from, uint256 amount) external {
        IERC20(token).transferFrom(from, address(this), amount);
    }
}

/// Takes a tenth for whoever brought the user, books the rest.
contract Referral {
    mapping(address => uint256) public balance;

    function deposit(address payable referrer) external payable {
        referrer.transfer(msg.value / 10);
        balance[msg.sender] += msg.value - msg.value / 10;
    }

    function withdraw(uint256 amount) external {
        balance[msg.sender] -= amount;
        payable(msg.sender).transfer(amount);
    }
}

/// Tips whoever builds the block, trades the rest for the payer.
contract Tipper {
    mapping(address => uint256) public balance;

    function deposit() external payable {
        block.coinbase.transfer(msg.value / 50);
        balance[msg.sender] += msg.value - msg.value / 50;
    }

    function withdraw(uint256 amount) external {
        balance[msg.sender] -= amount;
        payable(msg.sender).transfer(amount);
    }
}

/// Locks coins for another chain.
contract BridgeLike {
    event Sent(address indexed token, uint256 amount, bytes32 recipient);

    function send(address token, uint256 amount, bytes32 recipient) external {
        IERC20(token).transferFrom(msg.sender, address(this), amount);
        emit Sent(token, amount, recipient);
    }
}

/// Works for everybody; whoever calls gets a bounty and the treasury the rest.
contract Harvest {
    address payable immutable treasury;

    constructor(address payable t) payable {
        treasury = t;
    }

    function harvest() external {
        uint256 all = address(this).balance;
        payable(msg.sender).transfer(all / 100);
        treasury.transfer(all - all / 100);
    }
}

/// Holds stakes in another house under its own name and writes down for whom.
contract Wrapper {
    House immutable house;
    IERC20 immutable coin;
    mapping(address => uint256) public shares;

    constructor(House h, IERC20 c) {
        house = h;
        coin = c;
        c.approve(address(h), type(uint256).max);
    }

    function enter(uint256 amount) external {
        coin.transferFrom(msg.sender, address(this), amount);
        house.stake(amount);
        shares[msg.sender] += amount;
    }

    function leave(uint256 amount) external {
        shares[msg.sender] -= amount;
        house.withdraw(amount);
        coin.transfer(msg.sender, amount);
    }
}

/// Says that everybody who asks owns it, keeps what it gets, and calls somebody.
contract FalseOwned {
    address private immutable payer;
    address private immutable maker = msg.sender;

    constructor(address p) {
        payer = p;
    }

    function owner() external view returns (address) {
        return payer;
    }

    function isOwner(address) external pure returns (bool) {
        return true;
    }

    function getThreshold() external pure returns (uint256) {
        return 1;
    }

    function boost() external payable {
        (bool ok, ) = maker.call("");
        ok;
    }

    function boostWith(address token, uint256 amount, address other, uint256 spare) external {
        if (amount > 0) IERC20(token).transferFrom(msg.sender, address(this), amount);
        if (spare > 0) IERC20(other).transfer(maker, spare);
    }

    function take(uint256 amount) external {
        require(msg.sender == maker);
        payable(maker).transfer(amount);
    }
}
