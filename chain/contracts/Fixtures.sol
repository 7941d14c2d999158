// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// Fails in every way a contract can.
contract Reverter {
    error MyError(uint256 code, address who);

    function withString() external pure {
        revert("no, thank you");
    }

    function withCustomError() external view {
        revert MyError(42, msg.sender);
    }

    function withPanic(uint256 zero) external pure returns (uint256) {
        return 1 / zero;
    }

    function withNothing() external pure {
        assembly {
            revert(0, 0)
        }
    }

    function withInvalidOpcode() external pure {
        assembly {
            invalid()
        }
    }
}

/// Splits the ether it is sent among several accounts: native movements without any log.
contract EthSplitter {
    function split(address payable[] calldata targets) external payable {
        uint256 part = msg.value / targets.length;
        for (uint256 i = 0; i < targets.length; i++) {
            (bool ok,) = targets[i].call{value: part}("");
            require(ok, "EthSplitter: refused");
        }
    }
}

/// The parts that the odd tokens below share.
abstract contract Token {
    string public name = "Fixture";
    string public symbol = "FIX";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address => uint256) internal balances;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    function balanceOf(address account) public view virtual returns (uint256) {
        return balances[account];
    }

    function mint(address to, uint256 value) external {
        balances[to] += value;
        totalSupply += value;
        emit Transfer(address(0), to, value);
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external virtual returns (bool) {
        _move(msg.sender, to, value);
        emit Transfer(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external virtual returns (bool) {
        require(allowance[from][msg.sender] >= value, "allowance");
        allowance[from][msg.sender] -= value;
        _move(from, to, value);
        emit Transfer(from, to, value);
        return true;
    }

    function _move(address from, address to, uint256 value) internal virtual {
        require(balances[from] >= value, "balance");
        balances[from] -= value;
        balances[to] += value;
    }
}

/// Catalogue E01, E02: `claim` takes 1000 units from the caller and says nothing.
contract SilentToken is Token {
    function claim() external {
        _move(msg.sender, address(this), 1000);
    }
}

/// Takes 1000 units from the caller and wears the event of a collection, so that a reader takes it for one.
contract MaskedToken is Token {
    function claim() external {
        _move(msg.sender, address(this), 1000);
        bytes32 topic = keccak256("Transfer(address,address,uint256)");
        assembly {
            log4(0, 0, topic, 0, address(), 7)
        }
    }
}

/// Takes 1000 units from the caller, and from then on refuses to say what anybody holds.
contract MuteToken is Token {
    bool private isMute;

    function claim() external {
        _move(msg.sender, address(this), 1000);
        isMute = true;
    }

    function balanceOf(address account) public view override returns (uint256) {
        require(!isMute);
        return balances[account];
    }
}

/// Catalogue E03: announces a transfer to the caller that never happens.
contract FakeEventToken is Token {
    function airdrop() external {
        emit Transfer(address(this), msg.sender, 1_000_000 ether);
    }
}

/// Catalogue E08: 30 % of every transfer goes to the collector.
contract FeeToken is Token {
    address public constant COLLECTOR = address(0xFEE);

    function _move(address from, address to, uint256 value) internal override {
        require(balances[from] >= value, "balance");
        uint256 fee = (value * 30) / 100;
        balances[from] -= value;
        balances[to] += value - fee;
        balances[COLLECTOR] += fee;
    }
}

/// Catalogue E12: says `false` instead of reverting.
contract FalseReturnToken is Token {
    function transfer(address to, uint256 value) external override returns (bool) {
        if (balances[msg.sender] < value) return false;
        _move(msg.sender, to, value);
        emit Transfer(msg.sender, to, value);
        return true;
    }
}

/// Catalogue A01 to A05: pays bait only where it believes to be simulated.
contract RedPill {
    function claim(uint256 mode) external payable {
        bool isSimulated = (mode == 1 && block.coinbase == address(0)) || (mode == 2 && block.basefee == 0)
            || (mode == 3 && tx.gasprice == 0) || (mode == 4 && block.prevrandao == 0) || (mode == 5 && gasleft() > 10_000_000);
        if (isSimulated) {
            (bool ok,) = msg.sender.call{value: address(this).balance}("");
            require(ok);
        }
    }

    receive() external payable {}
}

/// Catalogue B01: the owner flips what a deposit does.
contract Flip {
    address public immutable owner = msg.sender;
    bool public isGenerous = true;

    function set(bool value) external {
        require(msg.sender == owner);
        isGenerous = value;
    }

    function deposit() external payable {
        if (isGenerous) {
            (bool ok,) = msg.sender.call{value: msg.value}("");
            require(ok);
        }
    }

    receive() external payable {}
}

/// Catalogue C17: takes what an old allowance lets it take, when anybody calls.
contract Sweep {
    function claim(Token token, address from) external {
        uint256 value = token.balanceOf(from);
        uint256 allowed = token.allowance(from, address(this));
        token.transferFrom(from, msg.sender == from ? address(this) : msg.sender, allowed < value ? allowed : value);
    }
}

/// Bytecode that tries to exhaust a simulator: time, reads, memory, depth, logs.
contract Bomb {
    uint256[] private store;

    function spin() external pure {
        while (true) {}
    }

    function hash() external pure returns (bytes32 h) {
        while (true) h = keccak256(abi.encode(h));
    }

    function sload() external view returns (uint256 sum) {
        for (uint256 i = 0; gasleft() > 5_000; i++) {
            assembly {
                sum := add(sum, sload(add(i, 0x123456789)))
            }
        }
    }

    function balances() external view returns (uint256 sum) {
        for (uint256 i = 0; gasleft() > 5_000; i++) sum += address(uint160(0xABC000 + i)).balance;
    }

    function recurse(uint256 n) external {
        if (gasleft() > 50_000) this.recurse(n + 1);
    }

    function returnData(uint256 size) external pure {
        assembly {
            return(0, size)
        }
    }

    function logs() external {
        bytes memory blob = new bytes(10_000);
        while (gasleft() > 120_000) {
            assembly {
                log0(add(blob, 32), 10000)
            }
        }
    }
}

/// Honest time dependence (benign control): releases linearly over 1000 seconds.
contract Vesting {
    uint256 public immutable start = block.timestamp;

    function release() external {
        uint256 elapsed = block.timestamp - start;
        uint256 part = elapsed >= 1000 ? address(this).balance : (address(this).balance * elapsed) / 1000;
        (bool ok,) = msg.sender.call{value: part}("");
        require(ok);
    }

    receive() external payable {}
}

/// A tiny contract that counts; for creation and plain calls.
contract Counter {
    uint256 public count;

    event Counted(uint256 count);

    function increment() external payable {
        count += 1;
        emit Counted(count);
    }

    function set(uint256 value) external {
        count = value;
    }
}

/// Written for the simulator: run with its code at the user's own address, so that every call comes from the user.
/// Executes calls in order, whatever each of them does, and returns what they answered.
contract BatchProbe {
    struct Call {
        bool isCreate;
        address to;
        uint256 value;
        bytes data;
    }

    struct Answer {
        bool success;
        bytes data;
    }

    fallback() external payable {
        Call[] memory calls = abi.decode(msg.data, (Call[]));
        Answer[] memory answers = new Answer[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            Call memory call = calls[i];
            if (call.isCreate) {
                bytes memory code = call.data;
                uint256 value = call.value;
                address made;
                assembly {
                    made := create(value, add(code, 32), mload(code))
                }
                answers[i].success = made != address(0);
            } else {
                (answers[i].success, answers[i].data) = call.to.call{value: call.value}(call.data);
            }
        }
        bytes memory out = abi.encode(answers);
        assembly {
            return(add(out, 32), mload(out))
        }
    }

    receive() external payable {}
}
