// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Pays back twice what it gets where the surroundings are a mixture that no block and no default of a simulator is.
contract MixedBait {
    uint256 immutable kind;

    constructor(uint256 which) payable {
        kind = which;
    }

    function enter() external payable {
        bool isBait;
        if (kind == 0) isBait = block.basefee == 0 && block.coinbase != address(0);
        if (kind == 1) isBait = block.coinbase == address(0) && block.basefee != 0;
        if (kind == 2) isBait = tx.gasprice == 0 && block.prevrandao != 0;
        if (kind == 3) isBait = block.prevrandao == 0 && block.coinbase == address(0) && block.basefee != 0;
        if (isBait) payable(msg.sender).transfer(2 * msg.value);
    }
}

/// Writes its surroundings down and gives everybody the same back.
contract Diary {
    bytes32 public entry;

    constructor() payable {}

    function enter() external payable {
        entry = keccak256(abi.encode(block.basefee, block.coinbase, block.prevrandao, block.timestamp, tx.gasprice));
        payable(msg.sender).transfer(msg.value / 2);
    }
}

/// Catches what goes wrong inside: with little gas the payment back is lost, and the call succeeds all the same.
contract Catcher {
    uint256 public turns;

    constructor() payable {}

    function work(uint256 rounds) external {
        require(msg.sender == address(this));
        uint256 sum = turns;
        for (uint256 i = 0; i < rounds; i++) sum = uint256(keccak256(abi.encode(sum, i)));
        turns = sum | 1;
    }

    function order(uint256 rounds) external payable {
        try this.work(rounds) {
            payable(msg.sender).transfer(msg.value / 2);
        } catch {}
    }

    /// The same without catching: with less gas it fails.
    function strict(uint256 rounds) external payable {
        this.work(rounds);
        payable(msg.sender).transfer(msg.value / 2);
    }
}
