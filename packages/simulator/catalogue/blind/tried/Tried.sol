// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);

    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// Ether for one person, whose name is in the code; nothing is written down.
contract OwnPurse {
    address internal immutable person;

    constructor(address person_) {
        person = person_;
    }

    function fill() external payable {}

    function withdraw(uint256 amount) external {
        require(msg.sender == person, "person");
        payable(person).transfer(amount);
    }
}

/// The same, and a keeper may take it as well.
contract SharedPurse {
    address internal immutable person;
    address internal immutable keeper;

    constructor(address person_, address keeper_) {
        (person, keeper) = (person_, keeper_);
    }

    function fill() external payable {}

    function withdraw(uint256 amount) external {
        require(msg.sender == person, "person");
        payable(person).transfer(amount);
    }

    function tidy() external {
        require(msg.sender == keeper, "keeper");
        payable(keeper).transfer(address(this).balance);
    }
}

/// Keeps dollars for people, each of whom may name a ward under a hashed key. What the ward may do differs.
abstract contract Wards {
    IToken internal immutable token;
    mapping(address => uint256) internal held;
    mapping(bytes32 => address) internal ward;

    constructor(IToken token_) {
        token = token_;
    }

    function put(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        held[msg.sender] += amount;
    }

    function take(uint256 amount) external {
        held[msg.sender] -= amount;
        token.transfer(msg.sender, amount);
    }

    function care(address who) external {
        ward[keccak256(abi.encode("ward", msg.sender))] = who;
    }

    modifier onlyWard(address person) {
        require(ward[keccak256(abi.encode("ward", person))] == msg.sender, "ward");
        _;
    }
}

/// A ward greets, and that is all.
contract GreetingWards is Wards {
    uint256 internal greetings;

    constructor(IToken token_) Wards(token_) {}

    function greet(address person) external onlyWard(person) {
        greetings += 1;
    }
}

/// A ward takes.
contract TakingWards is Wards {
    constructor(IToken token_) Wards(token_) {}

    function move(address person, address to, uint256 amount) external onlyWard(person) {
        held[person] -= amount;
        token.transfer(to, amount);
    }
}

/// A ward takes with a word that nobody guesses.
contract WordWards is Wards {
    constructor(IToken token_) Wards(token_) {}

    function move(address person, bytes32 word, uint256 amount) external onlyWard(person) {
        require(keccak256(abi.encode(word)) == 0x5c9a1c1f0b3d2e4f60718293a4b5c6d7e8f90123456789abcdef0123456789ab, "word");
        held[person] -= amount;
        token.transfer(msg.sender, amount);
    }
}

/// A ward takes after a year.
contract LateWards is Wards {
    uint256 internal immutable start = block.timestamp;

    constructor(IToken token_) Wards(token_) {}

    function move(address person, uint256 amount) external onlyWard(person) {
        require(block.timestamp > start + 365 days, "early");
        held[person] -= amount;
        token.transfer(msg.sender, amount);
    }
}

/// Where the vault's ether works, and whence it comes back.
contract Work {
    address internal immutable vault = msg.sender;

    receive() external payable {}

    function back(uint256 amount) external {
        require(msg.sender == vault, "vault");
        payable(vault).transfer(amount);
    }
}

/// A vault that anybody may tell to put its ether to work, as vaults with strategies have it: nobody gains by telling it.
contract WorkingVault {
    Work internal immutable work = new Work();
    mapping(address => uint256) public sharesOf;

    receive() external payable {}

    function deposit() external payable {
        sharesOf[msg.sender] += msg.value;
    }

    function earn() external {
        payable(address(work)).transfer(address(this).balance);
    }

    function withdraw(uint256 amount) external {
        sharesOf[msg.sender] -= amount;
        if (address(this).balance < amount) work.back(amount - address(this).balance);
        payable(msg.sender).transfer(amount);
    }
}

/// The same, and whoever tells it is who it pays.
contract GenerousVault {
    mapping(address => uint256) public sharesOf;

    function deposit() external payable {
        sharesOf[msg.sender] += msg.value;
    }

    function earn() external {
        payable(msg.sender).transfer(address(this).balance);
    }

    function withdraw(uint256 amount) external {
        sharesOf[msg.sender] -= amount;
        payable(msg.sender).transfer(amount);
    }
}
