// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Makes every call and goes on, whatever becomes of each.
contract TryBatch {
    struct Item {
        address target;
        uint256 value;
        bytes data;
    }

    function run(Item[] calldata items) external payable {
        for (uint256 i = 0; i < items.length; i++) {
            (bool ok, ) = items[i].target.call{value: items[i].value}(items[i].data);
            ok;
        }
    }
}

/// One of several places to go to: a dry one refuses, and a router tries the next.
contract Pool {
    bool immutable isDry;
    uint256 public used;

    constructor(bool dry) {
        isDry = dry;
    }

    function swapOnce(address) external payable {
        require(!isDry, "no depth");
        used += 1;
    }
}

/// Takes value, keeps it and gives nothing for it.
contract Keeper {
    uint256 public total;
    mapping(address => uint256) public credit;

    function claim() external payable {
        total += msg.value;
    }

    function deposit() external payable {
        credit[msg.sender] += msg.value;
    }
}
