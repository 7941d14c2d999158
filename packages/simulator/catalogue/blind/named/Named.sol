// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface Pieces {
    function ownerOf(uint256 id) external view returns (address);
    function transferFrom(address from, address to, uint256 id) external;
}

interface Coin {
    function transfer(address to, uint256 amount) external returns (bool);
}

/// Pieces for sale, by collection and number. The seller says who is paid.
contract Shelf {
    struct Sale {
        address seller;
        uint96 price;
        address payee;
    }

    mapping(Pieces => mapping(uint256 => Sale)) private sales;

    function sell(Pieces pieces, uint256 id, uint96 price, address payee) external {
        require(pieces.ownerOf(id) == msg.sender, "owner");
        sales[pieces][id] = Sale(msg.sender, price, payee);
    }

    function buy(Pieces pieces, uint256 id) external payable {
        Sale memory sale = sales[pieces][id];
        require(msg.value == sale.price && sale.price > 0, "price");
        delete sales[pieces][id];
        pieces.transferFrom(sale.seller, msg.sender, id);
        payable(sale.payee).transfer(msg.value);
    }
}

/// The same for one collection: who is paid and the price share a word, and whose the piece is only the collection knows.
contract Rack {
    Pieces immutable pieces;
    mapping(uint256 => uint256) private lots;

    constructor(Pieces pieces_) {
        pieces = pieces_;
    }

    function sell(uint256 id, uint96 price, address payee) external {
        require(pieces.ownerOf(id) == msg.sender, "owner");
        lots[id] = (uint256(price) << 160) | uint160(payee);
    }

    function buy(uint256 id) external payable {
        uint256 lot = lots[id];
        require(lot > 0 && msg.value == lot >> 160, "price");
        delete lots[id];
        pieces.transferFrom(pieces.ownerOf(id), msg.sender, id);
        payable(address(uint160(lot))).transfer(msg.value);
    }
}

/// The same as a list of lots.
contract Stall {
    struct Lot {
        Pieces pieces;
        uint64 id;
        address seller;
        uint96 price;
        address payee;
    }

    Lot[] private lots;

    function sell(Pieces pieces, uint64 id, uint96 price, address payee) external {
        require(pieces.ownerOf(id) == msg.sender, "owner");
        lots.push(Lot(pieces, id, msg.sender, price, payee));
    }

    function buy(uint256 place) external payable {
        Lot memory lot = lots[place];
        require(msg.value == lot.price && lot.price > 0, "price");
        delete lots[place];
        lot.pieces.transferFrom(lot.seller, msg.sender, lot.id);
        payable(lot.payee).transfer(msg.value);
    }
}

/// A purse whose owner is a constant of its code, with helpers who may pay.
contract Purse {
    Coin immutable coin;
    address immutable owner;
    mapping(address => bool) private helpers;
    mapping(bytes32 => uint256) private goals;

    constructor(Coin coin_, address owner_) {
        (coin, owner) = (coin_, owner_);
    }

    function help(address who) external {
        require(msg.sender == owner, "owner");
        helpers[who] = true;
    }

    /// How much is to be saved, by a name.
    function aim(bytes32 name, uint256 amount) external {
        require(msg.sender == owner, "owner");
        goals[name] = amount;
    }

    function pay(address to, uint256 amount) external {
        require(msg.sender == owner || helpers[msg.sender], "helper");
        coin.transfer(to, amount);
    }
}

/// The same, with helpers in the first twenty bytes of a key, and how much each may pay.
contract Fob {
    Coin immutable coin;
    address immutable owner;
    mapping(bytes20 => uint96) private limits;
    mapping(bytes20 => uint256) private goals;

    constructor(Coin coin_, address owner_) {
        (coin, owner) = (coin_, owner_);
    }

    function help(bytes32 key) external {
        require(msg.sender == owner, "owner");
        limits[bytes20(key)] = uint96(uint256(key));
    }

    /// How much is to be saved, by a name.
    function aim(bytes20 name, uint256 amount) external {
        require(msg.sender == owner, "owner");
        goals[name] = amount;
    }

    function pay(address to, uint256 amount) external {
        if (msg.sender != owner) limits[bytes20(msg.sender)] -= uint96(amount);
        coin.transfer(to, amount);
    }
}
