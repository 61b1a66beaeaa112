do $$
declare
    place record;
begin
    for place in select tablename, policyname, qual from pg_policies
        where schemaname = 'agentiq' and roles = '{agentiq_app}' and cmd in ('UPDATE', 'DELETE')
    loop
        execute format('alter policy %I on %I using (%s)', place.policyname, place.tablename,
            regexp_replace(place.qual, '\(\((seller_id|id) \+ 0\) = ANY', '(\1 = ANY', 'g'));
    end loop;
end $$;
