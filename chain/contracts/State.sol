// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// Stands in for the OP Stack's GasPriceOracle at its fixed address: 16 wei times the L1 price a byte.
contract GasPriceOracleFixture {
    function getL1Fee(bytes memory data) external pure returns (uint256) {
        return data.length * 16 * 7;
    }
}

/// Leaves in the transaction that made it: pays out what it holds, and no account stays.
contract Leaver {
    constructor(address payable to) payable {
        assembly {
            sstore(1, 1)
        }
        selfdestruct(to);
    }
}

/// Writes, clears and makes contracts, so that a cache has something to miss.
contract Churn {
    mapping(uint256 => uint256) public values;

    function write(uint256 key, uint256 value) external payable {
        values[key] = value;
    }

    function leave(address payable to) external payable {
        new Leaver{value: msg.value}(to);
    }

    function pay(address payable to, uint256 value) external {
        to.transfer(value);
    }

    receive() external payable {}
}
