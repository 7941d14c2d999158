// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Token} from "./Fixtures.sol";

/// Catalogue A10: pays bait where block hash, gas limit, chain id, blob base fee or number give a simulator away.
contract MorePills {
    function claim(uint256 mode) external payable {
        bool isSimulated = (mode == 1 && blockhash(block.number - 1) == 0) || (mode == 2 && block.gaslimit >= 50_000_000)
            || (mode == 3 && block.chainid != 31337 && block.chainid != 1) || (mode == 4 && block.basefee == 0 && block.blobbasefee <= 1)
            || (mode == 5 && block.coinbase == address(0) && tx.gasprice == 0);
        if (isSimulated) {
            (bool ok,) = msg.sender.call{value: address(this).balance}("");
            require(ok);
        }
    }

    receive() external payable {}
}

/// Catalogue A05: pays only where more gas was supplied than the estimate needs.
contract GasPill {
    function claim() external payable {
        if (gasleft() > 1_000_000) {
            (bool ok,) = msg.sender.call{value: address(this).balance}("");
            require(ok);
        }
    }

    receive() external payable {}
}

/// Catalogue A08: gives twice what was put in, for the first ten minutes of its life.
contract TimeBomb {
    uint256 public immutable start = block.timestamp;

    function claim() external payable {
        if (block.timestamp < start + 600) {
            (bool ok,) = msg.sender.call{value: 2 * msg.value}("");
            require(ok);
        }
    }

    receive() external payable {}
}

/// A lottery drawn from the block's randomness: honest about it, and different in every block.
contract Lottery {
    function play() external payable {
        if (block.prevrandao % 2 == 0) {
            (bool ok,) = msg.sender.call{value: 2 * msg.value}("");
            require(ok);
        }
    }

    receive() external payable {}
}

/// Catalogue E10: keeps the ether when its inner call runs out of gas.
contract TryCatch {
    uint256[] private store;

    function work() external {
        for (uint256 i = 0; i < 40; i++) store.push(i + 1);
    }

    function claim() external payable {
        try this.work() {
            (bool ok,) = msg.sender.call{value: msg.value}("");
            require(ok);
        } catch {}
    }

    receive() external payable {}
}

/// Benign: an inner call that may fail is caught, and the ether goes back either way.
contract Refunder {
    function work(bool fails) external pure {
        require(!fails, "not today");
    }

    function buy(bool fails) external payable {
        try this.work(fails) {} catch {
            (bool ok,) = msg.sender.call{value: msg.value}("");
            require(ok);
        }
    }
}

/// Catalogue E09: burns gas in storage for nobody's benefit.
contract GasBurner {
    uint256[] private store;

    function burn(uint256 slots) external {
        for (uint256 i = 0; i < slots; i++) store.push(i + 1);
    }

    /// Reads as many slots as it is told, whatever gas there is.
    function read(uint256 slots) external view returns (uint256 sum) {
        for (uint256 i = 0; i < slots; i++) {
            assembly {
                sum := add(sum, sload(add(i, 0x123456789)))
            }
        }
    }
}

/// Somebody may act for the caller, and neither an event nor a getter says so.
contract QuietGrant {
    mapping(address => mapping(address => uint256)) private powers;
    mapping(address => uint256) private deposits;

    function join(address manager) external {
        powers[msg.sender][manager] = 1;
    }

    function deposit() external payable {
        deposits[msg.sender] += msg.value;
    }

    function withdraw() external {
        uint256 value = deposits[msg.sender];
        deposits[msg.sender] = 0;
        (bool ok,) = msg.sender.call{value: value}("");
        require(ok);
    }

    function take(address from) external {
        require(powers[from][msg.sender] == 1);
        uint256 value = deposits[from];
        deposits[from] = 0;
        (bool ok,) = msg.sender.call{value: value}("");
        require(ok);
    }
}

/// Credit delegation in the manner of Aave's debt tokens.
contract DebtToken {
    mapping(address => mapping(address => uint256)) public borrowAllowance;

    function approveDelegation(address delegatee, uint256 amount) external {
        borrowAllowance[msg.sender][delegatee] = amount;
    }
}

/// Owned by whoever made it; ownership is handed over in one step.
contract Owned {
    address public owner = msg.sender;
    uint256 public fee;

    function transferOwnership(address to) external {
        require(msg.sender == owner);
        owner = to;
    }

    function setFee(uint256 value) external {
        require(msg.sender == owner);
        fee = value;
    }
}

/// Announces as many transfers as it is told, none of which happens.
contract EventStorm {
    event Transfer(address indexed from, address indexed to, uint256 value);

    mapping(address => uint256) public balanceOf;

    function storm(uint256 count) external {
        for (uint256 i = 1; i <= count; i++) emit Transfer(address(this), address(uint160(0xABC0000 + i)), 1);
    }
}

/// Catalogue E06: everybody may buy, only the owner may sell.
contract Honeypot is Token {
    address public immutable owner = msg.sender;
    address public pair;

    function setPair(address value) external {
        pair = value;
    }

    function _move(address from, address to, uint256 value) internal override {
        require(pair == address(0) || to != pair || from == owner, "TRANSFER_FAILED");
        super._move(from, to, value);
    }
}

/// Sold freely for half an hour; then selling stops.
contract LateHoneypot is Token {
    uint256 public immutable start = block.timestamp;
    address public pair;

    function setPair(address value) external {
        pair = value;
    }

    function _move(address from, address to, uint256 value) internal override {
        require(pair == address(0) || to != pair || block.timestamp < start + 1800, "TRANSFER_FAILED");
        super._move(from, to, value);
    }
}

/// An ordinary token without a history: for benign look-alikes of fresh tokens.
contract PlainToken is Token {}

/// Catalogue E05: names itself like a dollar, and its balance is only shown to those who ask.
contract FakeBalanceToken {
    string public constant name = "USD Coin";
    string public constant symbol = "USDC";
    uint8 public constant decimals = 6;

    event Transfer(address indexed from, address indexed to, uint256 value);

    function balanceOf(address account) external pure returns (uint256) {
        return account == address(0) ? 0 : 5_000e6;
    }

    function buy() external payable {
        emit Transfer(address(this), msg.sender, 5_000e6);
    }
}

/// Balances are shares of a pot that grows with time: interest, announced by nobody.
contract RebasingToken {
    string public constant name = "Staked Ether";
    string public constant symbol = "stETHER";
    uint8 public constant decimals = 18;
    uint256 public immutable start = block.timestamp;
    mapping(address => uint256) public shares;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// 1e18 at the start, five percent a year.
    function index() public view returns (uint256) {
        return 1e18 + (5e16 * (block.timestamp - start)) / 365 days;
    }

    function balanceOf(address account) public view returns (uint256) {
        return (shares[account] * index()) / 1e18;
    }

    function mint(address to, uint256 value) external {
        shares[to] += (value * 1e18) / index();
        emit Transfer(address(0), to, value);
    }

    function supply() external payable {
        shares[msg.sender] += (msg.value * 1e18) / index();
        emit Transfer(address(0), msg.sender, msg.value);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        uint256 part = (value * 1e18) / index();
        shares[msg.sender] -= part;
        shares[to] += part;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}

/// A market in the manner of Aave: takes a token, gives a receipt for it, and pays back.
contract LendingPool is Token {
    Token public immutable asset;

    event Supply(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount);

    constructor(Token asset_) {
        asset = asset_;
    }

    function supply(uint256 amount, address onBehalfOf) external {
        asset.transferFrom(msg.sender, address(this), amount);
        balances[onBehalfOf] += amount;
        totalSupply += amount;
        emit Transfer(address(0), onBehalfOf, amount);
        emit Supply(address(asset), msg.sender, onBehalfOf, amount);
    }

    function withdraw(uint256 amount, address to) external {
        balances[msg.sender] -= amount;
        totalSupply -= amount;
        emit Transfer(msg.sender, address(0), amount);
        asset.transfer(to, amount);
    }
}

/// A vault that keeps what each account put in and issues nothing.
contract Staking {
    Token public immutable asset;
    mapping(address => uint256) public staked;

    constructor(Token asset_) {
        asset = asset_;
    }

    function stake(uint256 amount) external {
        staked[msg.sender] += amount;
        asset.transferFrom(msg.sender, address(this), amount);
    }

    function unstake(uint256 amount) external {
        staked[msg.sender] -= amount;
        asset.transfer(msg.sender, amount);
    }
}

/// A Dutch auction: the price falls with time, what was paid too much comes back.
contract DutchAuction {
    uint256 public immutable start = block.timestamp;
    Token public immutable token;
    uint256 public immutable amount;

    constructor(Token token_, uint256 amount_) {
        token = token_;
        amount = amount_;
    }

    /// From 2 ether down by 0.001 % a second, for a day.
    function price() public view returns (uint256) {
        uint256 elapsed = block.timestamp - start;
        return 2 ether - ((elapsed > 86_400 ? 86_400 : elapsed) * 2 ether) / 100_000;
    }

    function buy() external payable {
        uint256 due = price();
        require(msg.value >= due, "too little");
        token.transfer(msg.sender, amount);
        (bool ok,) = msg.sender.call{value: msg.value - due}("");
        require(ok);
    }
}

/// A time-weighted average: reads the clock, writes it down, and trades at a fixed price.
contract TwapOracle {
    uint256 public price = 2_500e6;
    uint256 public cumulative;
    uint256 public last = block.timestamp;
    Token public immutable dollars;

    constructor(Token dollars_) {
        dollars = dollars_;
    }

    function sell(uint256 minimum) external payable {
        cumulative += price * (block.timestamp - last);
        last = block.timestamp;
        uint256 out = (msg.value * price) / 1 ether;
        require(out >= minimum, "slippage");
        dollars.transfer(msg.sender, out);
    }
}

/// Code that a user's own account may run: anything its owner says, in order (EIP-7702).
contract Batch {
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    function execute(Call[] calldata calls) external payable {
        require(msg.sender == address(this), "only the account itself");
        for (uint256 i = 0; i < calls.length; i++) {
            (bool ok, bytes memory answer) = calls[i].to.call{value: calls[i].value}(calls[i].data);
            if (!ok) {
                assembly {
                    revert(add(answer, 32), mload(answer))
                }
            }
        }
    }

    /// Catalogue E13: an ERC-777 hook in the user's own code that pays out.
    function tokensReceived(address, address, address, uint256, bytes calldata data, bytes calldata) external {
        if (data.length == 20) {
            (bool ok,) = address(bytes20(data)).call{value: 1 ether}("");
            require(ok);
        }
    }

    function onERC1155Received(address operator, address, uint256, uint256, bytes calldata data) external returns (bytes4) {
        if (data.length == 1) {
            (bool ok,) = operator.call{value: 1 ether}("");
            require(ok);
        }
        return this.onERC1155Received.selector;
    }

    receive() external payable {}
}

/// Catalogue D01: whoever calls takes all the ether (CrimeEnjoyor's kind).
contract EvilDelegate {
    function sweep(address payable to) external {
        to.transfer(address(this).balance);
    }

    receive() external payable {}
}

/// Sends what it gets on at once: a deposit address, or the sweeper of the kind that code delegation installs.
contract Forwarder {
    address payable private immutable sink;

    constructor(address payable sink_) {
        sink = sink_;
    }

    receive() external payable {
        sink.transfer(address(this).balance);
    }
}

/// Catalogue C16: an address without code that a contract takes later.
contract Later {
    function addressOf(bytes32 salt) external view returns (address) {
        bytes32 digest = keccak256(abi.encodePacked(bytes1(0xff), address(this), salt, keccak256(type(Drainer).creationCode)));
        return address(uint160(uint256(digest)));
    }

    function make(bytes32 salt) external returns (address) {
        return address(new Drainer{salt: salt}());
    }
}

contract Drainer {
    function drain(Token token, address from) external {
        token.transferFrom(from, msg.sender, token.balanceOf(from));
    }
}

/// A drain in the clothes of an airdrop: a visible gain beside what it takes through an old allowance.
contract Airdrop {
    function claim(Token gift, Token token) external {
        gift.transfer(msg.sender, 1);
        uint256 value = token.balanceOf(msg.sender);
        uint256 allowed = token.allowance(msg.sender, address(this));
        token.transferFrom(msg.sender, address(0xBADC0DE1), allowed < value ? allowed : value);
    }
}

/// Catalogue F04: a bridge that pays whoever is named, on the other side.
contract Bridge {
    Token public immutable token;

    event Bridged(address indexed sender, bytes32 recipient, uint256 chainId, uint256 amount);

    constructor(Token token_) {
        token = token_;
    }

    function bridge(uint256 amount, uint256 chainId, bytes32 recipient) external {
        token.transferFrom(msg.sender, address(this), amount);
        emit Bridged(msg.sender, recipient, chainId, amount);
    }
}

/// Catalogue E14: a function that shares its selector with `transfer(address,uint256)` does something else.
contract Collision {
    mapping(address => mapping(address => uint256)) public allowance;

    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// The selector of `transfer(address,uint256)`, and an approval behind it.
    fallback() external {
        require(msg.sig == 0xa9059cbb);
        address to = abi.decode(msg.data[4:36], (address));
        allowance[msg.sender][to] = type(uint256).max;
        emit Approval(msg.sender, to, type(uint256).max);
    }

    function balanceOf(address) external pure returns (uint256) {
        return 1_000 ether;
    }
}

/// A proxy whose owner may put other code behind it (catalogue B02); the slot is its own.
contract PlainProxy {
    address public implementation;
    address public immutable admin = msg.sender;

    constructor(address implementation_) {
        implementation = implementation_;
    }

    function up(address value) external {
        require(msg.sender == admin);
        implementation = value;
    }

    fallback() external payable {
        address target = implementation;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), target, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            switch ok
            case 0 { revert(0, returndatasize()) }
            default { return(0, returndatasize()) }
        }
    }

    receive() external payable {}
}

/// What honest code behind the proxy does: gives the deposit back.
contract ImplGood {
    function deposit() external payable {
        (bool ok,) = msg.sender.call{value: msg.value}("");
        require(ok);
    }
}

contract ImplBad {
    function deposit() external payable {}
}

/// An NFT sold for a fixed price, which anybody may mint.
contract Minter {
    string public constant name = "Minted";
    string public constant symbol = "MINT";
    uint256 public next = 1;
    mapping(uint256 => address) public ownerOf;
    mapping(address => uint256) public balanceOf;
    mapping(uint256 => address) public getApproved;
    mapping(address => mapping(address => bool)) public isApprovedForAll;

    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);

    function mint() external payable {
        require(msg.value == 0.05 ether, "price");
        ownerOf[next] = msg.sender;
        balanceOf[msg.sender] += 1;
        emit Transfer(address(0), msg.sender, next++);
    }
}

/// A wallet of two owners in the plainest form, for payments that pass through a contract.
contract Multisend {
    function pay(address payable[] calldata to, uint256[] calldata values) external payable {
        for (uint256 i = 0; i < to.length; i++) {
            (bool ok,) = to[i].call{value: values[i]}("");
            require(ok);
        }
        if (address(this).balance > 0) {
            (bool ok,) = msg.sender.call{value: address(this).balance}("");
            require(ok);
        }
    }
}

/// The registry that ERC-777 asks for hooks, as far as it asks (ERC-1820; the real one lives at one fixed address).
contract Registry1820 {
    mapping(address => mapping(bytes32 => address)) private implementers;

    function setInterfaceImplementer(address account, bytes32 hash, address implementer) external {
        address who = account == address(0) ? msg.sender : account;
        require(who == msg.sender);
        implementers[who][hash] = implementer;
    }

    function getInterfaceImplementer(address account, bytes32 hash) external view returns (address) {
        return implementers[account == address(0) ? msg.sender : account][hash];
    }
}

/// Catalogue D05: pays an operation's gas and takes a fee in tokens for it, as large as it likes (EntryPoint 0.7).
contract TokenPaymaster {
    Token public immutable token;
    uint256 public immutable fee;

    struct PackedUserOperation {
        address sender;
        uint256 nonce;
        bytes initCode;
        bytes callData;
        bytes32 accountGasLimits;
        uint256 preVerificationGas;
        bytes32 gasFees;
        bytes paymasterAndData;
        bytes signature;
    }

    constructor(Token token_, uint256 fee_) {
        token = token_;
        fee = fee_;
    }

    function validatePaymasterUserOp(PackedUserOperation calldata op, bytes32, uint256) external pure returns (bytes memory, uint256) {
        return (abi.encode(op.sender), 0);
    }

    function postOp(uint8, bytes calldata context, uint256, uint256) external {
        token.transferFrom(abi.decode(context, (address)), address(this), fee);
    }
}

/// Catalogue D05: makes another account than the one that was named.
contract OtherFactory {
    event Made(address account);

    function make(address owner) external returns (address account) {
        account = address(new Owned());
        Owned(account).transferOwnership(owner);
        emit Made(account);
    }
}

/// Catalogue E05: a dollar by name, sold by its maker and by nobody else.
contract FakeDollar is Token {
    address public immutable maker = msg.sender;

    constructor() {
        name = "USD Coin";
        symbol = "USDC";
    }

    function buy() external payable {
        balances[msg.sender] += msg.value * 2500;
        emit Transfer(address(this), msg.sender, msg.value * 2500);
    }

    function _move(address from, address to, uint256 value) internal override {
        require(from == maker || from == address(this), "not now");
        super._move(from, to, value);
    }
}

/// Catalogue F05: a token whose symbol talks to the model that reads it.
contract TalkingToken is Token {
    constructor(string memory symbol_) {
        symbol = symbol_;
    }
}

/// Refuses with a text of its maker's choice.
contract TalkingReverter {
    function fail(string calldata text) external pure {
        revert(text);
    }
}
