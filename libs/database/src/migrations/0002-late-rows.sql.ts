/**
 * The rows a resource's pointer names, for a statement whose plan is older than the partition that holds them.
 *
 * A plan lists the partitions there were when it was made, and PostgreSQL goes on using it in a transaction that holds its locks
 * (prepared statements, PL/pgSQL), while every new snapshot of READ COMMITTED sees where the pointer is now. The reader view falls back
 * to this function when its own plan has nothing for the pointer. Readers cannot call it by name: they have no right on the schema.
 */
export const lateRows = /* sql */ `
CREATE FUNCTION freshet.late_rows(of_dataset text, of_resource text, parent text, columns text[]) RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  rows_from bigint;
  source regclass;
BEGIN
  SELECT p.generation INTO rows_from FROM freshet.pointer p WHERE p.dataset = of_dataset AND p.resource = of_resource;
  source := to_regclass(format('freshet_data.%I', parent || '@' || rows_from));
  IF source IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE format('SELECT %s FROM %s', (SELECT string_agg(quote_ident(c), ', ' ORDER BY n) FROM unnest(columns) WITH ORDINALITY AS u (c, n)), source);
END
$$;
-- Functions of a view run with the rights of whoever reads it.
GRANT EXECUTE ON FUNCTION freshet.late_rows(text, text, text, text[]) TO PUBLIC;
`;
