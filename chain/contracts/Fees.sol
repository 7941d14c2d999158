// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Wants gas to be left that it does not use, as relayers and Safes do before an inner call.
contract GasWanter {
    mapping(address => uint256) public paid;

    function pay(address to, uint256 wanted) external {
        require(gasleft() >= wanted, "not enough gas left");
        paid[to] += 1;
    }
}
