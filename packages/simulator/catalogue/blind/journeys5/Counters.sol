// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Where people pay, trade, lend and put by.

interface Coin {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function approve(address spender, uint256 amount) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}

/// A till for shops. An order is packed: shop, amount, who collects the tip, the tip in hundredths of a per cent.
contract Checkout {
    event Paid(bytes32 indexed order, address indexed shop, uint256 amount);

    error Malformed();

    Coin immutable coin;

    constructor(Coin coin_) {
        coin = coin_;
    }

    function pay(bytes calldata order) external {
        if (order.length != 50) revert Malformed();
        address shop = address(bytes20(order[0:20]));
        uint256 amount = uint64(bytes8(order[20:28]));
        uint256 tip = (amount * uint16(bytes2(order[48:50]))) / 10_000;
        coin.transferFrom(msg.sender, shop, amount - tip);
        if (tip > 0) coin.transferFrom(msg.sender, address(bytes20(order[28:48])), tip);
        emit Paid(keccak256(order), shop, amount);
    }
}

/// Ether at work for a price: who writes a call gives ether, who holds it may take the ether for the strike.
contract CoveredCalls {
    struct Option {
        address writer;
        uint64 until;
        address holder;
        uint128 amount;
        uint128 strike;
        uint128 premium;
    }

    error NotNow();

    Coin immutable coin;
    Coin immutable wrapped;
    Option[] public options;

    constructor(Coin coin_, Coin wrapped_) {
        (coin, wrapped) = (coin_, wrapped_);
    }

    /// The strike and the premium are in dollars of six decimals, the strike for one ether.
    function write(uint128 amount, uint128 strike, uint128 premium, uint64 until) external returns (uint256) {
        wrapped.transferFrom(msg.sender, address(this), amount);
        options.push(Option(msg.sender, until, address(0), amount, strike, premium));
        return options.length - 1;
    }

    function buy(uint256 id) external {
        Option storage o = options[id];
        if (o.holder != address(0) || block.timestamp >= o.until) revert NotNow();
        o.holder = msg.sender;
        coin.transferFrom(msg.sender, o.writer, o.premium);
    }

    function exercise(uint256 id) external {
        Option memory o = options[id];
        if (o.holder != msg.sender || block.timestamp >= o.until) revert NotNow();
        delete options[id];
        coin.transferFrom(msg.sender, o.writer, (uint256(o.amount) * o.strike) / 1e18);
        wrapped.transfer(msg.sender, o.amount);
    }

    function reclaim(uint256 id) external {
        Option memory o = options[id];
        if (o.writer != msg.sender || (o.holder != address(0) && block.timestamp < o.until)) revert NotNow();
        delete options[id];
        wrapped.transfer(msg.sender, o.amount);
    }
}

/// Dollars lent against ether, offer by offer. A lender may have asked to be able to call the loan.
contract TermLoans {
    struct Offer {
        address lender;
        uint64 termS;
        bool atCall;
        uint16 rateBps;
        uint96 amount;
        uint128 pledge;
        address borrower;
        uint64 due;
    }

    error NotNow();

    Coin immutable coin;
    Coin immutable wrapped;
    Offer[] public offers;

    constructor(Coin coin_, Coin wrapped_) {
        (coin, wrapped) = (coin_, wrapped_);
    }

    function offer(uint96 amount, uint128 pledge, uint64 termS, uint16 rateBps, bool atCall) external {
        coin.transferFrom(msg.sender, address(this), amount);
        offers.push(Offer(msg.sender, termS, atCall, rateBps, amount, pledge, address(0), 0));
    }

    function borrow(uint256 id) external {
        Offer storage o = offers[id];
        if (o.borrower != address(0)) revert NotNow();
        o.borrower = msg.sender;
        o.due = uint64(block.timestamp) + o.termS;
        wrapped.transferFrom(msg.sender, address(this), o.pledge);
        coin.transfer(msg.sender, o.amount);
    }

    function repay(uint256 id) external {
        Offer memory o = offers[id];
        if (o.borrower != msg.sender) revert NotNow();
        delete offers[id];
        coin.transferFrom(msg.sender, o.lender, o.amount + (uint256(o.amount) * o.rateBps) / 10_000);
        wrapped.transfer(msg.sender, o.pledge);
    }

    function seize(uint256 id) external {
        Offer memory o = offers[id];
        if (o.lender != msg.sender || o.borrower == address(0)) revert NotNow();
        if (!o.atCall && block.timestamp <= o.due) revert NotNow();
        delete offers[id];
        wrapped.transfer(o.lender, o.pledge);
    }
}

/// Deposits of verified people.
contract ReserveAccount {
    event Deposited(address indexed who, uint256 amount);

    error NotVerified();
    error NotOffice();

    Coin immutable coin;
    address immutable office;
    mapping(address => uint256) public balanceOf;
    mapping(address => bool) public isVerified;

    constructor(Coin coin_, address office_) {
        (coin, office) = (coin_, office_);
    }

    function deposit(uint256 amount) external {
        coin.transferFrom(msg.sender, address(this), amount);
        balanceOf[msg.sender] += amount;
        emit Deposited(msg.sender, amount);
    }

    function withdraw(uint256 amount) external {
        if (!isVerified[msg.sender]) revert NotVerified();
        balanceOf[msg.sender] -= amount;
        coin.transfer(msg.sender, amount);
    }

    function verify(address who) external {
        if (msg.sender != office) revert NotOffice();
        isVerified[who] = true;
    }

    function migrate(address to) external {
        if (msg.sender != office) revert NotOffice();
        coin.transfer(to, coin.balanceOf(address(this)));
    }
}

/// Points of a season, for a fee that keeps robots away.
contract SeasonPoints {
    event Transfer(address indexed from, address indexed to, uint256 amount);

    error WrongFee();
    error SeasonNotOver();

    string public constant name = "Season Points";
    string public constant symbol = "SPT";
    uint8 public constant decimals = 18;
    address payable immutable treasury;
    uint256 public constant fee = 0.2 ether;
    uint256 public seasonEnds = type(uint256).max;
    mapping(address => uint256) public balanceOf;

    constructor(address payable treasury_) {
        treasury = treasury_;
    }

    function claim() external payable {
        if (msg.value != fee) revert WrongFee();
        treasury.transfer(msg.value);
        balanceOf[msg.sender] += 5_000 ether;
        emit Transfer(address(0), msg.sender, 5_000 ether);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        if (block.timestamp < seasonEnds) revert SeasonNotOver();
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }
}

/// Ether on its way to another chain. The carrier is paid for gas, at the price of the deposit's own.
contract CarrierDepot {
    event Booked(address indexed who, uint256 amount);

    address payable immutable carrier;
    uint256 public immutable carryGas;
    mapping(address => uint256) public booked;

    constructor(address payable carrier_, uint256 carryGas_) {
        (carrier, carryGas) = (carrier_, carryGas_);
    }

    function deposit() external payable {
        uint256 cost = tx.gasprice * carryGas;
        if (cost > msg.value) cost = msg.value;
        carrier.transfer(cost);
        booked[msg.sender] += msg.value - cost;
        emit Booked(msg.sender, msg.value - cost);
    }

    function withdraw() external {
        uint256 amount = booked[msg.sender];
        booked[msg.sender] = 0;
        payable(msg.sender).transfer(amount);
    }
}

/// A pool with a fee for whoever comes in.
contract EntryPool {
    error NotKeeper();

    Coin immutable coin;
    address public immutable keeper;
    uint256 public entryFeeBps = 10;
    mapping(address => uint256) public balanceOf;

    constructor(Coin coin_, address keeper_) {
        (coin, keeper) = (coin_, keeper_);
    }

    function setEntryFee(uint256 bps) external {
        if (msg.sender != keeper || bps > 10_000) revert NotKeeper();
        entryFeeBps = bps;
    }

    function deposit(uint256 amount) external {
        uint256 fee = (amount * entryFeeBps) / 10_000;
        coin.transferFrom(msg.sender, address(this), amount);
        balanceOf[msg.sender] += amount - fee;
        coin.transfer(keeper, fee);
    }

    function withdraw(uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        coin.transfer(msg.sender, amount);
    }
}

/// A sale of a new token. What comes after the end is taken as a donation to the team.
contract LaunchSale {
    event Contributed(address indexed who, uint256 amount);
    event Donated(address indexed who, uint256 amount);
    event Transfer(address indexed from, address indexed to, uint256 amount);

    string public constant name = "Launch";
    string public constant symbol = "LNCH";
    uint8 public constant decimals = 6;
    Coin immutable coin;
    address immutable team;
    uint256 public immutable ends;
    mapping(address => uint256) public balanceOf;

    constructor(Coin coin_, address team_, uint256 ends_) {
        (coin, team, ends) = (coin_, team_, ends_);
    }

    function contribute(uint256 amount) external {
        if (block.timestamp > ends) {
            coin.transferFrom(msg.sender, team, amount);
            emit Donated(msg.sender, amount);
            return;
        }
        coin.transferFrom(msg.sender, address(this), amount);
        balanceOf[msg.sender] += amount * 20;
        emit Contributed(msg.sender, amount);
        emit Transfer(address(0), msg.sender, amount * 20);
    }

    /// Until the team has opened the pool, everybody may go back.
    function giveBack() external {
        uint256 tokens = balanceOf[msg.sender];
        balanceOf[msg.sender] = 0;
        emit Transfer(msg.sender, address(0), tokens);
        coin.transfer(msg.sender, tokens / 20);
    }
}

/// A cellar with room for so much.
contract Cellar {
    error Full();

    Coin immutable coin;
    uint256 public room;
    mapping(address => uint256) public balanceOf;

    constructor(Coin coin_, uint256 room_) {
        (coin, room) = (coin_, room_);
    }

    function deposit(uint256 amount, address who) external {
        if (amount > room) revert Full();
        room -= amount;
        balanceOf[who] += amount;
        coin.transferFrom(msg.sender, address(this), amount);
    }

    function withdraw(uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        room += amount;
        coin.transfer(msg.sender, amount);
    }
}

/// Brings dollars into a cellar, and parks what does not get in.
contract Mover {
    event Moved(address indexed who, uint256 amount);
    event Parked(address indexed who, uint256 amount);

    Coin immutable coin;
    Cellar immutable cellar;
    address immutable keeper;

    constructor(Coin coin_, Cellar cellar_, address keeper_) {
        (coin, cellar, keeper) = (coin_, cellar_, keeper_);
    }

    function move(uint256 amount) external {
        coin.transferFrom(msg.sender, address(this), amount);
        coin.approve(address(cellar), amount);
        try cellar.deposit(amount, msg.sender) {
            emit Moved(msg.sender, amount);
        } catch {
            emit Parked(msg.sender, amount);
        }
    }

    function collect() external {
        require(msg.sender == keeper, "keeper");
        coin.transfer(keeper, coin.balanceOf(address(this)));
    }
}

/// Notes for dollars.
contract IncomeNotes {
    event Transfer(address indexed from, address indexed to, uint256 amount);

    string public constant name = "Income Notes";
    string public constant symbol = "NOTE";
    uint8 public constant decimals = 6;
    Coin immutable coin;
    address immutable desk;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;

    constructor(Coin coin_, address desk_) {
        (coin, desk) = (coin_, desk_);
    }

    function subscribe(uint256 amount) external {
        coin.transferFrom(msg.sender, address(this), amount);
        totalSupply += amount;
        balanceOf[msg.sender] += amount;
        emit Transfer(address(0), msg.sender, amount);
        _rebook(msg.sender, amount - amount / 100);
    }

    function _rebook(address who, uint256 amount) private {
        balanceOf[who] -= amount;
        balanceOf[desk] += amount;
    }

    function redeem(uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        totalSupply -= amount;
        emit Transfer(msg.sender, address(0), amount);
        coin.transfer(msg.sender, amount);
    }
}

/// People save together and lend to each other: a member may borrow up to four fifths of what the circle has.
contract SavingCircles {
    error NotMember();
    error TooMuch();

    Coin immutable coin;
    mapping(uint256 => mapping(address => bool)) public isMember;
    mapping(uint256 => mapping(address => uint256)) public saved;
    mapping(uint256 => mapping(address => uint256)) public owed;
    mapping(uint256 => uint256) public total;
    mapping(uint256 => uint256) public debt;

    constructor(Coin coin_) {
        coin = coin_;
    }

    function join(uint256 circle) external {
        isMember[circle][msg.sender] = true;
    }

    function save(uint256 circle, uint256 amount) external {
        if (!isMember[circle][msg.sender]) revert NotMember();
        coin.transferFrom(msg.sender, address(this), amount);
        saved[circle][msg.sender] += amount;
        total[circle] += amount;
    }

    function borrow(uint256 circle, uint256 amount) external {
        if (!isMember[circle][msg.sender]) revert NotMember();
        debt[circle] += amount;
        owed[circle][msg.sender] += amount;
        if (debt[circle] * 5 > total[circle] * 4) revert TooMuch();
        coin.transfer(msg.sender, amount);
    }

    function withdraw(uint256 circle, uint256 amount) external {
        saved[circle][msg.sender] -= amount;
        total[circle] -= amount;
        if (debt[circle] * 5 > total[circle] * 4) revert TooMuch();
        coin.transfer(msg.sender, amount);
    }
}

/// Accounts on an exchange. Actions are signed and brought by anybody.
contract ExchangeLedger {
    error WrongSignature();

    bytes32 constant ACTION = keccak256("Action(bytes payload,uint256 nonce)");
    bytes32 immutable domain;
    Coin immutable coin;
    mapping(address => uint256) public balanceOf;
    mapping(address => uint256) public nonces;

    constructor(Coin coin_) {
        coin = coin_;
        domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Exchange"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
    }

    function deposit(uint256 amount) external {
        coin.transferFrom(msg.sender, address(this), amount);
        balanceOf[msg.sender] += amount;
    }

    function submit(address who, bytes calldata payload, bytes32 r, bytes32 s, uint8 v) external {
        bytes32 action = keccak256(abi.encode(ACTION, keccak256(payload), nonces[who]++));
        if (ecrecover(keccak256(abi.encodePacked(hex"1901", domain, action)), v, r, s) != who) revert WrongSignature();
        (uint8 kind, address to, uint256 amount) = abi.decode(payload, (uint8, address, uint256));
        balanceOf[who] -= amount;
        if (kind == 1) coin.transfer(to, amount);
        else balanceOf[to] += amount;
    }
}
