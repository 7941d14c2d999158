// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

interface Token {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
}

/// Takes a token by an old allowance, and gives it back to whoever asks for a balance: a reader that lets it write sees
/// nothing missing.
contract Restorer {
    event Transfer(address indexed from, address indexed to, uint256 value);

    Token private immutable token;
    uint256 private calls;

    constructor(Token taken) {
        token = taken;
    }

    function claim() external {
        calls++;
        // Names itself first, so that it is asked first.
        emit Transfer(address(this), msg.sender, 0);
        token.transferFrom(msg.sender, address(this), token.balanceOf(msg.sender));
    }

    function balanceOf(address account) external returns (uint256) {
        uint256 held = token.balanceOf(address(this));
        if (held > 0) token.transfer(account, held);
        return 0;
    }
}

/// A token in which single functions can be made to burn all gas, or to answer with a megabyte.
contract Trap {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    mapping(address => uint256) private balances;
    mapping(address => mapping(address => uint256)) public allowance;
    /// 1 balanceOf, 2 symbol, 4 decimals, 8 transfer by a holder, 16 transferFrom, 32 balanceOf after the first buy.
    uint256 private immutable traps;
    bool private immutable isLoud;
    bool private hasSold;

    constructor(uint256 which, bool loud) {
        traps = which;
        isLoud = loud;
    }

    function spring(uint256 which) private view {
        if (traps & which == 0) return;
        if (isLoud)
            assembly {
                return(0, 1000000)
            }
        while (true) {}
    }

    function balanceOf(address account) external view returns (uint256) {
        spring(1);
        if (hasSold) spring(32);
        return balances[account];
    }

    function symbol() external view returns (string memory) {
        spring(2);
        return "TRAP";
    }

    function decimals() external view returns (uint8) {
        spring(4);
        return 18;
    }

    function buy() external payable {
        hasSold = true;
        balances[msg.sender] += msg.value;
        emit Transfer(address(this), msg.sender, msg.value);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        spring(8);
        return move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        spring(16);
        allowance[from][msg.sender] -= amount;
        return move(from, to, amount);
    }

    function move(address from, address to, uint256 amount) private returns (bool) {
        balances[from] -= amount;
        balances[to] += amount;
        emit Transfer(from, to, amount);
        return true;
    }
}

/// Ordinary now; what it does in another block is up to who made it.
contract Elsewhere {
    address private immutable usual;
    address private immutable other;
    mapping(address => address) public guardian;
    uint256 private writes;

    constructor(address now_, address later) {
        usual = now_;
        other = later;
    }

    function isElsewhere() private view returns (bool) {
        return block.timestamp % 7200 >= 3600;
    }

    /// Burns all gas an hour later, or in another builder's block.
    function bomb(address builder) external {
        writes++;
        if (isElsewhere() || (builder != address(0) && block.coinbase == builder)) while (true) {}
    }

    /// Reads ever more state in another builder's block.
    function readBomb(address builder) external {
        uint256 sum = 1;
        if (block.coinbase == builder)
            for (uint256 i = 0; gasleft() > 50_000; i++)
                assembly {
                    sum := add(sum, sload(add(i, 0x123456789)))
                }
        writes += sum;
    }

    /// Pays on to one account now, and to another in half of all hours.
    function forward() external payable {
        (bool ok,) = (isElsewhere() ? other : usual).call{value: msg.value}("");
        require(ok);
    }

    /// Makes the caller its own guardian now, and somebody else in half of all hours.
    function protect() external {
        guardian[msg.sender] = isElsewhere() ? other : msg.sender;
    }
}

/// Draws by the hash of an earlier block.
contract HashGate {
    event Drawn(bytes32 hash);

    function play() external {
        emit Drawn(blockhash(block.number - 5));
    }
}

/// Tells whoever runs code at a wallet's address, or asks with other than a wallet's gas, a balance that is not there.
contract Flatterer {
    event Transfer(address indexed from, address indexed to, uint256 value);

    mapping(address => uint256) private balances;
    /// 0 the asker has code, 1 the asker's gas.
    uint256 private immutable how;

    constructor(uint256 by) {
        how = by;
    }

    function mint(address to, uint256 amount) external {
        balances[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function buy() external payable {
        balances[msg.sender] -= 1;
        emit Transfer(msg.sender, address(this), 1);
        emit Transfer(address(this), msg.sender, msg.value);
    }

    function balanceOf(address account) external view returns (uint256) {
        bool isWatched = how == 0 ? tx.origin.code.length > 0 : gasleft() < 20_000_000;
        return balances[account] + (isWatched && balances[account] % 10 == 9 ? 1_000_000 : 0);
    }
}
