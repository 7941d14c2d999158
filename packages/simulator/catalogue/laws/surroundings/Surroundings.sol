// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// Notes what it saw in a transaction, and answers with a balance only to whoever asks from the same surroundings.
contract Mirror {
    uint256 private immutable factors;
    mapping(address => bytes32) private seen;
    uint8 public constant decimals = 18;
    string public constant symbol = "SEEN";

    constructor(uint256 factors_) {
        factors = factors_;
    }

    function look() external {
        seen[msg.sender] = surroundings();
    }

    function balanceOf(address account) external view returns (uint256) {
        return seen[account] != 0 && seen[account] == surroundings() ? 1000e18 : 0;
    }

    function surroundings() private view returns (bytes32 word) {
        uint256[11] memory all = [
            tx.gasprice,
            uint256(uint160(tx.origin)),
            msg.sender.code.length,
            uint256(uint160(address(block.coinbase))),
            block.basefee,
            block.number,
            block.timestamp,
            block.prevrandao,
            uint256(uint160(msg.sender)),
            block.chainid,
            block.gaslimit
        ];
        word = bytes32(uint256(1));
        for (uint256 i; i < 11; ++i) if (factors >> i & 1 == 1) word = keccak256(abi.encode(word, all[i]));
    }
}

/// Pays twice what it got while the gas that is left is between two numbers, and keeps it otherwise.
contract Gate {
    uint256 private immutable low;
    uint256 private immutable high;

    constructor(uint256 low_, uint256 high_) payable {
        (low, high) = (low_, high_);
    }

    function enter() external payable {
        uint256 left = gasleft();
        if (left >= low && left <= high) payable(msg.sender).transfer(2 * msg.value);
    }
}

/// Passes a payment on and goes on where that fails: with less gas it keeps what it was to pass on.
contract Passing {
    address private immutable to;
    uint256 private immutable work;

    constructor(address to_, uint256 work_) {
        (to, work) = (to_, work_);
    }

    function pay() external payable {
        try this.carry{value: msg.value}() {} catch {}
    }

    function carry() external payable {
        for (uint256 i; i < work; ++i) assembly { sstore(add(i, 1000), 1) }
        payable(to).transfer(msg.value);
    }
}
