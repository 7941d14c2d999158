// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import "./Lanes.sol";

// Where honest journeys happen, and two attacks on what is upgraded.

/// A treasury of facets: who owns it says which facet answers which selector.
contract Facets {
    error NotOwner();
    error NoFacet(bytes4 selector);

    struct Main {
        address owner;
        mapping(bytes4 => address) facetOf;
    }

    constructor(address owner_) {
        _main().owner = owner_;
    }

    function _main() private pure returns (Main storage m) {
        assembly {
            m.slot := 0x2f3b1d2ce6ab3f1d1a8d9a44f1e64a5c06e0a06ae8dd7bba6b3d40a9e5d1ee00
        }
    }

    function cut(bytes4[] calldata selectors, address facet) external {
        Main storage m = _main();
        if (msg.sender != m.owner) revert NotOwner();
        for (uint256 i; i < selectors.length; i++) m.facetOf[selectors[i]] = facet;
    }

    function withdraw(Coin coin, uint256 amount) external {
        if (msg.sender != _main().owner) revert NotOwner();
        coin.transfer(msg.sender, amount);
    }

    fallback() external payable {
        address facet = _main().facetOf[msg.sig];
        if (facet == address(0)) revert NoFacet(msg.sig);
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), facet, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            switch ok
            case 0 { revert(0, returndatasize()) }
            default { return(0, returndatasize()) }
        }
    }
}

contract Reports {
    function report(Coin coin) external view returns (uint256) {
        return coin.balanceOf(address(this));
    }
}

/// Reports as well, and closes the books.
contract ReportsTwo {
    address immutable keeper;

    constructor(address keeper_) {
        keeper = keeper_;
    }

    function report(Coin coin) external view returns (uint256) {
        return coin.balanceOf(address(this));
    }

    function close(Coin coin) external {
        coin.transfer(keeper, coin.balanceOf(address(this)));
    }
}

/// The account's next version: it starts again.
contract AccountNext {
    address public owner;
    bool private isStarted;

    function proxiableUUID() external pure returns (bytes32) {
        return 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;
    }

    function initialize(address owner_) external {
        require(!isStarted, "started");
        isStarted = true;
        owner = owner_;
    }

    function spending() external pure returns (uint256) {
        return 0;
    }

    function execute(address to, uint256 value, bytes calldata data) external {
        require(msg.sender == owner, "owner");
        (bool ok,) = to.call{value: value}(data);
        require(ok, "call");
    }

    receive() external payable {}
}

/// A job paid in parts. Each job is one word: client, amount of a part, parts left.
contract Milestones {
    Coin immutable coin;
    uint256[] jobs;
    address[] workers;

    constructor(Coin coin_) {
        coin = coin_;
    }

    function open(address worker, uint64 part, uint32 parts) external {
        jobs.push(uint256(uint160(msg.sender)) | (uint256(part) << 160) | (uint256(parts) << 224));
        workers.push(worker);
        coin.transferFrom(msg.sender, address(this), uint256(part) * parts);
    }

    function release(uint256 id) external {
        uint256 job = jobs[id];
        require(address(uint160(job)) == msg.sender && job >> 224 > 0);
        jobs[id] = job - (1 << 224);
        coin.transfer(workers[id], uint64(job >> 160));
    }

    function end(uint256 id) external {
        uint256 job = jobs[id];
        require(workers[id] == msg.sender);
        jobs[id] = uint224(job);
        coin.transfer(address(uint160(job)), uint256(uint64(job >> 160)) * (job >> 224));
    }
}

/// Grams of gold in a store. The store pays dollars for them, at a price that an office sets.
contract Gold {
    error Worse(uint256 got);

    event Transfer(address indexed from, address indexed to, uint256 amount);

    string public constant name = "Gold Gram";
    string public constant symbol = "GG";
    uint8 public constant decimals = 3;
    Coin immutable coin;
    address immutable office;
    uint256 public perGram = 62_500_000;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;

    constructor(Coin coin_, address office_) {
        (coin, office) = (coin_, office_);
    }

    function issue(address to, uint256 amount) external {
        require(msg.sender == office);
        balanceOf[to] += amount;
        totalSupply += amount;
        emit Transfer(address(0), to, amount);
    }

    function redeem(uint256 amount, uint256 least) external {
        balanceOf[msg.sender] -= amount;
        totalSupply -= amount;
        emit Transfer(msg.sender, address(0), amount);
        uint256 got = (amount * perGram * 995) / 1e6;
        if (got < least) revert Worse(got);
        coin.transfer(msg.sender, got);
    }
}

/// A purse of one owner, made as a small proxy.
contract Purse {
    address public owner;

    function start(address owner_) external {
        require(owner == address(0));
        owner = owner_;
    }

    function run(address to, uint256 value, bytes calldata data) external returns (bytes memory) {
        require(msg.sender == owner);
        (bool ok, bytes memory answer) = to.call{value: value}(data);
        require(ok);
        return answer;
    }

    function onERC721Received(address, address, uint256, bytes calldata) external pure returns (bytes4) {
        return this.onERC721Received.selector;
    }

    receive() external payable {}
}

contract PurseMaker {
    address immutable code;

    constructor() {
        code = address(new Purse());
    }

    function purseOf(address owner) public view returns (address) {
        bytes32 hash = keccak256(
            abi.encodePacked(bytes1(0xff), address(this), bytes32(uint256(uint160(owner))), keccak256(_creation()))
        );
        return address(uint160(uint256(hash)));
    }

    function _creation() private view returns (bytes memory) {
        return abi.encodePacked(
            hex"3d602d80600a3d3981f3363d3d373d3d3d363d73", code, hex"5af43d82803e903d91602b57fd5bf3"
        );
    }

    function open() external returns (address made) {
        bytes memory creation = _creation();
        bytes32 salt = bytes32(uint256(uint160(msg.sender)));
        assembly {
            made := create2(0, add(creation, 32), mload(creation), salt)
        }
        Purse(payable(made)).start(msg.sender);
    }
}

/// Chests that keys open. What is in one is decided by the block.
contract Chests {
    mapping(address => uint256) public keys;
    mapping(address => mapping(uint256 => uint256)) public things;

    function give(address to, uint256 count) external {
        keys[to] += count;
    }

    function open(uint256 count) external {
        keys[msg.sender] -= count;
        for (uint256 i; i < count; i++)
            things[msg.sender][uint256(keccak256(abi.encode(block.prevrandao, blockhash(block.number - 1), i))) % 3]++;
    }
}

/// Covers deposits: a premium now, and the sum if the office says that the house broke.
contract Cover {
    struct Policy {
        address holder;
        uint64 sum;
        uint32 until;
    }

    Coin immutable coin;
    address immutable office;
    uint256 public brokeAt;
    Policy[] public policies;

    constructor(Coin coin_, address office_) {
        (coin, office) = (coin_, office_);
    }

    function buy(uint64 sum, uint32 days_, uint256 mostPremium) external returns (uint256) {
        uint256 premium = (uint256(sum) * days_) / 4500;
        require(premium <= mostPremium, "premium");
        coin.transferFrom(msg.sender, address(this), premium);
        policies.push(Policy(msg.sender, sum, uint32(block.timestamp + uint256(days_) * 1 days)));
        return policies.length - 1;
    }

    function broke() external {
        require(msg.sender == office, "office");
        brokeAt = block.timestamp;
    }

    function claim(uint256 id) external {
        Policy memory p = policies[id];
        require(p.holder == msg.sender && brokeAt != 0 && brokeAt <= p.until, "claim");
        delete policies[id];
        coin.transfer(msg.sender, p.sum);
    }
}
