// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// OpenZeppelin's contracts, made concrete with as little as they need.

import "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import "@openzeppelin/contracts/token/ERC721/extensions/ERC721Royalty.sol";
import "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import "@openzeppelin/contracts/access/Ownable2Step.sol";
import "@openzeppelin/contracts/governance/Governor.sol";
import "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";

contract Ballot is ERC20, ERC20Permit, ERC20Votes {
    constructor(address to) ERC20("Ballot", "BLT") ERC20Permit("Ballot") {
        _mint(to, 100_000e18);
    }

    function _afterTokenTransfer(address from, address to, uint256 amount) internal override(ERC20, ERC20Votes) {
        super._afterTokenTransfer(from, to, amount);
    }

    function _mint(address to, uint256 amount) internal override(ERC20, ERC20Votes) {
        super._mint(to, amount);
    }

    function _burn(address from, uint256 amount) internal override(ERC20, ERC20Votes) {
        super._burn(from, amount);
    }
}

contract Council is Governor, GovernorCountingSimple, GovernorVotes {
    constructor(IVotes token_) Governor("Council") GovernorVotes(token_) {}

    function votingDelay() public pure override returns (uint256) {
        return 1;
    }

    function votingPeriod() public pure override returns (uint256) {
        return 50_400;
    }

    function quorum(uint256) public pure override returns (uint256) {
        return 1_000e18;
    }
}

contract Vault is ERC4626 {
    constructor(IERC20 asset_) ERC20("Vault Share", "vSHR") ERC4626(asset_) {}
}

contract Art is ERC721Royalty {
    constructor(address to, address maker) ERC721("Art", "ART") {
        _setDefaultRoyalty(maker, 500);
        for (uint256 i = 1; i <= 3; i++) _mint(to, i);
    }
}

contract Smithy is ERC1155 {
    constructor(address to) ERC1155("") {
        _mint(to, 7, 9, "");
    }

    function forge(uint256 id, bytes32 seal) external {
        _burn(msg.sender, id, 3);
        _mint(address(uint160(uint256(seal))), id + 100, 1, "");
    }
}

contract Chip is ERC20, ERC2771Context {
    mapping(address => bool) claimed;

    constructor(address forwarder, address to) ERC20("Chip", "CHIP") ERC2771Context(forwarder) {
        _mint(to, 5_000e18);
    }

    function claim() external {
        require(!claimed[_msgSender()], "once");
        claimed[_msgSender()] = true;
        _mint(_msgSender(), 25e18);
    }

    function _msgSender() internal view override(Context, ERC2771Context) returns (address) {
        return ERC2771Context._msgSender();
    }

    function _msgData() internal view override(Context, ERC2771Context) returns (bytes calldata) {
        return ERC2771Context._msgData();
    }

    function _contextSuffixLength() internal view override(Context, ERC2771Context) returns (uint256) {
        return ERC2771Context._contextSuffixLength();
    }
}

/// A safe deposit that somebody's proxy stands before.
contract BoxOne {
    mapping(address => uint256) public held;
    uint256 public version;

    function put() external payable {
        held[msg.sender] += msg.value;
    }

    function take(uint256 amount) external virtual {
        held[msg.sender] -= amount;
        payable(msg.sender).transfer(amount);
    }

    function migrate() external virtual {
        version = 2;
    }
}

contract BoxTwo is BoxOne {
    function takeAll() external {
        uint256 amount = held[msg.sender];
        held[msg.sender] = 0;
        payable(msg.sender).transfer(amount);
    }
}

contract BoxThree is BoxOne {
    address immutable keeper;

    constructor(address keeper_) {
        keeper = keeper_;
    }

    function settle() external {
        require(msg.sender == keeper, "keeper");
        payable(keeper).transfer(address(this).balance);
    }
}

/// Royalties that its owner draws.
contract Royalties is Ownable2Step {
    uint16 public partBps;

    constructor(address owner_) payable {
        _transferOwnership(owner_);
    }

    function configure(bytes calldata settings) external onlyOwner {
        (uint16 part, address next) = abi.decode(settings, (uint16, address));
        partBps = part;
        if (next != address(0)) transferOwnership(next);
    }

    function draw() external onlyOwner {
        payable(owner()).transfer(address(this).balance);
    }
}
