// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// Answers any call data with what was set for it, and reverts on the rest: what a bound reads, made up for a test.
contract Readings {
    mapping(bytes32 => bytes) private answers;
    mapping(bytes32 => bool) private isSet;

    function set(bytes calldata question, bytes calldata answer) external {
        answers[keccak256(question)] = answer;
        isSet[keccak256(question)] = true;
    }

    function unset(bytes calldata question) external {
        isSet[keccak256(question)] = false;
    }

    fallback() external {
        require(isSet[keccak256(msg.data)], "no reading");
        bytes memory answer = answers[keccak256(msg.data)];
        assembly {
            return(add(answer, 32), mload(answer))
        }
    }
}

/// A batch account with code that EIP-7702 can point at: ERC-7821 mode 0x01… (all or nothing), and the try mode of ERC-7579
/// (0x0101…), in which a call that fails does not stop the batch.
contract BatchAccount {
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    function execute(bytes32 mode, bytes calldata executionData) external payable {
        require(msg.sender == address(this), "only the account itself");
        require(mode[0] == 0x01 && (mode[1] == 0x00 || mode[1] == 0x01), "mode");
        Call[] memory calls = abi.decode(executionData, (Call[]));
        for (uint256 i = 0; i < calls.length; i++) {
            (bool ok, bytes memory answer) = calls[i].to.call{value: calls[i].value}(calls[i].data);
            if (!ok && mode[1] == 0x00) {
                assembly {
                    revert(add(answer, 32), mload(answer))
                }
            }
        }
    }

    function supportsExecutionMode(bytes32 mode) external pure returns (bool) {
        return mode[0] == 0x01 && (mode[1] == 0x00 || mode[1] == 0x01);
    }

    function onERC721Received(address, address, uint256, bytes calldata) external pure returns (bytes4) {
        return this.onERC721Received.selector;
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external pure returns (bytes4) {
        return this.onERC1155Received.selector;
    }

    receive() external payable {}
}

/// Pays a deposit back in a later transaction only: one call after another gets it, a batch does not.
contract LaterTransaction {
    uint256 private transient isNew;

    function deposit() external payable {
        isNew = 1;
    }

    function withdraw() external {
        if (isNew == 0) {
            (bool ok,) = msg.sender.call{value: address(this).balance}("");
            require(ok);
        }
    }
}
