import { finding, nameOf, type Rule } from '../Rule.ts'

/** Nothing moves, and a contract with something in reach writes a word about the user that nothing explains. */
export const rule: Rule = {
  name: 'unexplained-record',
  remediation: 'Do not sign it unless you know what this record decides.',
  about:
    'Nothing of yours moves, and a contract that holds coins or tokens, or may take yours, changes a record under your account whose meaning no getter and no event tells.',
  levels: 'warn when an agent proposed it; else info',
  check(context) {
    const { keptForYou, unexplained, reach, request, authorityChanges } = context
    // A power that is told by name says more.
    const told = new Set(authorityChanges.map(({ contract }) => contract))
    // What falls is judged as a loss, and what grows beside it is where it went.
    const fallen = new Set(keptForYou.filter(({ before, after }) => after < before).map(({ contract }) => contract))
    const grown = keptForYou.filter(({ meaning, contract }) => meaning === null && !fallen.has(contract))
    const records = [...unexplained, ...grown]
    const contracts = [...new Set(records.map(({ contract }) => contract))].filter(
      (contract) => reach.has(contract.toLowerCase()) && !told.has(contract),
    )
    return contracts.map((contract) =>
      finding(
        'unexplained-record',
        request.isAgentProposed === true ? 'warn' : 'info',
        'A record of yours changes, and nothing says why',
        `${nameOf(context, contract)} has coins or tokens in reach and changes what it has written down about you. Nothing moves now; what the record allows later is not known.`,
        {
          subject: contract,
          evidence: { slots: records.filter((each) => each.contract === contract).map(({ slot }) => slot) },
        },
      ),
    )
  },
}
