// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Token} from "./Fixtures.sol";

/// Pays twice what was sent, unless its stored switch is off and the sum is worth taking.
contract LargeSwitch {
    uint256 public open = 1;

    function buy() external payable {
        bool isKept = open == 0 && msg.value >= 1e12;
        (bool ok,) = msg.sender.call{value: isKept ? 1 : 2 * msg.value}("");
        require(ok);
    }

    receive() external payable {}
}

/// A token that can only be taken while a slot is set that its approval never reads.
contract LateToken is Token {
    uint256 public isOpen = 1;

    function transferFrom(address from, address to, uint256 value) external override returns (bool) {
        require(isOpen == 1, "closed");
        require(allowance[from][msg.sender] >= value, "allowance");
        allowance[from][msg.sender] -= value;
        _move(from, to, value);
        emit Transfer(from, to, value);
        return true;
    }
}

/// Does more or less by how much gas it is given, so that several limits fit what is used at them.
contract GasChooser {
    mapping(uint256 => uint256) public notes;
    uint256 public count;

    function claim(uint256 amount) external {
        uint256 rounds = gasleft() > 1_000_000 ? 1 : gasleft() > 60_000 ? 2 : 1;
        if (amount > 1e9) rounds += 3;
        for (uint256 i = 0; i < rounds; i++) notes[count + i + 1] = amount;
    }
}

/// A token that changes its own name in one transaction, which others only simulate.
contract RenamingToken is Token {
    function rename(string calldata to, address receiver, uint256 value) external {
        if (value > 1e9) symbol = to;
        _move(msg.sender, receiver, value);
        emit Transfer(msg.sender, receiver, value);
    }
}

/// Writes to a slot that the caller names, or to the one of a mapping: one hashes the key, the other does not.
contract SlotWriter {
    mapping(address => mapping(address => uint256)) public grants;

    function grant(address from, address to, uint256 value) external {
        grants[from][to] = value;
    }

    function put(uint256 slot, uint256 value) external {
        assembly {
            sstore(slot, value)
        }
    }
}

/// Reads other opcodes for other amounts, in a run of the same shape.
contract AmountReader {
    uint256 public last;

    function play(uint256 amount) external {
        last = amount > 1e9 ? block.prevrandao % 7 + 1 : block.timestamp % 7 + 1;
    }
}
