// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Contracts of npm packages, made concrete with as little as they need.

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {ERC20Wrapper} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Wrapper.sol";
import {ERC1363} from "@openzeppelin/contracts/token/ERC20/extensions/ERC1363.sol";
import {IERC1363Receiver} from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorVotes, IVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {Ownable} from "solady/src/auth/Ownable.sol";
import {ERC6551} from "solady/src/accounts/ERC6551.sol";
import {LibERC6551} from "solady/src/accounts/LibERC6551.sol";
import {Staking20Base} from "@thirdweb-dev/contracts/base/Staking20Base.sol";

contract VoteCoin is ERC20, ERC20Permit, ERC20Votes {
    constructor(address to) ERC20("Vote Coin", "VOTE") ERC20Permit("Vote Coin") {
        _mint(to, 1_000_000 ether);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }
}

contract Council is Governor, GovernorCountingSimple, GovernorVotes {
    constructor(IVotes token) Governor("Council") GovernorVotes(token) {}

    function votingDelay() public pure override returns (uint256) {
        return 1;
    }

    function votingPeriod() public pure override returns (uint256) {
        return 20;
    }

    function quorum(uint256) public pure override returns (uint256) {
        return 100_000 ether;
    }
}

contract WrappedDollar is ERC20Wrapper {
    constructor(IERC20 coin) ERC20("Wrapped Dollar", "wUSD") ERC20Wrapper(coin) {}

    function decimals() public pure override returns (uint8) {
        return 6;
    }
}

contract ShopCoin is ERC1363 {
    constructor(address to) ERC20("Shop Coin", "SHOP") {
        _mint(to, 10_000 ether);
    }
}

/// Sells tickets for shop coins.
contract TicketDesk is IERC1363Receiver {
    IERC20 immutable coin;
    address immutable desk;
    mapping(address => uint256) public tickets;

    constructor(IERC20 coin_, address desk_) {
        (coin, desk) = (coin_, desk_);
    }

    function onTransferReceived(address, address from, uint256 value, bytes calldata) external returns (bytes4) {
        require(msg.sender == address(coin), "coin");
        tickets[from] += value / 10 ether;
        coin.transfer(desk, value);
        return this.onTransferReceived.selector;
    }
}

/// A box of dollars that its owner upgrades.
contract PartnerBox is UUPSUpgradeable {
    address public owner;
    address public partner;

    function start(address owner_, address partner_) external {
        require(owner == address(0), "started");
        (owner, partner) = (owner_, partner_);
    }

    function withdraw(IERC20 coin, uint256 amount) external {
        require(msg.sender == owner, "owner");
        coin.transfer(owner, amount);
    }

    function _authorizeUpgrade(address) internal view override {
        require(msg.sender == owner, "owner");
    }
}

/// The box with a count of withdrawals.
contract PartnerBoxCounted is UUPSUpgradeable {
    uint64 public count;
    uint64 public lastAt;
    uint128 public lastAmount;
    address public owner;
    address public partner;

    function withdraw(IERC20 coin, uint256 amount) external {
        require(msg.sender == owner, "owner");
        (count, lastAt, lastAmount) = (count + 1, uint64(block.timestamp), uint128(amount));
        coin.transfer(owner, amount);
    }

    function _authorizeUpgrade(address) internal view override {
        require(msg.sender == owner, "owner");
    }
}

/// The box with a count of withdrawals behind what it had.
contract PartnerBoxTallied is UUPSUpgradeable {
    address public owner;
    address public partner;
    uint64 public count;

    function withdraw(IERC20 coin, uint256 amount) external {
        require(msg.sender == owner, "owner");
        count++;
        coin.transfer(owner, amount);
    }

    function _authorizeUpgrade(address) internal view override {
        require(msg.sender == owner, "owner");
    }
}

contract BoxProxy is ERC1967Proxy {
    constructor(address code, bytes memory start) ERC1967Proxy(code, start) {}
}

/// A till that only its owner opens.
contract OwnedTill is Ownable {
    constructor(address owner_) {
        _initializeOwner(owner_);
    }

    function payOut(IERC20 coin, address to, uint256 amount) external onlyOwner {
        coin.transfer(to, amount);
    }
}

/// The account of a piece: who owns the piece acts for it.
contract PieceAccount is ERC6551 {
    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("PieceAccount", "1");
    }
}

contract PieceAccounts {
    address immutable code;

    constructor() {
        code = address(new PieceAccount());
    }

    function open(address collection, uint256 id) external returns (address made) {
        bytes memory creation = LibERC6551.initCode(code, 0, block.chainid, collection, id);
        assembly {
            made := create2(0, add(creation, 32), mload(creation), 0)
        }
    }
}

contract DollarStaking is Staking20Base {
    constructor(address owner, address coin, address reward, address wrapped)
        Staking20Base(1 days, owner, 1, 100, coin, reward, wrapped)
    {}
}
