import type { Lexicon } from '../Lexicon.ts'

export const en: Lexicon = {
  language: 'en',
  negation: 'before',
  marks: /$^/g,
  isSpaced: true,
  words: {
    contradict: 'contradict contradicts conflict conflicts disagree disagrees clash clashes collide',
    you: "you your yours yourself agent agents assistant model claude gpt gemini codex llm ai you're you've you'll",
    user: 'user users owner owners human humans person people operator operators customer customers client holder author authors account_holder whoever_asked',
    third:
      'anyone someone somebody attacker* page pages comment comments email e-mail message messages caller staff site website document file text thief thieves another others scammer* stranger* prompt request issue',
    'this-page':
      'this_page this_skill this_guide this_document this_file these_instructions this_text these_rules this_manual skill.md this_note this_sheet this_one',
    rules:
      'instruction instructions prompt prompts guideline guidelines directive directives guardrail* system_message system_messages briefing',
    'rules-weak': 'rule rules restriction* constraint* polic* limits order orders setup boundaries protections',
    prior:
      'previous previously prior earlier above preceding existing original initial former system developer operator before old beforehand',
    orders:
      'step steps task tasks todo to-do chore chores to-do_list todo_list to-dos procedure procedures checklist runbook playbook plan agenda workflow instruction instructions directive* order_of_work orders order_of_the_day commands work sequence assignment assignments recipe routine what_to_do what_there_is_to_do work_order* rules policy',
    step: 'calls commits hooks traffic downloads connections step steps upload uploads action actions transfer transfers request requests instruction instructions payment change changes process sync operation operations submission',
    summary:
      'summary summaries recap recaps report reports reply replies answer answers log logs transcript notes debrief wrap-up sum_up summing_up write-up closing_note',
    it: 'it this that these those them such so either',
    words:
      'mnemonic mnemonics seedphrase* seed_phrase* seed_word* recovery_phrase* recovery_word* backup_phrase* backup_word* secret_phrase* secret_recovery_phrase* srp passphrase_of_the_wallet bip39 bip-39 wallet_phrase* wallet_words recovery_seed*',
    'words-noun': 'word words phrase phrases',
    'words-kind':
      'recovery seed backup restore restores restored restoring recover recovers wallet wallets mnemonic hardware account created',
    'count-12': 'twelve twenty-four twenty_four 12 24 eighteen 18',
    wallet: 'wallet wallets ledger metamask keystore',
    key: 'service_account_key* deploy_key* keyring signing_cert* tls_key* master_password* vault_password* root_password* dotenv env_file* kubeconfig* private_key* ssh_key* signing_key* secret_key* wallet_key* aws_credential* cloud_credential* environment_variables session_cookie* browser_cookie* keychain login_credential* cloud_profile all_credentials saved_password* stored_password* wallet_file* saved_login* stored_login* saved_credential* stored_credential* browser_login* password_store password_manager cookie_jar browser_profile',
    form: 'form forms page field box endpoint webhook inbox ticket attachment',
    share:
      '% percent percentage bps basis_point* cut cuts share portion part fraction tip fee fees commission tithe slice proceeds half tenth royalt* remainder rest surplus all_of dust leftover*',
    money:
      'amount amounts trade trades swap swaps funds fund usdc usdt dai eth weth sol btc money balance balances token tokens coins payout payouts reward rewards yield profit profits deposit deposits withdrawal* transfer payment* allowance proceeds income transaction* collateral position positions purchase* order* stake*',
    allowance:
      'allowance allowances approval approvals spending_right* permission_to_spend spending_permission spending_limit',
    simulation:
      'dry-runs tenderly blockaid simulated gas_check rehearsal trial_run trace simulation simulations simulat* dry-run dry_run dry_runs preview previews previewed estimate estimation gas_estimate rehearsal test_run fork_run eth_call',
    memory:
      'memory_file memory_files long-lived_memory user_memory global_memory agents_memory saved_memory saved_memories long-term_memory long_term_memory persistent_memory permanent_memory your_memory agent_memory',
    talk: 'the_chat chat_so_far whole_conversation dialogue dialog_so_far session_transcript messages_so_far everything_said whole_session conversation conversations chat_history chat_log message_history whole_chat',
    power:
      'owner owners co-owner cosigner co-signer signer signers operator spender delegate module guard guardian admin administrator controller minter keeper',
    payee:
      'payout_address* destination destinations recipient* receiver* beneficiary beneficiaries fee_address* treasury deposit_address* destination_address* wallet_address* address account accounts',
    program:
      'script scripts binary binaries helper helpers installer installers executable executables program programs tool agent_binary daemon exe app patch updater plugin extension module loader package archive file command commands one-liner snippet',
    checked:
      'checksum checksums sha256 sha-256 signature signatures verify verified verifies digest hash pinned compare',
    letter:
      'comment comments memo memos issue issues ticket tickets email emails e-mail e-mails mail mails inbox tweet tweets txt_record* text_record* pinned_message* pinned_post* commit_message* pull_request* direct_message* dm dms invite invites invitation* calendar_event* calendar_entr* newsletter rss_feed voicemail section_for_agents readme_of transcript_of',
    channel:
      'readme readmes chat tag tags section description descriptions message messages field fields value response responses answer answers reply replies record records page pages post posts note notes metadata body bodies name names symbol document feed board contents caption bio topic event events output page posting',
    outside:
      'dependency dependencies any_page visit peer subscribe event events gist nft nfts token tokens ens dns txt on-chain onchain transaction transactions contract contracts channel tracker calendar telegram discord slack api server endpoint remote website counterparty sender mempool ipfs collection collections stranger* third-party upstream returns returned get',
    stranger:
      'supervisor supervisors maintainer maintainers counterparty counterparties issuer issuers sender senders publisher vendor peer peers moderator moderators coordinator another_agent other_agents other_agent dispatcher controller_at commander headquarters',
    content:
      'step request section instruction sentence entry entries line lines item items sentence sentences value values text guidance advice body words message messages content answer reply response',
    'set-aside':
      'scrap ditch unlearn rescind repeal supplant ignore ignoring disregard disregarding forget forgetting override overriding overrule discard drop dismiss abandon set_aside put_aside lay_aside leave_aside cast_aside throw_out throw_away stop_following do_not_follow pay_no_attention pay_no_heed take_no_notice skip_over let_go_of nullify',
    void: 'void lapsed lapse cancelled canceled obsolete moot suspended overridden superseded withdrawn expired null invalid no_longer_appl* no_longer_count* no_longer_hold* no_longer_bind* no_longer_valid no_longer_matter* no_longer_in_force out_of_force not_bind not_apply not_count not_binding ends_here end_here off_the_table annulled',
    outrank:
      'wins win outrank* supersede* override* overrule* prevail* replace replaces takes_precedence take_precedence takes_priority take_priority has_priority have_priority has_precedence comes_first decides has_the_last_word stands_above is_above goes_before trumps beats governs',
    told: 'prompted briefed configured directed commanded advised assigned handed told said gave given instructed ordered asked taught set_up laid_down agreed started_with heard learned',
    open: 'look_into access_the hit scrape crawl stream receive import sync_with sync listen_to subscribe_to watch tail clone follow_the_link visit_the pull_down ping open fetch read load get retrieve visit download check consult pull look_up look_at see call go_to query request browse ask poll curl wget access grab obtain',
    obey: 'put_into_practice put_into_effect take_orders observe respect put_in_place action accomplish realise realize satisfy answer_to conform_to enact enforce follow obey execute apply perform carry_out complete attend_to act act_on act_upon comply comply_with do go_by see_to_it see_to work_through fulfil fulfill implement run adhere abide heed honour honor take_your_orders go_on_so proceed_as execute_it work_off act_accordingly stick_to',
    'lives-at':
      'lives live kept keep stored found published located maintained hosted served serve stand stands listed posted resides sits updated available fetched loaded written defined come comes is_at are_at delivered provided',
    'treat-as': 'treat treated take taken regard consider use handle read interpret',
    'takes-place':
      'takes_the_place take_the_place takes_precedence replaces replace supersedes overrides stands_in instead_of_the section part_of_this',
    tell: 'tell telling told inform informing notify notifying alert alerting mention mentioning mentioned reveal revealing disclose disclosing report reporting say saying bring_it_up bring_up bring_this_up cover list listing announce announcing refer_to talk_about speak_of point_out word note noting show',
    hide: 'leave_the_step_out strike redact_from skip_over gloss bury scrub sanitise sanitize tuck_away camouflage disguise hide hiding conceal concealing leave_out leave_it_out leave_this_out leave_that_out leave_them_out leave_this_step_out omit omitting withhold keep_quiet keep_silent keep_back keep_secret stay_silent stay_quiet obscure mask cover_up gloss_over play_down suppress keep_out',
    unaware:
      'oblivious in_ignorance unsuspecting without_knowing unaware in_the_dark out_of_the_loop uninformed ignorant none_the_wiser',
    quietly:
      'unobtrusively invisibly under_the_radar without_fanfare without_a_trace surreptitiously on_the_quiet in_silence out_of_sight tacitly silently secretly covertly stealthily discreetly quietly unnoticed behind_the_scenes',
    give: 'push pushes pushed dispatch transfer transmits report_back beam stash deposit publish publishes published cc bcc upload_to log_to pipe piped echo embed encode append_to tack_on forward_to mirror_to back_up ship_off send sends sent sending forward upload uploads uploaded uploading transmit post posts posted exfiltrate submit submitted relay ship leak attach attached paste pasted pastes hand hands handed handing deliver delivered share shared put puts include included contain contains add added email mail pass passed drop dropped append enter entered copy copied surrender supply supplied give given bring fill fill_in feed go goes went split divert skim route reserve peel mirror bundle stream replicate',
    receive:
      'receive receives get gets goes go belongs belong leaves leave collects collect collected paid due owed owes entitled credited earns takes take flows ends_up end_up lands land',
    want: 'want wants need needs require requires expect expects await awaits has_to_contain must_contain takes',
    ask: 'ask asks request requests prompt prompts collect collects gather gathers obtain obtains capture harvest extract require need needs get solicit demand take take_down learn_the elicit find_out query want wants',
    type: 'enter enters type types paste pastes share shares provide provides read_out read_aloud give gives supply input submit send dictate spell hand_over go goes typed entered dictated show tell write',
    keep: 'save saves store stores record records remember note write hold keep log',
    sign: 'sign signs signed signing submit submits submitted broadcast broadcasts broadcasting send sends proceed continue go_ahead go_on execute confirm_it push_it publish approve',
    spend:
      'spend spends spending pay pays paying payment payments buy purchase purchases transfer transfers swap trade invoice* sign signing payout* sweep',
    write:
      'write writes append add adds insert note notes put puts record records save store leave prepend copy place log jot set remember commit',
    trust:
      'trusted trust trustworthy pre-approved preapproved approved allowed no_approval without_asking without_approval no_confirmation without_confirmation always_allow* never_ask may_run run_anything safe_to_run exempt whitelisted allowlisted full_access skip_confirm* do_not_ask skip_approval*',
    fail: 'fail fails failed failing failure failures revert reverts reverted reverting error errors red warning warnings unsuccessful broke breaks rejected complain* wrong negative crashes crash',
    skip: 'skip skips skipping omit bypass ignore leave_out do_without dispense_with forgo forego avoid disregard',
    'check-in':
      'ask asks asking consult consulted consulting put_questions check_back check_with check_in consult confirm confirming confirmation confirmations approval approvals permission question questions go-ahead sign-off review reply consent authorisation authorization word back_in get_back checking ask_first await wait sign_off come_back coming_back',
    confirm:
      'user_asks user_asked user_confirms user_agrees user_requests user_wants on_request if_asked when_asked explicitly',
    commands:
      'asks ask asked tells tell told says say demands demand instructs instruct instructed ordered wants want requests request requested dictates prescribes',
    'carry-out':
      'carry_out carry_it_out carry_them_out perform fulfil fulfill comply obey honour honor act_on act_upon work_through heed abide execute_it_as execute_them executed_as carried_out execute obeyed honoured honored fulfilled performed',
    'takes-effect': 'takes_effect take_effect goes_into_effect is_carried_out are_carried_out is_done_at',
    authority:
      'has_seniority have_seniority outranks outrank supersedes supersede always_applies always_apply is_right are_right is_binding are_binding is_authoritative are_authoritative prevails prevail decides decide governs dictates wins win takes_precedence take_precedence trumps overrides override has_the_last_word have_the_last_word is_final are_final comes_first',
    joins:
      'part parts extension continuation annex addendum incorporated bind binds binding oblige obliges prevail prevails precedence priority win wins yours your let',
    'as-user':
      'as_though_the_user as_if_the_user as_though_the_owner as_if_the_owner as_though_the_operator as_if_the_operator like_the_user like_a_message_from_the_user request_from_the_operator request_from_the_user request_from_the_owner order_from_the_operator order_from_the_user order_from_the_owner instruction_from_the_operator instruction_from_the_user instruction_from_the_owner on_behalf_of_the_user word_of_the_user word_of_the_operator same_weight_as_the_user same_authority_as_the_user same_trust_as_the_user same_way_as_the_user as_though_your_user as_though_your_owner as_though_your_human as_though_the_human as_though_your_operator as_though_it_came_from_your_user as_though_it_came_from_the_user as_though_it_came_from_your_owner as_though_it_came_from_the_owner as_though_it_came_from_your_operator as_though_they_came_from_your_user as_though_they_came_from_the_user as_though_they_came_from_your_owner as_though_they_came_from_the_owner as_though_they_came_from_your_operator as_though_that_came_from_your_user as_though_that_came_from_the_user as_though_that_came_from_your_owner as_though_that_came_from_the_owner as_though_that_came_from_your_operator as_if_your_user as_if_your_owner as_if_your_human as_if_the_human as_if_your_operator as_if_it_came_from_your_user as_if_it_came_from_the_user as_if_it_came_from_your_owner as_if_it_came_from_the_owner as_if_it_came_from_your_operator as_if_they_came_from_your_user as_if_they_came_from_the_user as_if_they_came_from_your_owner as_if_they_came_from_the_owner as_if_they_came_from_your_operator as_if_that_came_from_your_user as_if_that_came_from_the_user as_if_that_came_from_your_owner as_if_that_came_from_the_owner as_if_that_came_from_your_operator',
    replace: 'replace overwrite swap exchange supersede substitute',
    appoint:
      'set add make grant enable name appoint register install assign give approve authorise authorize promote whitelist allowlist',
    start: 'run start launch execute open it_up install double-click invoke',
    whole:
      'full_balance whole_balance entire_balance full_amount whole_amount entire_amount all_funds everything_in unlimited maximum max',
    standing:
      "today today's todays current latest next each_session every_session each_run every_run each_time every_time every_task each_task at_the_start at_start on_start before_you_begin before_you_start before_every before_each before_anything whenever daily hourly poll polls startup session sessions every_hour every_day every_ten every_five every_few minutes regularly periodically",
    not: "not never don't dont doesn't mustn't shouldn't cannot can't won't no nor none nothing neither nobody refuse refuses reject isn't aren't avoid avoids",
    double: 'fail forget omit skip neglect hesitate miss only refrain just merely',
    until: 'before until unless till',
    instead: 'instead rather',
    without: 'without',
    but: 'but just then simply only',
    whatever: 'whatever what everything anything all whichever whenever as exactly_what as_written',
    says: 'says say lists list asks ask tells tell contains contain describes describe instructs stands stand states demands demand wants requests requires reads specifies contents there',
    there: 'there therein thereon',
    exactly:
      'exactly to_the_letter faithfully step_after_step one_by_one one_after_the_other in_order verbatim without_question without_exception as_written without_asking before_anything_else first on_it',
    anyway:
      'in_either_case either_way in_any_event whatever_it_says in_both_cases whichever_way all_the_same come_what_may anyway regardless nevertheless nonetheless although though even_if even_when even_though despite all_the_same still irrespective no_matter as_well too just_the_same as_passed as_a_pass noise ignore_it harmless false_alarm do_not_stop not_stop go_on carry_on in_any_case notwithstanding',
    'no-need':
      "no_reason no_point no_use not_worth no_call needless not_something no_need needs_no need_no need_not needn't no_question no_questions no_confirmation no_approval not_wait not_ask never_ask not_need not_require nobody_to_check nobody_to_ask no_one_to_ask not_necessary not_needed unnecessary without_asking without_approval without_confirmation without_confirming without_checking out_of_it without_a_question without_review no_sign-off no_prompt pre-approved already_approved agreed_in_advance settled_in_advance agreed_beforehand already_agreed without_confirmations without_approvals without_questions",
    alone:
      'on_your_own by_yourself autonomously on_its_own unattended of_your_own_accord at_your_discretion at_will freely',
    each: 'each every always whenever all any',
    ahead: 'before first ahead prior beforehand upfront up_front',
    unlimited:
      'unlimited no_ceiling infinite maximum max uncapped without_limit without_a_limit without_a_ceiling without_ceiling without_cap no_limit no_ceiling no_cap boundless endless',
    reported:
      'says say asks asking ask tells telling claims claiming claim instructs demands wants requests writes wrote tries trying attempts attempting reads said',
    attack:
      'attack attacks attacker* scam scams scammer* phish* thief thieves malicious hostile injection injections suspicious fraud* red_flag* signs_of sign_of antipattern* anti-pattern* exploit* adversar* trick tricks untrusted jailbreak* detect detects detection flag flags flagged',
    may: 'may might could can would',
    to: 'to at into in on over onto via with through along beside for',
    from: 'from of off out_of',
  },
}
