drop table guard_rules;
