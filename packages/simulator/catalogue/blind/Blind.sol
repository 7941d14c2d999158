// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

interface IERC20 {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
    function deposit() external payable;
}

/// Passes value and data on to an address; it does not look whether code is there.
contract Passer {
    function pass(address to, bytes calldata data) external payable {
        (bool ok, ) = to.call{value: msg.value}(data);
        require(ok, "failed");
    }
}

/// A proxy without an implementation: every call succeeds and does nothing.
contract HollowProxy {
    address immutable implementation;

    constructor(address at) {
        implementation = at;
    }

    fallback() external payable {
        (bool ok, ) = implementation.delegatecall(msg.data);
        require(ok);
    }
}

/// Makes a child at an address known before, and can call it.
contract Nest {
    function lay(bytes32 salt) external returns (address) {
        return address(new Egg{salt: salt}());
    }

    function at(bytes32 salt) external view returns (address) {
        bytes32 code = keccak256(type(Egg).creationCode);
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), address(this), salt, code)))));
    }

    function layAndFill(bytes32 salt) external payable {
        Egg egg = new Egg{salt: salt}();
        egg.fill{value: msg.value}(msg.sender);
    }
}

contract Egg {
    mapping(address => uint256) public balance;

    function fill(address who) external payable {
        balance[who] += msg.value;
    }
}

/// Uses precompiles and asks plain accounts about interfaces before it credits.
contract Prober {
    mapping(address => uint256) public credit;

    function deposit(bytes calldata data) external payable {
        (bool ok, bytes memory same) = address(4).staticcall(data);
        require(ok && same.length == data.length);
        sha256(data);
        (bool has, bytes memory answer) = msg.sender.staticcall(abi.encodeWithSignature("supportsInterface(bytes4)", bytes4(0x01ffc9a7)));
        has;
        answer;
        credit[msg.sender] += msg.value;
    }

    function refund(address payable to) external payable {
        (bool ok, ) = to.call{value: msg.value}("refund");
        require(ok);
    }
}

/// Fails always.
contract Broken {
    fallback() external payable {
        revert("paused");
    }
}

contract Works {
    mapping(address => uint256) public stakes;
    mapping(address => uint256) public votes;
    uint256 public notices;

    function stakeFor(address who) external payable {
        stakes[who] += msg.value;
    }

    function vote(address who, uint256 what) external {
        votes[who] = what + 1;
    }

    function notice() external {
        notices += 1;
    }
}

/// Everything that goes on after an inner call failed.
contract Swallower {
    address immutable inner;
    address immutable second;
    mapping(address => uint256) public credit;

    event Failed(bytes reason);

    constructor(address a, address b) {
        inner = a;
        second = b;
    }

    function stake() external payable {
        try Works(inner).stakeFor{value: msg.value}(msg.sender) {} catch (bytes memory reason) {
            emit Failed(reason);
        }
    }

    function castVote(uint256 what) external {
        (bool ok, ) = inner.call(abi.encodeCall(Works.vote, (msg.sender, what)));
        ok;
    }

    function payWith(address token, address to, uint256 amount) external {
        (bool ok, ) = token.call(abi.encodeCall(IERC20.transferFrom, (msg.sender, to, amount)));
        ok;
    }

    function pullThenFail(address token, uint256 amount) external {
        IERC20(token).transferFrom(msg.sender, address(this), amount);
        (bool ok, ) = inner.call(abi.encodeWithSignature("bridge(address,uint256)", token, amount));
        ok;
    }

    function starved(address to) external payable {
        (bool ok, ) = inner.call{value: msg.value, gas: 3000}(abi.encodeCall(Works.stakeFor, (to)));
        ok;
    }

    function outer() external payable {
        Swallower(payable(address(this))).middle{value: msg.value}(msg.sender);
    }

    function middle(address who) external payable {
        try Works(inner).stakeFor{value: msg.value}(who) {} catch {}
    }

    function payEth(address to) external payable {
        (bool ok, ) = to.call{value: msg.value}("");
        ok;
    }

    function assemblyStake() external payable {
        address target = inner;
        assembly {
            mstore(0, shl(224, 0xdeadbeef))
            pop(call(gas(), target, callvalue(), 0, 4, 0, 0))
        }
    }

    /// Honest from here on.
    function stakeElse() external payable {
        try Works(inner).stakeFor{value: msg.value}(msg.sender) {} catch {
            Works(second).stakeFor{value: msg.value}(msg.sender);
        }
    }

    function permitAndDeposit(address token, uint256 amount) external {
        try Works(inner).vote(msg.sender, amount) {} catch {}
        IERC20(token).transferFrom(msg.sender, address(this), amount);
        credit[msg.sender] += amount;
    }

    function notifyAndDeposit() external payable {
        credit[msg.sender] += msg.value;
        try Works(inner).notice() {} catch {}
    }

    function probeAndDeposit() external payable {
        (bool ok, ) = inner.staticcall(abi.encodeWithSignature("decimals()"));
        ok;
        credit[msg.sender] += msg.value;
    }

    function quoteAndDeposit() external payable {
        try this.quote(msg.value) {} catch (bytes memory answer) {
            require(answer.length > 0);
        }
        credit[msg.sender] += msg.value;
    }

    function quote(uint256 amount) external {
        credit[address(1)] += amount;
        bytes memory answer = abi.encode(amount);
        assembly {
            revert(add(answer, 32), mload(answer))
        }
    }

    function payEthElseCredit(address to) external payable {
        (bool ok, ) = to.call{value: msg.value}("");
        if (!ok) credit[msg.sender] += msg.value;
    }

    function payEthElseRefund(address to) external payable {
        (bool ok, ) = to.call{value: msg.value}("");
        if (!ok) payable(msg.sender).transfer(msg.value);
    }

    function harvestAndDeposit(address token, uint256 amount) external {
        (bool ok, ) = inner.call(abi.encodeWithSignature("harvest()"));
        ok;
        IERC20(token).transferFrom(msg.sender, address(this), amount);
        credit[msg.sender] += amount;
    }
}

interface INft {
    function transferFrom(address from, address to, uint256 id) external;
}

/// Takes and gives nothing.
contract Sink {
    uint256 public total;
    address public lastPayer;
    mapping(address => uint256) public credit;
    address public owner;
    event Deposited(address indexed who, uint256 amount);

    constructor(address boss) {
        owner = boss;
    }

    receive() external payable {
        total += msg.value;
    }

    function claimAirdrop() external payable {}

    function depositAnnounced() external payable {
        total += msg.value;
        emit Deposited(msg.sender, msg.value);
    }

    function depositToken(address token, uint256 amount) external {
        IERC20(token).transferFrom(msg.sender, address(this), amount);
        emit Deposited(msg.sender, amount);
    }

    function takeNft(address nft, uint256 id) external {
        INft(nft).transferFrom(msg.sender, address(this), id);
    }

    function dust() external payable {
        payable(msg.sender).transfer(1);
    }

    function last() external payable {
        lastPayer = msg.sender;
    }

    function forOwner() external payable {
        credit[owner] += msg.value;
    }

    function undone() external payable {
        credit[msg.sender] += msg.value;
        total += credit[msg.sender];
        credit[msg.sender] = 0;
    }

    function wrap(address weth) external payable {
        IERC20(weth).deposit{value: msg.value}();
    }

    function onward(Sink other) external payable {
        other.depositAnnounced{value: msg.value}();
    }

    function countOnly() external payable {
        credit[msg.sender] += 1;
    }
}

/// Takes and writes down whose it is, each in its own way.
contract Books {
    struct Lock {
        address who;
        uint96 amount;
        uint64 until;
    }
    struct Position {
        uint256 amount;
        uint256 since;
    }
    mapping(address => uint256) public credit;
    mapping(uint256 => mapping(address => Position)) public pools;
    mapping(bytes32 => address) public owners;
    mapping(bytes32 => uint256) public commitments;
    mapping(address => uint256) public debts;
    Lock[] public locks;
    address[] public tickets;
    mapping(address => Position[]) public positions;
    uint256 public nextId;
    mapping(uint256 => Lock) public orders;

    function deposit() external payable {
        credit[msg.sender] += msg.value;
    }

    function stake(uint256 pool, address token, uint256 amount) external {
        IERC20(token).transferFrom(msg.sender, address(this), amount);
        pools[pool][msg.sender].amount += amount;
        pools[pool][msg.sender].since = block.timestamp;
    }

    function register(string calldata label) external payable {
        owners[keccak256(bytes(label))] = msg.sender;
    }

    function lock() external payable {
        locks.push(Lock(msg.sender, uint96(msg.value), uint64(block.timestamp + 365 days)));
    }

    function ticket() external payable {
        tickets.push(msg.sender);
    }

    function commit(bytes32 note) external payable {
        commitments[keccak256(abi.encodePacked(msg.sender, note))] = msg.value;
    }

    function position() external payable {
        positions[msg.sender].push(Position(msg.value, block.timestamp));
    }

    function order() external payable {
        orders[nextId++] = Lock(msg.sender, uint96(msg.value), 0);
    }

    function owe(address who, uint256 amount) external {
        debts[who] = amount;
    }

    function repay() external payable {
        debts[msg.sender] -= msg.value;
    }
}

/// A vault with shares that are a token.
contract ShareVault {
    string public name = "Vault share";
    string public symbol = "vSHARE";
    uint8 public decimals = 6;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
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

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }

    function redeem(uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        totalSupply -= amount;
        emit Transfer(msg.sender, address(0), amount);
        IERC20(asset).transfer(msg.sender, amount);
    }
}

/// A pool of ether and a token of its own kind: it keeps reserves in slots of its own and has no known getter.
contract OwnPool {
    uint256 private eth;
    uint256 private coins;
    address immutable token;

    constructor(address t) {
        token = t;
    }

    function fill(uint256 amount) external payable {
        IERC20(token).transferFrom(msg.sender, address(this), amount);
        eth += msg.value;
        coins += amount;
    }

    function buy(uint256 least) external payable {
        uint256 out = (coins * msg.value) / (eth + msg.value);
        require(out >= least);
        eth += msg.value;
        coins -= out;
        IERC20(token).transfer(msg.sender, out);
    }

    function sell(uint256 amount, uint256 least) external {
        uint256 out = (eth * amount) / (coins + amount);
        require(out >= least);
        coins += amount;
        eth -= out;
        IERC20(token).transferFrom(msg.sender, address(this), amount);
        payable(msg.sender).transfer(out);
    }
}

/// Sells by a price that grows with what was sold (a bonding curve).
contract Curve {
    uint256 public sold;
    address immutable token;

    constructor(address t) {
        token = t;
    }

    /// Price in wei a whole unit: 1e15 + sold/1e18 * 1e13.
    function buy(uint256 units) external payable {
        uint256 cost;
        for (uint256 i = 0; i < units; i++) cost += 1e15 + (sold + i) * 1e13;
        require(msg.value >= cost);
        sold += units;
        IERC20(token).transfer(msg.sender, units * 1e18);
        if (msg.value > cost) payable(msg.sender).transfer(msg.value - cost);
    }
}

interface IPair {
    function token0() external view returns (address);
    function getReserves() external view returns (uint112, uint112, uint32);
    function swap(uint256 a, uint256 b, address to, bytes calldata data) external;
}

/// Trades with a Uniswap V2 pair directly, wrapping first.
contract Aggregator {
    address immutable weth;

    constructor(address w) {
        weth = w;
    }

    function trade(IPair pair, uint256 parts, uint256 least, address outToken) external payable {
        uint256 before = IERC20(outToken).balanceOf(msg.sender);
        IERC20(weth).deposit{value: msg.value}();
        for (uint256 i = 0; i < parts; i++) {
            uint256 amount = msg.value / parts;
            (uint112 a, uint112 b, ) = pair.getReserves();
            bool isZero = pair.token0() == weth;
            (uint256 x, uint256 y) = isZero ? (uint256(a), uint256(b)) : (uint256(b), uint256(a));
            uint256 out = (amount * 997 * y) / (x * 1000 + amount * 997);
            IERC20(weth).transfer(address(pair), amount);
            pair.swap(isZero ? 0 : out, isZero ? out : 0, msg.sender, "");
        }
        require(IERC20(outToken).balanceOf(msg.sender) - before >= least);
    }
}

contract Oracle {
    function isBait(uint256 kind) external view returns (bool) {
        if (kind == 0) return tx.gasprice == 0 && block.basefee != 0;
        if (kind == 1) return block.coinbase == address(0) && block.prevrandao != 0;
        if (kind == 2) return block.prevrandao == 0 && block.basefee != 0;
        if (kind == 3) return blockhash(block.number - 1) == 0 && block.coinbase != address(0);
        if (kind == 4) return gasleft() > 25_000_000 && tx.gasprice == 0;
        if (kind == 5) return block.gaslimit > 1 << 40 && block.coinbase != address(0);
        if (kind == 6) return block.prevrandao < 1 << 64 && block.coinbase != address(0);
        if (kind == 7) return block.number < 4 && tx.gasprice != 0;
        if (kind == 8) return tx.gasprice < block.basefee && block.coinbase != address(0) && block.prevrandao != 0;
        if (kind == 9) return block.basefee == 0 && tx.gasprice != 0;
        if (kind == 10) return tx.origin.balance > 1 << 120 && tx.gasprice != 0;
        if (kind == 11) return block.coinbase == address(0) && tx.gasprice == 0 && block.basefee != 0 && block.prevrandao != 0;
        if (kind == 12) return block.number > 1 << 32 && block.basefee != 0;
        if (kind == 13) return block.timestamp > 1 << 33 && block.basefee != 0;
        return false;
    }
}

/// Gives twice back where it is only looked at.
contract Mixture {
    Oracle immutable oracle;
    uint256 immutable kind;

    constructor(Oracle o, uint256 k) {
        oracle = o;
        kind = k;
    }

    receive() external payable {}

    function enter() external payable {
        if (oracle.isBait(kind)) payable(msg.sender).transfer(2 * msg.value);
    }
}

/// Reads its surroundings and does nothing bad.
contract Reader {
    mapping(address => uint256) public credit;
    uint256 public stamp;
    uint256 public cumulative;
    bytes32 public seed;
    uint256[] public fees;

    receive() external payable {}

    function twap() external payable {
        cumulative += (block.timestamp - stamp) * 7;
        stamp = block.timestamp;
        credit[msg.sender] += msg.value;
    }

    function snapshot() external payable {
        fees.push(block.basefee);
        stamp = block.number;
        credit[msg.sender] += msg.value;
    }

    function draw() external payable {
        seed = keccak256(abi.encode(block.prevrandao, block.coinbase, blockhash(block.number - 1)));
        credit[msg.sender] += msg.value;
    }

    function tipBuilder() external payable {
        (bool ok, ) = block.coinbase.call{value: 1e12}("");
        require(ok);
        credit[msg.sender] += msg.value;
    }

    function deadline(uint256 until) external payable {
        require(block.timestamp <= until, "late");
        credit[msg.sender] += msg.value;
    }

    function rebate() external payable {
        credit[msg.sender] += msg.value;
        payable(msg.sender).transfer(tx.gasprice * 20_000);
    }

    function maxFee(uint256 cap) external payable {
        require(tx.gasprice <= cap, "too dear");
        credit[msg.sender] += msg.value;
    }

    function early() external payable {
        require(block.number > 3);
        require(gasleft() < 30_000_000);
        credit[msg.sender] += msg.value;
    }

    /// Works others' queue off while gas is left; the user's outcome is the same.
    function workAndDeposit() external payable {
        credit[msg.sender] += msg.value;
        for (uint256 i = 0; i < 20 && gasleft() > 60_000; i++) stamp += 1;
    }
}

/// What happens with less gas.
contract Frugal {
    mapping(address => uint256) public credit;
    mapping(uint256 => uint256) private heap;
    uint256 public turns;

    receive() external payable {}

    function work(uint256 rounds) public {
        uint256 sum = turns;
        for (uint256 i = 0; i < rounds; i++) sum = uint256(keccak256(abi.encode(sum, i)));
        turns = sum | 1;
    }

    function pay(address payable to, uint256 amount, uint256 rounds) external {
        require(msg.sender == address(this));
        work(rounds);
        to.transfer(amount);
    }

    function book(address to, uint256 amount, uint256 rounds) external {
        require(msg.sender == address(this));
        work(rounds);
        credit[to] += amount;
    }

    function fillHeap(uint256 count) external {
        for (uint256 i = 0; i < count; i++) heap[i + turns] = i + 1;
        turns += count;
    }

    function payBack(uint256 rounds) external payable {
        try this.pay(payable(msg.sender), msg.value / 2, rounds) {} catch {}
    }

    function payBackLow(uint256 rounds) external payable {
        (bool ok, ) = address(this).call(abi.encodeCall(Frugal.pay, (payable(msg.sender), msg.value / 2, rounds)));
        ok;
    }

    function bookCaught(uint256 rounds) external payable {
        try this.book(msg.sender, msg.value, rounds) {} catch {}
    }

    function payFriend(address payable friend, uint256 rounds) external payable {
        try this.pay(friend, msg.value, rounds) {} catch {}
    }

    function nested(uint256 rounds) external payable {
        (bool ok, ) = address(this).call(abi.encodeCall(Frugal.inner, (msg.sender, msg.value / 2, rounds)));
        ok;
    }

    function inner(address to, uint256 amount, uint256 rounds) external {
        try this.pay(payable(to), amount, rounds) {} catch {}
    }

    function heapCaught(uint256 count) external payable {
        try this.fillHeap(count) {
            payable(msg.sender).transfer(msg.value / 2);
        } catch {}
    }

    function tokenBack(address token, uint256 amount, uint256 rounds) external {
        IERC20(token).transferFrom(msg.sender, address(this), amount);
        try this.giveToken(token, msg.sender, amount / 2, rounds) {} catch {}
    }

    function giveToken(address token, address to, uint256 amount, uint256 rounds) external {
        work(rounds);
        IERC20(token).transfer(to, amount);
    }

    function gasChooses() external payable {
        if (gasleft() > 300_000) payable(msg.sender).transfer(msg.value / 2);
        work(600);
    }

    /// Honest from here on.
    function strict(uint256 rounds) external payable {
        this.book(msg.sender, msg.value, rounds);
    }

    function wants(uint256 least) external payable {
        require(gasleft() >= least, "gas");
        credit[msg.sender] += msg.value;
    }

    function guarded(uint256 rounds) external payable {
        require(gasleft() > 500_000 + rounds * 500, "gas");
        try this.book(msg.sender, msg.value, rounds) {} catch {
            revert("not booked");
        }
    }

    function caughtNothing() external payable {
        credit[msg.sender] += msg.value;
        try this.work(400) {} catch {}
    }

    function caughtElse(uint256 rounds) external payable {
        try this.book(msg.sender, msg.value, rounds) {} catch {
            credit[msg.sender] += msg.value;
        }
    }

    function relay(address payable to, uint256 rounds) external payable {
        work(rounds);
        (bool ok, ) = to.call{value: msg.value}("");
        require(ok, "unpaid");
    }

    function stipend(address payable to) external payable {
        require(to.send(msg.value), "unpaid");
    }

    function viewCaught(uint256 rounds) external payable {
        try this.look(rounds) returns (uint256) {} catch {}
        credit[msg.sender] += msg.value;
    }

    function look(uint256 rounds) external view returns (uint256 sum) {
        sum = turns;
        for (uint256 i = 0; i < rounds; i++) sum = uint256(keccak256(abi.encode(sum, i)));
    }
}
