-- A row that is changed is found by the policy of reading; the one of writing looks at that row and is no second list for the
-- index: a Postgres before 17 tries every pair of the two, four million for a worker of two thousand sellers.
do $$
declare
    place record;
begin
    for place in select tablename, policyname, qual from pg_policies
        where schemaname = 'agentiq' and roles = '{agentiq_app}' and cmd in ('UPDATE', 'DELETE')
    loop
        execute format('alter policy %I on %I using (%s)', place.policyname, place.tablename,
            regexp_replace(place.qual, '\((seller_id|id) = ANY', '((\1 + 0) = ANY', 'g'));
    end loop;
end $$;
