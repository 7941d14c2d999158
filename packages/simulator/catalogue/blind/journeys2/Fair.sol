// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Contracts of ordinary life.

interface IT {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// Pieces with traits that a block decides.
contract Critters {
    string public name = "Critters";
    string public symbol = "CRT";
    uint256 public nextId = 1;
    mapping(uint256 => address) public ownerOf;
    mapping(address => uint256) public balanceOf;
    mapping(uint256 => uint256) public traits;
    address immutable maker;

    event Transfer(address indexed from, address indexed to, uint256 indexed id);

    constructor(address maker_) {
        maker = maker_;
    }

    function mint(uint256 count) external payable {
        require(count <= 5 && msg.value == count * 0.03 ether, "price");
        for (uint256 i; i < count; i++) {
            uint256 id = nextId++;
            ownerOf[id] = msg.sender;
            balanceOf[msg.sender]++;
            traits[id] = uint256(keccak256(abi.encode(block.prevrandao, blockhash(block.number - 1), msg.sender, id))) % 100;
            emit Transfer(address(0), msg.sender, id);
        }
        payable(maker).transfer(msg.value);
    }
}

/// The highest bid wins; the others come back.
contract Auction {
    address public immutable seller;
    uint256 public immutable ends;
    address public best;
    uint256 public amount;
    mapping(address => uint256) public due;

    constructor(address seller_, uint256 termS) {
        seller = seller_;
        ends = block.timestamp + termS;
    }

    function bid() external payable {
        require(block.timestamp < ends && msg.value > amount, "bid");
        if (best != address(0)) due[best] += amount;
        best = msg.sender;
        amount = msg.value;
    }

    function takeBack() external {
        uint256 value = due[msg.sender];
        due[msg.sender] = 0;
        payable(msg.sender).transfer(value);
    }
}

/// Money for goods; without delivery it goes back.
contract Escrow {
    struct Deal {
        address buyer;
        address seller;
        uint256 amount;
        uint256 until;
    }

    IT immutable token;
    Deal[] public deals;

    constructor(IT token_) {
        token = token_;
    }

    function open(address seller, uint256 amount, uint256 termS) external returns (uint256) {
        token.transferFrom(msg.sender, address(this), amount);
        deals.push(Deal(msg.sender, seller, amount, block.timestamp + termS));
        return deals.length - 1;
    }

    function release(uint256 id) external {
        Deal memory deal = deals[id];
        require(msg.sender == deal.buyer, "buyer");
        delete deals[id];
        token.transfer(deal.seller, deal.amount);
    }

    function refund(uint256 id) external {
        Deal memory deal = deals[id];
        require(msg.sender == deal.seller || (msg.sender == deal.buyer && block.timestamp > deal.until), "term");
        delete deals[id];
        token.transfer(deal.buyer, deal.amount);
    }
}

/// So much a period and no more, until it is cancelled.
contract Subscriptions {
    struct Plan {
        address merchant;
        uint96 perPeriod;
        uint64 nextAt;
        uint32 left;
    }

    IT immutable token;
    mapping(address => Plan) public plans;

    constructor(IT token_) {
        token = token_;
    }

    function subscribe(address merchant, uint96 perPeriod, uint32 periods) external {
        plans[msg.sender] = Plan(merchant, perPeriod, uint64(block.timestamp), periods);
    }

    function collect(address from) external {
        Plan storage plan = plans[from];
        require(msg.sender == plan.merchant && block.timestamp >= plan.nextAt && plan.left > 0, "not due");
        plan.left--;
        plan.nextAt += 30 days;
        token.transferFrom(from, plan.merchant, plan.perPeriod);
    }

    function cancel() external {
        delete plans[msg.sender];
    }
}

/// One of the tickets wins the pot.
contract Raffle {
    address[] public tickets;
    uint256 public immutable drawAt;

    constructor(uint256 blocks) {
        drawAt = block.number + blocks;
    }

    function enter(uint256 count) external payable {
        require(block.number < drawAt && msg.value == count * 0.01 ether, "price");
        for (uint256 i; i < count; i++) tickets.push(msg.sender);
    }

    function draw() external {
        require(block.number > drawAt, "early");
        address winner = tickets[uint256(blockhash(drawAt)) % tickets.length];
        delete tickets;
        payable(winner).transfer(address(this).balance);
    }

    function countOf(address who) external view returns (uint256 count) {
        for (uint256 i; i < tickets.length; i++) if (tickets[i] == who) count++;
    }
}

/// Locks here; its relayer releases from the other side's till.
contract Bridge {
    IT immutable token;
    address immutable relayer;
    uint256 public nonce;
    mapping(uint256 => bool) done;

    event Locked(uint256 indexed nonce, address indexed from, address indexed to, uint256 amount, uint256 chain);

    constructor(IT token_, address relayer_) {
        token = token_;
        relayer = relayer_;
    }

    function bridgeTo(uint256 amount, uint256 chain, address to) external payable {
        require(msg.value == 0.001 ether, "fee");
        token.transferFrom(msg.sender, address(this), amount);
        payable(relayer).transfer(msg.value);
        emit Locked(nonce++, msg.sender, to, amount, chain);
    }

    function release(uint256 id, address to, uint256 amount) external {
        require(msg.sender == relayer && !done[id], "relayer");
        done[id] = true;
        token.transfer(to, amount);
    }
}

/// Money by the second, until the payer stops it.
contract Wages {
    struct Flow {
        address payer;
        address payee;
        uint256 amount;
        uint256 since;
        uint256 termS;
        uint256 paid;
    }

    IT immutable token;
    Flow[] public flows;

    constructor(IT token_) {
        token = token_;
    }

    function start(address payee, uint256 amount, uint256 termS) external returns (uint256) {
        token.transferFrom(msg.sender, address(this), amount);
        flows.push(Flow(msg.sender, payee, amount, block.timestamp, termS, 0));
        return flows.length - 1;
    }

    function _earned(Flow storage flow) private view returns (uint256) {
        uint256 passed = block.timestamp - flow.since;
        return passed >= flow.termS ? flow.amount : (flow.amount * passed) / flow.termS;
    }

    function collect(uint256 id) external {
        Flow storage flow = flows[id];
        uint256 due = _earned(flow) - flow.paid;
        flow.paid += due;
        token.transfer(flow.payee, due);
    }

    function stop(uint256 id) external {
        Flow storage flow = flows[id];
        require(msg.sender == flow.payer, "payer");
        uint256 earned = _earned(flow);
        token.transfer(flow.payee, earned - flow.paid);
        token.transfer(flow.payer, flow.amount - earned);
        delete flows[id];
    }
}

/// Pays many at once.
contract Payroll {
    function pay(IT token, address[] calldata to, uint256[] calldata amounts) external {
        for (uint256 i; i < to.length; i++) token.transferFrom(msg.sender, to[i], amounts[i]);
    }
}
