// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// Keeps ether for people. What they prefer decides whether the keeper may pay it out to somebody else.
contract Preferences {
    mapping(address => uint256) internal deposits;
    mapping(address => uint256) internal preferences;
    mapping(address => mapping(address => uint256)) internal locks;
    mapping(address => uint256) internal seen;
    address internal immutable keeper = msg.sender;

    function deposit() external payable {
        deposits[msg.sender] += msg.value;
    }

    function withdraw() external {
        pay(msg.sender, payable(msg.sender));
    }

    /// Locks the account against a helper: nothing is allowed yet.
    function protect(address owner, address helper) external {
        require(msg.sender == keeper);
        locks[owner][helper] = 5;
    }

    function prefer(uint256 bits) external {
        preferences[msg.sender] = bits;
    }

    function preferForACoin(uint256 bits) external {
        preferences[msg.sender] = bits;
        payable(msg.sender).transfer(1);
    }

    function preferForAFee(uint256 bits) external payable {
        preferences[msg.sender] = bits;
    }

    function preferAndRound(uint256 bits) external {
        preferences[msg.sender] = bits;
        deposits[msg.sender] -= 1;
    }

    function preferNow() external {
        preferences[msg.sender] = block.timestamp;
    }

    function unlock(address helper) external {
        delete locks[msg.sender][helper];
    }

    function lower(address helper) external {
        locks[msg.sender][helper] = 4;
    }

    function settle(address owner, address payable to) external {
        require(msg.sender == keeper && preferences[owner] != 0);
        pay(owner, to);
    }

    function pay(address owner, address payable to) private {
        uint256 value = deposits[owner];
        deposits[owner] = 0;
        (bool ok,) = to.call{value: value}("");
        require(ok);
    }
}

/// The same, with a power that a caller names.
contract Helpers is Preferences {
    mapping(address => mapping(address => uint8)) private levels;

    function help(address helper, uint8 level) external {
        levels[msg.sender][helper] = level;
    }

    function take(address owner) external {
        require(levels[owner][msg.sender] != 0);
        uint256 value = deposits[owner];
        deposits[owner] = 0;
        payable(msg.sender).transfer(value);
    }
}

/// Nine registers of no value, and the one that counts.
contract Register {
    mapping(address => uint256) private notes;

    function note(address who, uint256 bits) external {
        notes[who] = bits;
    }
}

contract Crowd {
    Register[] private registers;
    Preferences private immutable last;
    mapping(address => uint256) private bitsOf;

    constructor(Preferences to, uint256 count) {
        last = to;
        for (uint256 i; i < count; i++) registers.push(new Register());
    }

    function all(uint256 bits) external {
        for (uint256 i; i < registers.length; i++) registers[i].note(msg.sender, bits);
    }
}

/// Keeps tokens whose contract stands in a variable, as that can be set later.
contract LateVault {
    IToken private token;
    mapping(address => uint256) private deposits;
    mapping(address => uint256) private preferences;
    address private immutable keeper = msg.sender;

    constructor(IToken which) {
        token = which;
    }

    function deposit(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        deposits[msg.sender] += amount;
    }

    function withdraw() external {
        uint256 amount = deposits[msg.sender];
        deposits[msg.sender] = 0;
        token.transfer(msg.sender, amount);
    }

    function prefer(uint256 bits) external {
        require(address(token) != address(0));
        preferences[msg.sender] = bits;
    }

    function settle(address owner, address to) external {
        require(msg.sender == keeper && preferences[owner] != 0);
        uint256 amount = deposits[owner];
        deposits[owner] = 0;
        token.transfer(to, amount);
    }
}

/// Keeps nothing itself: what it gets works in a strategy.
contract Strategy {
    address private immutable vault = msg.sender;

    receive() external payable {}

    function pay(address payable to, uint256 value) external {
        require(msg.sender == vault);
        to.transfer(value);
    }
}

contract FrontVault {
    Strategy private immutable strategy = new Strategy();
    mapping(address => uint256) private deposits;
    mapping(address => uint256) private preferences;
    address private immutable keeper = msg.sender;

    function deposit() external payable {
        deposits[msg.sender] += msg.value;
        payable(address(strategy)).call{value: msg.value}("");
    }

    function withdraw() external {
        uint256 value = deposits[msg.sender];
        deposits[msg.sender] = 0;
        strategy.pay(payable(msg.sender), value);
    }

    function prefer(uint256 bits) external {
        preferences[msg.sender] = bits;
    }

    function settle(address owner, address payable to) external {
        require(msg.sender == keeper && preferences[owner] != 0);
        uint256 value = deposits[owner];
        deposits[owner] = 0;
        strategy.pay(to, value);
    }
}

/// Pays back for a while.
contract ClosingBox {
    mapping(address => uint256) private deposits;
    uint256 private immutable openFor;
    uint256 private immutable start = block.timestamp;
    address private immutable keeper = msg.sender;

    constructor(uint256 seconds_) {
        openFor = seconds_;
    }

    function deposit() external payable {
        deposits[msg.sender] += msg.value;
    }

    function withdraw() external {
        require(block.timestamp < start + openFor);
        uint256 value = deposits[msg.sender];
        deposits[msg.sender] = 0;
        payable(msg.sender).transfer(value);
    }

    function sweep() external {
        require(msg.sender == keeper && block.timestamp >= start + openFor);
        payable(keeper).transfer(address(this).balance);
    }
}

/// A balance that is whole for a day and gone after it.
contract DayToken {
    string public constant symbol = "DAY";
    uint8 public constant decimals = 18;
    uint256 private immutable start = block.timestamp;
    mapping(address => uint256) private held;

    event Transfer(address indexed from, address indexed to, uint256 value);

    function balanceOf(address account) public view returns (uint256) {
        return block.timestamp < start + 1 days ? held[account] : 0;
    }

    function buy() external payable {
        held[msg.sender] += msg.value;
        emit Transfer(address(0), msg.sender, msg.value);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        held[msg.sender] -= amount;
        held[to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }
}

/// Eight flags that decide nothing stand before the one that does.
contract ManyFlags {
    mapping(uint256 => uint256) private unused;
    bool private a = true;
    uint256 private b = 1;
    uint256 private c = 1;
    uint256 private d = 1;
    uint256 private e = 1;
    uint256 private f = 1;
    uint256 private g = 1;
    uint256 private isOpen = 1;
    address private immutable owner = msg.sender;

    constructor() payable {}

    function buy() external payable {
        uint256 all = (a ? 1 : 0) + b + c + d + e + f + g;
        require(all < 100);
        payable(msg.sender).transfer(isOpen == 1 ? msg.value - 1 : 1);
    }

    function turn(uint256 to) external {
        require(msg.sender == owner);
        isOpen = to;
    }
}

/// A set of members that can be listed, as OpenZeppelin's EnumerableSet, and what each may do.
contract Members {
    struct Member {
        address who;
        uint96 level;
        uint256 credit;
    }
    Member[] private members;
    mapping(address => uint256) private placeOf;

    function join() external payable {
        put(msg.sender, 1).credit += msg.value;
    }

    function found() external {
        require(members.length == 0);
        put(msg.sender, 3);
    }

    function appoint(address who, uint96 level) external {
        require(members[placeOf[msg.sender] - 1].level == 3);
        put(who, level);
    }

    function leave() external {
        Member storage own = members[placeOf[msg.sender] - 1];
        uint256 value = own.credit;
        own.credit = 0;
        payable(msg.sender).transfer(value);
    }

    function tidy() external {
        members[placeOf[msg.sender] - 1].credit /= 2;
    }

    function gift(address who) external payable {
        put(who, 1).credit += msg.value;
    }

    function put(address who, uint96 level) private returns (Member storage) {
        if (placeOf[who] == 0) {
            members.push(Member(who, level, 0));
            placeOf[who] = members.length;
        }
        return members[placeOf[who] - 1];
    }
}

/// Notes that decide nothing: it keeps nothing and can take nothing.
contract Guestbook {
    mapping(address => bytes32) private mottos;
    mapping(address => uint256) private colours;

    function sign(bytes32 motto, uint256 colour) external {
        mottos[msg.sender] = motto;
        colours[msg.sender] = colour;
    }
}
